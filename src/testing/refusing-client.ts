/**
 * For tests: calls with arguments that must be refused, at a server that nothing may reach.
 */
import { afterAll, beforeAll, expect } from "vitest";
import { type AtlasClient, AtlasRequestError } from "../index.js";
import { clientOf, type creation, type deletion, errorOf } from "./scripted-client.js";
import { reply, type ScriptedServer, startScriptedServer } from "./scripted-server.js";

let server: ScriptedServer;
let atlas: AtlasClient;
beforeAll(async () => {
  server = await startScriptedServer(() => reply(500));
  ({ atlas } = clientOf(server, { retry: false }));
});
afterAll(() => server.close());

/** TypeScript would refuse these arguments; JavaScript does not. */
export const create = (args: unknown) => atlas.createGroupServiceAccountSecret(args as typeof creation);
export const remove = (args: unknown) => atlas.deleteOrgServiceAccountSecret(args as typeof deletion);

/** The error of a call that was refused as it should be: in class, code and outcome, and before anything was sent. */
export async function refused(call: Promise<unknown>): Promise<AtlasRequestError> {
  const error = await errorOf(call, AtlasRequestError);
  expect(error).toMatchObject({ code: "ERR_ATLAS_REQUEST", outcome: "not-applied" });
  expect(error.message).toContain("The arguments break the contract: ");
  expect(error.violations.length).toBeGreaterThan(0);
  for (const { argument, expected, received } of error.violations) {
    const said = received === "" ? expected : `expected ${expected}, got ${received}`;
    expect(error.message).toContain(`${argument}: ${said}`);
  }
  expect(server.requests).toEqual([]);
  return error;
}

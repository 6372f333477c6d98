/**
 * What a caller's own `fetch` may do without spoiling a call.
 */
import { expect, it } from "vitest";
import { refusal, remove, start } from "../auth/testing/service-account-client.js";
import { AtlasApiError, AtlasResponseError } from "../index.js";
import type { AtlasRequest } from "../testing/atlas/start-atlas.js";
import { creation, deletion, errorOf, scripted, secret } from "../testing/scripted-client.js";
import { atlasError, reply } from "../testing/scripted-server.js";

/** Reads every body for a log, and hands on what is left. */
async function reading(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  await response.text();
  return response;
}

/** Masks, after the request has been made, what its log must not show. */
async function masking(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  Object.assign(init.headers ?? {}, { authorization: "[masked]", "x-logged": "yes" });
  return response;
}

it("changing the headers that it is given leaves the next attempt's as they are", async () => {
  const limited = atlasError(429, "RATE_LIMITED", { "retry-after": "0" });
  const { server, atlas } = await scripted([limited, reply(201, secret)], { fetch: masking });
  expect(await atlas.createGroupServiceAccountSecret(creation)).toEqual(secret);
  expect(server.requests.map(({ headers }) => [headers["authorization"], headers["x-logged"]])).toEqual([
    ["Bearer test-access-token", undefined],
    ["Bearer test-access-token", undefined],
  ]);
});

it("changing the headers of a token request leaves the next attempt's as they are", async () => {
  const tooMany = refusal({ status: 429, headers: { "retry-after": "0" } });
  const onToken = ({ nth }: AtlasRequest) => (nth === 1 ? tooMany : undefined);
  const { oauth, atlas } = await start({ onToken }, { fetch: masking });
  await remove(atlas);
  const [first, second] = oauth.tokenRequests;
  expect(first?.headers.authorization).toMatch(/^Basic /);
  expect(second?.headers.authorization).toBe(first?.headers.authorization);
});

it("may answer without a promise", async () => {
  // The types ask for one; JavaScript does not.
  const fetch = (() => Response.json(secret, { status: 201 })) as unknown as typeof globalThis.fetch;
  const { atlas } = await scripted([], { fetch });
  expect(await atlas.createGroupServiceAccountSecret(creation)).toEqual(secret);
});

it("having read a success, leaves it known to have taken effect", async () => {
  const { server, atlas } = await scripted([reply(201, secret)], { fetch: reading });
  const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasResponseError);
  expect(error).toMatchObject({ status: 201, outcome: "applied" });
  expect(server.count("POST")).toBe(1);
});

it("having read a refusal, leaves it a refusal", async () => {
  const { server, atlas } = await scripted([atlasError(403, "FORBIDDEN")], { fetch: reading });
  const error = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasApiError);
  expect(error).toMatchObject({ status: 403, outcome: "not-applied" });
  expect(server.count("DELETE")).toBe(1);
});

/**
 * What an operator reads where no answer came: what happened to the connection, by the code that the system gave.
 */
import { expect, it } from "vitest";
import { AtlasNetworkError } from "../index.js";
import { creation, errorOf, scripted } from "../testing/scripted-client.js";

/** What Node's fetch rejects with. */
const failed = (code?: string) =>
  new TypeError("fetch failed", { cause: Object.assign(new Error("no luck"), code === undefined ? {} : { code }) });

const unknown = "Whether the call took effect is unknown.";
const nothing = "Nothing was changed.";

it.each([
  ["a reset", failed("ECONNRESET"), `The connection failed before a response arrived (ECONNRESET). ${unknown}`],
  ["something without a code", failed(), `The connection failed before a response arrived. ${unknown}`],
  ["a refused connection", failed("ECONNREFUSED"), `No connection was made (ECONNREFUSED). ${nothing}`],
  ["a certificate", failed("CERT_HAS_EXPIRED"), `The server's certificate was refused (CERT_HAS_EXPIRED). ${nothing}`],
])("%s", async (_name, reason, said) => {
  const { atlas } = await scripted([], { fetch: () => Promise.reject(reason), retry: false });
  const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasNetworkError);
  expect(error.message).toBe(`POST /api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets: ${said}`);
});

it("a timeout, and it is told to a fetch that listens", async () => {
  const listening = (_url: string, { signal }: RequestInit) =>
    new Promise<Response>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  const { atlas } = await scripted([], { fetch: listening, retry: false, timeoutMs: 20 });
  const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasNetworkError);
  expect(error).toMatchObject({
    timedOut: true,
    cause: { name: "TimeoutError", message: "No response within 20 ms." },
  });
  expect(error.message).toContain(`No response within 20 ms. ${unknown}`);
});

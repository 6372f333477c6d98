/**
 * verifySecret: it signs in with the secret of any service account, and says why Atlas refuses it.
 */
import { describe, expect, it } from "vitest";
import { AtlasAuthError, AtlasRequestError, createAtlasClient } from "../index.js";
import { rejection } from "../testing/scripted-client.js";
import { credentials, NEXT_SECRET, refusal, remove, start } from "./testing/service-account-client.js";

const account = { clientId: credentials.clientId, clientSecret: NEXT_SECRET };
const basicOf = ({ clientId, clientSecret }: typeof account) =>
  `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;

describe("verifySecret", () => {
  it("signs in with the secret, and leaves the client's own token as it is", async () => {
    const { oauth, atlas } = await start();
    await remove(atlas);
    await atlas.verifySecret(account);
    await remove(atlas);
    expect(oauth.tokenRequests.map(({ headers }) => headers.authorization)).toEqual([
      basicOf(credentials),
      basicOf(account),
    ]);
    expect(new Set(oauth.calls.map(({ headers }) => headers.authorization)).size).toBe(1);
  });

  it("works whatever the client itself signs in with", async () => {
    const { oauth } = await start();
    const atlas = createAtlasClient({ credentials: { accessToken: "fake" }, baseUrl: oauth.url });
    await atlas.verifySecret(account);
    expect(oauth.tokenRequests).toHaveLength(1);
  });

  it("says why Atlas refuses it, and never the secret", async () => {
    const { atlas } = await start({ onToken: () => refusal({ status: 401, body: { error: "invalid_client" } }) });
    const error = await rejection(atlas.verifySecret(account));
    expect(error).toBeInstanceOf(AtlasAuthError);
    expect(error).toMatchObject({
      message: `Could not get an access token with this secret: POST /api/oauth/token for ${account.clientId} returned 401 invalid_client.`,
      status: 401,
      oauthError: "invalid_client",
      outcome: "not-applied",
    });
  });

  it("ends by its signal", async () => {
    const { atlas } = await start();
    expect(await rejection(atlas.verifySecret(account, { signal: AbortSignal.abort("early") }))).toBe("early");
    // Its requests are the client's, and have the client's time: what would say otherwise would do nothing.
    const misplaced = { timeoutMs: 5 } as object;
    expect(String(await rejection(atlas.verifySecret(account, misplaced)))).toContain(
      "timeoutMs: unknown option; the options are signal",
    );
  });

  it.each([
    ["an empty secret", { ...account, clientSecret: "" }, "account.clientSecret: expected text on one line"],
    ["no secret", { clientId: account.clientId }, "account.clientSecret: is missing"],
    ["another kind of credentials", { accessToken: "fake" }, "account.clientSecret: is missing"],
    ["nothing", undefined, "Cannot verify the secret: credentials: expected exactly one of"],
  ])("refuses %s before anything is sent", async (_name, given, message) => {
    const { oauth, atlas } = await start();
    // As JavaScript would pass it, past the types.
    const error = await rejection(atlas.verifySecret(given as typeof account));
    expect(error).toBeInstanceOf(AtlasRequestError);
    expect(error).toMatchObject({ message: expect.stringContaining(message) });
    expect(oauth.tokenRequests).toEqual([]);
  });
});

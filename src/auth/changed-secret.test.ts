import { describe, expect, it } from "vitest";
import { AtlasRequestError, createAtlasClient } from "../index.js";
import { token } from "./testing/oauth-server.js";
import { credentials, failure, latch, remove, start } from "./testing/service-account-client.js";

describe("updateClientSecret", () => {
  it("drops the token of the old secret and signs in with the new one", async () => {
    const { oauth, atlas } = await start();
    await remove(atlas);
    atlas.updateClientSecret("mdb_sa_sk_the_next_fake");
    await remove(atlas);
    const basic = Buffer.from(`${credentials.clientId}:mdb_sa_sk_the_next_fake`).toString("base64");
    expect(oauth.tokenRequests[1]?.authorization).toBe(`Basic ${basic}`);
    expect(oauth.calls[1]?.authorization).toBe(`Bearer ${token(2)}`);
  });

  it("keeps a token that was asked for with the old secret out of the cache", async () => {
    const asked = latch();
    const released = latch();
    const { oauth, atlas } = await start({
      onToken: (count) => (count === 1 ? (asked.open() ?? released.opened) : undefined),
    });
    const first = remove(atlas);
    await asked.opened;
    atlas.updateClientSecret("mdb_sa_sk_the_next_fake");
    released.open();
    await first;
    await remove(atlas);
    expect(oauth.tokenRequests).toHaveLength(2);
  });

  it.each([[""], [" "], ["two\nlines"]])("refuses %j", async (secret) => {
    const { atlas } = await start();
    expect(() => atlas.updateClientSecret(secret)).toThrow(AtlasRequestError);
  });

  it("is refused where it is no service account that signs in", () => {
    const atlas = createAtlasClient({ credentials: { accessToken: "fake-token" } });
    expect(() => atlas.updateClientSecret("mdb_sa_sk_fake")).toThrow(AtlasRequestError);
  });
});

describe("close", () => {
  it("revokes the token and refuses calls from then on", async () => {
    const { oauth, atlas } = await start();
    await remove(atlas);
    await Promise.all([atlas.close(), atlas.close()]);
    expect(oauth.revocations).toMatchObject([{ method: "POST", authorization: expect.stringMatching(/^Basic /) }]);
    const form = Object.fromEntries(new URLSearchParams(oauth.revocations[0]?.body));
    expect(form).toEqual({ token: token(1), token_type_hint: "access_token" });
    const error = await failure(remove(atlas));
    expect(error).toBeInstanceOf(AtlasRequestError);
    expect(error).toMatchObject({ outcome: "not-applied", message: expect.stringContaining("closed") });
    expect(oauth.calls).toHaveLength(1);
  });

  it("sends nothing where no token was ever issued", async () => {
    const { oauth, atlas } = await start();
    await atlas.close();
    expect(oauth.revocations).toHaveLength(0);
  });
});

/**
 * A client with a service account: which tokens it revokes, and when; what `close` does.
 */
import { describe, expect, it } from "vitest";
import { AtlasRequestError } from "../index.js";
import { rejection, warningsDuring } from "../testing/scripted-client.js";
import {
  credentials,
  latch,
  NEXT_SECRET,
  type OAuthServer,
  refusal,
  remove,
  start,
  tokenWith,
} from "./testing/service-account-client.js";

const revokedTokens = ({ revocations }: OAuthServer) =>
  revocations.map(({ body }) => new URLSearchParams(body).get("token"));

describe("a token that no call uses any more is revoked", () => {
  it("when the client switches to another secret", async () => {
    const { oauth, atlas } = await start();
    await remove(atlas);
    atlas.updateClientSecret(NEXT_SECRET);
    await remove(atlas);
    await expect.poll(() => revokedTokens(oauth)).toEqual([oauth.token(1)]);
  });

  it("after the call that still used it then", async () => {
    const sent = latch();
    const released = latch();
    const { oauth, atlas } = await start({
      onCall: ({ nth }) => (nth === 1 ? (sent.open() ?? released.opened) : undefined),
    });
    const call = remove(atlas);
    await sent.opened;
    atlas.updateClientSecret(NEXT_SECRET);
    await remove(atlas);
    expect(oauth.revocations).toHaveLength(0);
    released.open();
    await call;
    await expect.poll(() => revokedTokens(oauth)).toEqual([oauth.token(1)]);
  });

  it("if the endpoint does not say how long it lives, so that no other call uses it", async () => {
    const { oauth, atlas } = await start({ onToken: () => tokenWith({ expires_in: undefined }) });
    await remove(atlas);
    await expect.poll(() => revokedTokens(oauth)).toEqual([oauth.token(1)]);
  });

  it.each([
    ["all calls share", {}],
    ["no other call uses", { expires_in: undefined }],
  ])("but not if it is one that %s and Atlas has refused it: there is nothing left to revoke", async (_whose, life) => {
    const { oauth, atlas } = await start({
      onToken: () => tokenWith(life),
      onCall: ({ kind, nth }) => (kind === "delete" && nth === 1 ? refusal({ status: 401 }) : undefined),
    });
    await remove(atlas);
    await atlas.close();
    expect(revokedTokens(oauth)).toEqual([oauth.token(2)]);
  });

  it("and a failure of that is a warning, since no call waits for it", async () => {
    const warnings = await warningsDuring("ATLAS_TOKEN_NOT_REVOKED", async () => {
      const refused = refusal({ status: 400, body: { error: "invalid_request" } });
      const { atlas } = await start({ onCall: ({ kind }) => (kind === "revoke" ? refused : undefined) });
      await atlas.verifySecret(credentials);
      await atlas.close();
    });
    expect(warnings).toEqual([
      expect.stringContaining("AtlasClientWarning: An access token was not revoked and lives until it expires: POST"),
    ]);
  });
});

describe("close", () => {
  it("revokes the token and refuses calls from then on", async () => {
    const { oauth, atlas } = await start();
    await remove(atlas);
    await Promise.all([atlas.close(), atlas.close()]);
    expect(oauth.revocations).toMatchObject([
      { method: "POST", headers: { authorization: expect.stringMatching(/^Basic /) } },
    ]);
    const form = Object.fromEntries(new URLSearchParams(oauth.revocations[0]?.body));
    expect(form).toEqual({ token: oauth.token(1), token_type_hint: "access_token" });
    const error = await rejection(remove(atlas));
    expect(error).toBeInstanceOf(AtlasRequestError);
    expect(error).toMatchObject({ outcome: "not-applied", message: expect.stringContaining("closed") });
    expect(oauth.calls).toHaveLength(1);
  });

  it("revokes also the token that is fetched while it runs, and waits for the call that uses it", async () => {
    const asked = latch();
    const released = latch();
    const { oauth, atlas } = await start({ onToken: () => asked.open() ?? released.opened });
    const call = remove(atlas);
    await asked.opened;
    const closing = atlas.close();
    released.open();
    await Promise.all([call, closing]);
    expect(oauth.calls).toHaveLength(1);
    expect(revokedTokens(oauth)).toEqual([oauth.token(1)]);
  });

  it("lets calls that need a token meanwhile share the one that is requested already", async () => {
    const [sent, asked, refused, released] = [latch(), latch(), latch(), latch()];
    const { oauth, atlas } = await start({
      onToken: ({ nth }) => (nth === 2 ? (asked.open() ?? released.opened) : undefined),
      onCall: async ({ nth }) => {
        if (nth > 1) return undefined;
        sent.open();
        await refused.opened;
        // By then, the call asks for another token.
        setTimeout(released.open, 50);
        return refusal({ status: 401 });
      },
    });
    const first = remove(atlas);
    await sent.opened;
    atlas.updateClientSecret(NEXT_SECRET);
    const second = remove(atlas);
    await asked.opened;
    const closing = atlas.close();
    refused.open();
    await Promise.all([first, second, closing]);
    expect(oauth.tokenRequests).toHaveLength(2);
    expect(revokedTokens(oauth)).toEqual([oauth.token(2)]);
  });

  it("waits for a call that uses the token, and then revokes it", async () => {
    const sent = latch();
    const released = latch();
    const { oauth, atlas } = await start({ onCall: () => sent.open() ?? released.opened });
    const call = remove(atlas);
    await sent.opened;
    const closing = atlas.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(oauth.revocations).toHaveLength(0);
    released.open();
    await Promise.all([call, closing]);
    expect(revokedTokens(oauth)).toEqual([oauth.token(1)]);
  });

  it("waits for the tokens that only verified a secret", async () => {
    const { oauth, atlas } = await start();
    await atlas.verifySecret(credentials);
    await atlas.close();
    expect(revokedTokens(oauth)).toEqual([oauth.token(1)]);
  });

  it("waits for a secret that is being verified, and for its token", async () => {
    const asked = latch();
    const released = latch();
    const { oauth, atlas } = await start({ onToken: () => asked.open() ?? released.opened });
    const verified = atlas.verifySecret(credentials);
    await asked.opened;
    const closing = atlas.close();
    released.open();
    await Promise.all([verified, closing]);
    expect(revokedTokens(oauth)).toEqual([oauth.token(1)]);
  });

  it("leaves no secret to be verified, which would bring a token", async () => {
    const { oauth, atlas } = await start();
    await remove(atlas);
    await atlas.close();
    const error = await rejection(atlas.verifySecret(credentials));
    expect(error).toBeInstanceOf(AtlasRequestError);
    expect(error).toMatchObject({ message: "The client is closed. Nothing was changed." });
    expect(oauth.tokenRequests).toHaveLength(1);
  });

  it("says that the token could not be revoked, after one request for it", async () => {
    const { oauth, atlas } = await start({
      onCall: ({ kind }) => (kind === "revoke" ? refusal({ status: 503 }) : undefined),
    });
    await remove(atlas);
    expect(await rejection(atlas.close())).toMatchObject({
      code: "ERR_ATLAS_AUTH",
      outcome: "unknown",
      message: expect.stringContaining(
        `Could not revoke the access token: POST /api/oauth/revoke for ${credentials.clientId} returned 503`,
      ),
    });
    expect(oauth.revocations).toHaveLength(1);
  });

  it("sends nothing if no token was ever issued", async () => {
    const { oauth, atlas } = await start();
    await atlas.close();
    expect(oauth.revocations).toHaveLength(0);
  });
});

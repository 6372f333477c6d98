/**
 * The first call of a client, which loads what calls need: until that is there, it is like any other.
 */
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { credentials, NEXT_SECRET, start, target } from "./auth/testing/service-account-client.js";
import { AtlasRequestError, createAtlasClient, outcomeOf } from "./index.js";
import { clientOf, creation, deletion, errorOf, rejection, scripted, secret } from "./testing/scripted-client.js";
import { reply } from "./testing/scripted-server.js";

/** Data that a caller may change. */
type Mutable<Value> = { -readonly [Name in keyof Value]: Value[Name] extends string ? string : Mutable<Value[Name]> };

/** What calls need is not there before the returned function is called. */
function loadingSlowly(): () => void {
  let loaded = () => {};
  const slow = new Promise<void>((resolve) => {
    loaded = resolve;
  });
  vi.doMock("./calls.js", async (original) => {
    await slow;
    return original();
  });
  return () => loaded();
}

afterEach(() => {
  vi.doUnmock("./calls.js");
  vi.doUnmock("./auth/digest/digest-authentication.js");
  vi.unstubAllGlobals();
});

describe("a client", () => {
  it("has the id of its service account, if it signs in with one", () => {
    const account = { clientId: "mdb_sa_id_65a1b2c3d4e5f60718293a4b", clientSecret: "not-a-real-client-secret" };
    expect(createAtlasClient({ credentials: account }).clientId).toBe(account.clientId);
    expect(createAtlasClient({ credentials: { accessToken: "fake-token" } }).clientId).toBeUndefined();
  });

  it("keeps its secret if the new one cannot be one", () => {
    const atlas = createAtlasClient({ credentials });
    expect(() => atlas.updateClientSecret(" ")).toThrow(
      /^The client secret was not changed: secret: .* Nothing was changed\.$/,
    );
    const other = createAtlasClient({ credentials: { accessToken: "fake-token" } });
    expect(() => other.updateClientSecret("not-a-real-client-secret")).toThrow(
      "updateClientSecret is for a client that signs in as a service account.",
    );
  });
});

describe("the first call", () => {
  it("is of what was given when it was made", async () => {
    const { server, atlas } = await scripted([reply(201, secret)]);
    const args: Mutable<typeof creation> = structuredClone(creation);
    const options = { headers: { "x-sample": "before" } };
    const call = atlas.createGroupServiceAccountSecret(args, options);
    args.groupId = "0".repeat(24);
    Object.assign(args.body, { secretExpiresAfterHours: 9 });
    options.headers["x-sample"] = "after";
    await call;
    expect(server.requests).toMatchObject([
      {
        target: expect.stringContaining(creation.groupId),
        body: '{"secretExpiresAfterHours":8}',
        headers: { "x-sample": "before" },
      },
    ]);
  });

  it("of raw too, through the middlewares of that moment", async () => {
    const { server, atlas } = await scripted([reply(201, secret)]);
    const { groupId, clientId, body } = structuredClone<Mutable<typeof creation>>(creation);
    const init = { params: { path: { groupId, clientId } }, body };
    const seen: string[] = [];
    const before = { onRequest: () => void seen.push("before") };
    atlas.raw.use(before);
    const url = "/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets";
    const call = atlas.raw.POST(url, { ...init, middleware: [{ onRequest: () => void seen.push("own") }] });
    atlas.raw.eject(before);
    atlas.raw.use({ onRequest: () => void seen.push("after") });
    init.params.path.groupId = "0".repeat(24);
    Object.assign(init.body, { secretExpiresAfterHours: 9 });
    await call;
    expect(seen).toEqual(["before", "own"]);
    expect(server.requests).toMatchObject([
      { target: expect.stringContaining(groupId), body: '{"secretExpiresAfterHours":8}' },
    ]);
  });

  it("ends at once when it is aborted, and nothing is sent", async () => {
    const { server, atlas } = await scripted([reply(204)]);
    const loaded = loadingSlowly();
    const controller = new AbortController();
    const call = atlas.deleteOrgServiceAccountSecret(deletion, { signal: controller.signal });
    const reason = new Error("no longer needed");
    controller.abort(reason);
    expect(await rejection(call)).toBe(reason);
    expect(outcomeOf(reason)).toBe("not-applied");
    loaded();
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expect(server.requests).toHaveLength(1);
  });

  it("is neither logged nor shown to a middleware once it was aborted", async () => {
    const told: string[] = [];
    const tell = (line: string) => void told.push(line);
    const logger = { debug: tell, info: tell, warn: tell, error: tell };
    const { atlas } = await scripted([], { logger, logLevel: "debug" });
    atlas.raw.use({ onRequest: () => tell("middleware") });
    const loaded = loadingSlowly();
    const { groupId, clientId, body } = creation;
    const init = { params: { path: { groupId, clientId } }, body };
    const url = "/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets";
    const controller = new AbortController();
    const call = atlas.raw.POST(url, { ...init, signal: controller.signal });
    const closed = atlas.close();
    controller.abort();
    expect(await rejection(call)).toBe(controller.signal.reason);
    loaded();
    await closed;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(told).toEqual([]);
  });

  it("names wrong arguments like any other, also if its signal has aborted before", async () => {
    const { atlas } = await scripted([]);
    const remove = () =>
      atlas.deleteOrgServiceAccountSecret({ ...deletion, secretId: "" }, { signal: AbortSignal.abort() });
    const first = await errorOf(remove(), AtlasRequestError);
    expect(await errorOf(remove(), AtlasRequestError)).toMatchObject({ message: first.message });
  });

  it("goes on if the client is closed behind it, and no other does", async () => {
    const { oauth, atlas } = await start();
    const call = atlas.deleteOrgServiceAccountSecret(target);
    const closed = atlas.close();
    const late = rejection(atlas.deleteOrgServiceAccountSecret(target));
    expect(await call).toBeUndefined();
    await closed;
    expect(await late).toMatchObject({ code: "ERR_ATLAS_REQUEST", message: expect.stringContaining("closed") });
    expect([oauth.calls.length, oauth.revocations.length]).toEqual([1, 1]);
  });

  it("is refused if the client was closed before it", async () => {
    const { oauth, atlas } = await start();
    await atlas.close();
    const { operationId } = await errorOf(atlas.deleteOrgServiceAccountSecret(target), AtlasRequestError);
    expect(operationId).toBe("deleteOrgServiceAccountSecret");
    expect(oauth.tokenRequests).toEqual([]);
  });

  it("signs in with the secret that the client was given last", async () => {
    const { oauth, atlas } = await start();
    atlas.updateClientSecret(NEXT_SECRET);
    await atlas.deleteOrgServiceAccountSecret(target);
    const basic = Buffer.from(`${credentials.clientId}:${NEXT_SECRET}`).toString("base64");
    expect(oauth.tokenRequests).toMatchObject([{ headers: { authorization: `Basic ${basic}` } }]);
  });

  it("waits on fake timers that are advanced as soon as it is made", async () => {
    setTimeout(loadingSlowly(), 20);
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let calls = 0;
    const fetch = async () => {
      calls += 1;
      return new Response(null, { status: calls === 1 ? 503 : 204 });
    };
    const atlas = createAtlasClient({ credentials: { accessToken: "fake-access-token" }, fetch });
    const call = atlas.deleteOrgServiceAccountSecret(deletion);
    await vi.advanceTimersByTimeAsync(60_000);
    await call;
    expect(calls).toBe(2);
  });
});

describe("what cannot be loaded", () => {
  it.each([
    ["./calls.js", { accessToken: "test-access-token" }],
    ["./auth/digest/digest-authentication.js", { publicKey: "public", privateKey: "private-key" }],
  ])("%s fails the call, and the next one tries again", async (module, signInWith) => {
    const { server } = await scripted([reply(204)]);
    vi.doMock(module, () => {
      throw new Error("planted");
    });
    const { atlas } = clientOf(server, { credentials: signInWith });
    const error = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasRequestError);
    expect(error).toMatchObject({ outcome: "not-applied", violations: [], cause: expect.any(Error) });
    expect(error.message).toContain("Cannot load a part of the library: ");
    expect(server.requests).toEqual([]);
    vi.doUnmock(module);
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expect(server.requests).toHaveLength(1);
  });

  it("leaves nothing that closing could not do", async () => {
    vi.doMock("./calls.js", () => {
      throw new Error("planted");
    });
    const atlas = createAtlasClient({ credentials });
    const call = errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasRequestError);
    await expect(atlas.close()).resolves.toBeUndefined();
    await call;
  });
});

describe("await using", () => {
  it("closes a client at the end of the block", async () => {
    const { atlas } = await scripted([]);
    const close = atlas[Symbol.asyncDispose]();
    expect(close).toBe(atlas.close());
    await close;
    const error = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasRequestError);
    expect(error.message).toContain("The client is closed.");
  });

  it("leaves no member of another name on a platform without the symbol", async () => {
    vi.stubGlobal("Symbol", { for: (name: string) => Symbol.for(name) });
    const { atlas } = await scripted([]);
    vi.unstubAllGlobals();
    expect(Reflect.ownKeys(atlas).filter((key) => typeof key === "symbol" || key === "undefined")).toEqual([]);
    await atlas.close();
  });
});

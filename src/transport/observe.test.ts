/**
 * What a logger and the subscribers of a diagnostics channel get to know of calls, and what they never do.
 */
import diagnosticsChannel from "node:diagnostics_channel";
import { inspect } from "node:util";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { credentials, refusal, start, target } from "../auth/testing/service-account-client.js";
import { type AtlasClientOptions, AtlasNetworkError, type Logger, type RequestMessage } from "../index.js";
import { unreadable } from "../testing/hostile-values.js";
import {
  clientOf,
  creation,
  deletion,
  rejection,
  scripted,
  secret,
  secretValue,
  warningsDuring,
} from "../testing/scripted-client.js";
import { atlasError, hang, reply, reset } from "../testing/scripted-server.js";

const DELETE = "DELETE /api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}";
const CREATE = "POST /api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets";

/** A logger that keeps its lines, times and hosts replaced. */
function recorded() {
  const lines: string[] = [];
  const at = (level: string) => (line: string) =>
    void lines.push(`${level} ${line}`.replace(/\d+ ms/g, "N ms").replace(/127\.0\.0\.1:\d+/g, "HOST"));
  const logger: Logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  return { lines, logger };
}

describe("a logger", () => {
  it("has a line for each request at debug, for each retry at info or warn, for each failure at error", async () => {
    const { lines, logger } = recorded();
    const { atlas } = await scripted(
      [reply(429), reset, reply(204, undefined, { "x-request-id": "0815" }), atlasError(404, "GONE")],
      { logger, logLevel: "debug" },
    );
    await atlas.deleteOrgServiceAccountSecret(deletion);
    await rejection(atlas.deleteOrgServiceAccountSecret(deletion));
    expect(lines).toEqual([
      `debug ${DELETE}: 429 in N ms`,
      "info deleteOrgServiceAccountSecret, attempt 1: status 429. Trying again in N ms.",
      `debug ${DELETE}: The connection to HOST failed before a response arrived (ECONNRESET). After N ms.`,
      `warn deleteOrgServiceAccountSecret, attempt 2: ${DELETE}: The connection to HOST failed before a response arrived (ECONNRESET). Trying again in N ms.`,
      `debug ${DELETE}: 204 in N ms (request id 0815)`,
      `debug ${DELETE}: 404 in N ms`,
      expect.stringMatching(/^error DELETE .*: 404 GONE\. The detail of GONE\. .*Nothing was changed\.$/),
    ]);
  });

  it("is not warned of a retry after a failure that certainly did nothing", async () => {
    const { lines, logger } = recorded();
    const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED", syscall: "connect" });
    const fetch = () => Promise.reject(new TypeError("fetch failed", { cause: refused }));
    const { atlas } = await scripted([], { fetch, logger, logLevel: "info", retry: { maxAttempts: 2, maxDelayMs: 1 } });
    await rejection(atlas.createGroupServiceAccountSecret(creation));
    expect(lines.map((line) => line.split(" ")[0])).toEqual(["info", "error"]);
  });

  it("has those of requests for tokens, and of raw calls", async () => {
    const { lines, logger } = recorded();
    const { atlas } = await start({ onToken: () => refusal({ status: 401, body: {} }) }, { logger, logLevel: "debug" });
    const { orgId, clientId, secretId } = target;
    const path = "/api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}";
    await rejection(atlas.raw.DELETE(path, { params: { path: { orgId, clientId, secretId } } }));
    expect(lines).toEqual([
      "debug POST /api/oauth/token: 401 in N ms",
      expect.stringMatching(/^error DELETE .*Could not get an access token: /),
    ]);
  });

  it("knows a call that its caller ended", async () => {
    const { lines, logger } = recorded();
    const controller = new AbortController();
    const { server, atlas } = await scripted([hang], { logger, logLevel: "debug" });
    const call = rejection(atlas.deleteOrgServiceAccountSecret(deletion, { signal: controller.signal }));
    await server.arrived(1);
    controller.abort(new Error("enough"));
    await call;
    expect(lines).toEqual([`debug ${DELETE}: ended by the caller. After N ms.`]);
  });

  const script = [reply(429), reply(500), atlasError(404, "GONE")];
  it.each<[string, Partial<AtlasClientOptions>, string[]]>([
    ["everything", { logLevel: "debug" }, ["debug", "info", "debug", "warn", "debug", "error"]],
    ["no request", { logLevel: "info" }, ["info", "warn", "error"]],
    ["what may have been applied, and failures", { logLevel: "warn" }, ["warn", "error"]],
    ["the same by default", {}, ["warn", "error"]],
    ["failures", { logLevel: "error" }, ["error"]],
    ["nothing", { logLevel: "off" }, []],
  ])("is given %s", async (_name, options, levels) => {
    const { lines, logger } = recorded();
    const { atlas } = await scripted([...script], { logger, ...options });
    await atlas.deleteOrgServiceAccountSecret(deletion);
    await rejection(atlas.deleteOrgServiceAccountSecret({ ...deletion, secretId: ".." }));
    expect(lines.map((line) => line.split(" ")[0])).toEqual(levels);
  });

  it("is the console if only a level is given, and nothing is written by default", async () => {
    const spies = (["debug", "info", "warn", "error"] as const).map((level) => vi.spyOn(console, level));
    for (const spy of spies) spy.mockImplementation(() => undefined);
    onTestFinished(() => void vi.restoreAllMocks());
    const { server, atlas } = await scripted(() => reply(503));
    await rejection(atlas.deleteOrgServiceAccountSecret(deletion));
    expect(spies.map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0, 0]);
    await rejection(clientOf(server, { logLevel: "info" }).atlas.deleteOrgServiceAccountSecret(deletion));
    expect(spies.map(({ mock }) => mock.calls.length)).toEqual([0, 0, 3, 1]);
  });

  it("that throws, or returns a promise that rejects, hurts no call", async () => {
    const broken: Logger["debug"] = () => {
      throw new Error("the disk is full");
    };
    const late = async () => broken("");
    const { atlas } = await scripted([reply(503), reply(204)], {
      logger: { debug: broken, info: late, warn: late, error: broken },
      logLevel: "debug",
    });
    const warnings = await warningsDuring("ATLAS_OBSERVER_THREW", async () => {
      await atlas.deleteOrgServiceAccountSecret(deletion);
    });
    expect([...warnings].sort()).toEqual([
      "AtlasClientWarning: logger.debug threw: the disk is full",
      "AtlasClientWarning: logger.debug threw: the disk is full",
      "AtlasClientWarning: logger.warn threw: the disk is full",
    ]);
  });

  it("that is told of a reason which only passes for an error changes nothing of it", async () => {
    const { logger } = recorded();
    const reason = Object.defineProperty({}, Symbol.for("atlas-service-account-secrets/AtlasError"), { value: true });
    const controller = new AbortController();
    const { server, atlas } = await scripted([hang], { logger, logLevel: "debug" });
    await warningsDuring("ATLAS_OBSERVER_THREW", async () => {
      const call = rejection(atlas.deleteOrgServiceAccountSecret(deletion, { signal: controller.signal }));
      await server.arrived(1);
      controller.abort(reason);
      expect(await call).toBe(reason);
    });
  });

  it.each<[string, unknown]>([
    ["without one of the functions", { debug() {}, info() {}, warn() {} }],
    ["that cannot be read", unreadable()],
    ["that is a function", () => undefined],
    ["null", null],
  ])("is refused %s", (_name, logger) => {
    const url = "https://atlas.invalid";
    expect(() => clientOf({ url }, { logger: logger as Logger })).toThrow(
      "logger: expected an object with the functions debug, info, warn and error, got",
    );
    expect(() => clientOf({ url }, { logLevel: "verbose" as "debug" })).toThrow(
      'logLevel: expected one of off, error, warn, info, debug, got "verbose"',
    );
  });
});

/** Messages of the three channels, with the channel's last word. */
function subscribed() {
  const published: [string, RequestMessage][] = [];
  for (const name of ["start", "end", "error"]) {
    const channel = `atlas-service-account-secrets:request:${name}`;
    // What is published on these channels is of this type.
    const listener = (message: unknown) => void published.push([name, message as RequestMessage]);
    diagnosticsChannel.subscribe(channel, listener);
    onTestFinished(() => void diagnosticsChannel.unsubscribe(channel, listener));
  }
  return published;
}

describe("a subscriber of the diagnostics channels", () => {
  it("gets one object for each request, at its start and at its end", async () => {
    const published = subscribed();
    const begun = performance.now();
    const { server, atlas } = await scripted([reply(503), reply(201, secret, { "x-request-id": "0815" })]);
    await rejection(atlas.createGroupServiceAccountSecret(creation));
    await atlas.createGroupServiceAccountSecret(creation);
    const mine = published.filter(([, { url }]) => url.startsWith(server.url));
    expect(mine.map(([name]) => name)).toEqual(["start", "end", "start", "end"]);
    expect(mine[0]?.[1]).toBe(mine[1]?.[1]);
    expect(mine[0]?.[1]).not.toBe(mine[2]?.[1]);
    expect(mine[3]?.[1].durationMs).toBeLessThanOrEqual(Math.ceil(performance.now() - begun));
    expect(mine[3]?.[1]).toEqual({
      operationId: "createGroupServiceAccountSecret",
      method: "POST",
      path: CREATE.slice("POST ".length),
      url: server.url + server.requests[1]?.target,
      status: 201,
      requestId: "0815",
      durationMs: expect.any(Number),
    });
  });

  it("gets the error of a request without a response", async () => {
    const published = subscribed();
    const { server, atlas } = await scripted([reset], { retry: false });
    await rejection(atlas.deleteOrgServiceAccountSecret(deletion));
    const mine = published.filter(([, { url }]) => url.startsWith(server.url));
    expect(mine.map(([name]) => name)).toEqual(["start", "error"]);
    expect(mine[1]?.[1].error).toBeInstanceOf(AtlasNetworkError);
  });

  it.each(["start", "end", "error"])("may listen to nothing but :%s", async (name) => {
    const channel = `atlas-service-account-secrets:request:${name}`;
    const statuses: unknown[] = [];
    const { server, atlas } = await scripted([reply(204), reset], { retry: false });
    const listener = (message: unknown) => {
      const { url, status } = message as RequestMessage;
      if (url.startsWith(server.url)) statuses.push(status);
    };
    diagnosticsChannel.subscribe(channel, listener);
    onTestFinished(() => void diagnosticsChannel.unsubscribe(channel, listener));
    await atlas.deleteOrgServiceAccountSecret(deletion);
    await rejection(atlas.deleteOrgServiceAccountSecret(deletion));
    expect(statuses).toEqual({ start: [undefined, undefined], end: [204], error: [undefined] }[name]);
  });

  it.each<[string, (message: object) => void]>([
    ["freezes its message", Object.freeze],
    ["guards a member of it", (message) => Object.defineProperty(message, "durationMs", { get: () => 0 })],
  ])("hurts no call if it %s", async (_what, spoil) => {
    const start = "atlas-service-account-secrets:request:start";
    const listener = (message: unknown) => spoil(Object(message));
    diagnosticsChannel.subscribe(start, listener);
    onTestFinished(() => void diagnosticsChannel.unsubscribe(start, listener));
    const { lines, logger } = recorded();
    const { atlas } = await scripted([reply(201, secret), reset], { retry: false, logger, logLevel: "debug" });
    const warnings = await warningsDuring("ATLAS_OBSERVER_THREW", async () => {
      expect(await atlas.createGroupServiceAccountSecret(creation)).toMatchObject({ id: secret.id });
      expect(await rejection(atlas.createGroupServiceAccountSecret(creation))).toBeInstanceOf(AtlasNetworkError);
    });
    expect([...warnings].map((warning) => warning.replace(/threw: .*/, "threw"))).toEqual(
      Array(2).fill("AtlasClientWarning: node:diagnostics_channel threw"),
    );
    expect(lines.map((line) => line.split(" ")[0])).toEqual(["debug", "debug", "error"]);
  });
});

describe("neither shows a credential", () => {
  it.each<[string, AtlasClientOptions["fetch"]]>([
    ["that a response quotes", async (_url, init) => echo(`${Object.values(init.headers)} ${init.body}`, 403)],
    ["that a header quotes", async (_url, init) => new Response(null, { status: 403, headers: quoting(init.headers) })],
    ["that an error quotes", async (_url, init) => Promise.reject(new Error(Object.values(init.headers).join()))],
    ["that was created", async () => Response.json(secret, { status: 201 })],
  ])("%s", async (_name, fetch) => {
    const { lines, logger } = recorded();
    const published = subscribed();
    const accessToken = "planted-access-token";
    const options = { fetch, logger, logLevel: "debug", retry: { maxAttempts: 2, maxDelayMs: 0 } } as const;
    for (const each of [{ accessToken }, credentials]) {
      const { atlas } = clientOf({ url: "https://atlas.invalid" }, { ...options, credentials: each });
      await atlas.createGroupServiceAccountSecret(creation).catch(() => undefined);
    }
    const shown = `${lines.join("\n")}${inspect(published, { depth: 9, showHidden: true })}`;
    expect(lines.length).toBeGreaterThan(1);
    const basic = Buffer.from(`${credentials.clientId}:${credentials.clientSecret}`).toString("base64");
    for (const each of [accessToken, credentials.clientSecret, basic, secretValue]) expect(shown).not.toContain(each);
  });

  const quoting = (headers: Record<string, string>) => ({ "x-request-id": Object.values(headers).join(" ") });
  const echo = (detail: string, status: number) => Response.json({ error: status, errorCode: "X", detail }, { status });
});

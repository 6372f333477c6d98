import * as http from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { errorOf } from "../../testing/scripted-client.js";
import { UsageError } from "../terminal/exit-code.js";
import { command, scene } from "../testing/command.js";
import { type ProxySupport, useProxy } from "./session.js";

const baseUrl = "https://cloud.mongodb.com";
const proxy = { HTTPS_PROXY: "http://proxy.example:3128" };
const NONE: ProxySupport = { isUsableAtStart: false };

describe("the proxy of the environment", () => {
  it("is used by a Node.js that can be asked to at any time", () => {
    const used: unknown[] = [];
    const support = { setGlobalProxyFromEnv: (env: unknown) => used.push(env), isUsableAtStart: true };
    expect(useProxy({ env: proxy }, baseUrl, support)).toBeUndefined();
    expect(used).toEqual([proxy]);
  });

  it("is used by a Node.js that has to be asked at its start, and otherwise a message says how", () => {
    const support = { isUsableAtStart: true };
    expect(useProxy({ env: { ...proxy, NODE_USE_ENV_PROXY: "1" } }, baseUrl, support)).toBeUndefined();
    expect(useProxy({ env: proxy }, baseUrl, support)).toBe(
      "HTTPS_PROXY is not used; set NODE_USE_ENV_PROXY=1 as well",
    );
  });

  it("is refused if it is not the URL of one, and not quoted", async () => {
    const setGlobalProxyFromEnv = () => {
      throw new TypeError("Invalid URL: user:password@proxy");
    };
    const use = async () => useProxy({ env: proxy }, baseUrl, { setGlobalProxyFromEnv, isUsableAtStart: true });
    expect((await errorOf(use(), UsageError)).message).toBe("HTTPS_PROXY or HTTP_PROXY is not the URL of a proxy");
  });

  it("is not used by an older Node.js, and a message says so", () => {
    const message = `HTTPS_PROXY is not used: Node.js ${process.version} cannot; version 24 can`;
    expect(useProxy({ env: proxy }, baseUrl, NONE)).toBe(message);
    expect(useProxy({ env: { https_proxy: "http://proxy.example:3128" } }, baseUrl, NONE)).toBe(message);
  });

  it.each([
    {},
    { HTTPS_PROXY: "" },
    { HTTP_PROXY: "http://proxy.example" },
    { ...proxy, NO_PROXY: "*" },
    { ...proxy, NO_PROXY: "localhost, cloud.mongodb.com" },
    { ...proxy, no_proxy: ".mongodb.com" },
    { ...proxy, NO_PROXY: "MongoDB.com:443" },
  ])("does not matter with %j", (env) => {
    expect(useProxy({ env }, baseUrl, NONE)).toBeUndefined();
  });

  it("matters for a host that NO_PROXY only resembles", () => {
    expect(useProxy({ env: { ...proxy, NO_PROXY: "notmongodb.com,cloud" } }, baseUrl, NONE)).toBeDefined();
  });

  it("is looked at by every command", async () => {
    // A Node.js that can use a proxy at any time does so for this whole process; of http: and https: apart, each if it is named.
    const none = { ...proxy, HTTP_PROXY: "http://proxy.example", NO_PROXY: "*" };
    onTestFinished(() => Reflect.get(http, "setGlobalProxyFromEnv")?.(none));
    const { env, server, previous } = await scene();
    const withProxy = { ...env, HTTP_PROXY: "http://127.0.0.1:1", NO_PROXY: "127.0.0.1" };
    const args = ["delete", "--secret-id", previous.id];
    expect(await command(args, { env: withProxy })).toMatchObject({ exitCode: 0, stderr: "" });
    expect(server.requests.length).toBeGreaterThan(0);
    const refused = await command([...args, "--dry-run"], { env: { ...withProxy, NO_PROXY: "" } });
    // On a Node.js that uses proxies there is nothing to say.
    expect(refused.stderr).toMatch(/^(atlas-secrets: HTTP_PROXY is not used.*\n)?$/);
  });
});

describe("the options of every command", () => {
  it("let --base-url win over the environment, whatever is there", async () => {
    const { env, server, previous } = await scene();
    const elsewhere = { ...env, MONGODB_ATLAS_BASE_URL: "nonsense" };
    const args = ["delete", "--secret-id", previous.id, "--base-url", server.url];
    expect(await command(args, { env: elsewhere })).toMatchObject({ exitCode: 0 });
  });

  it("give each answer --timeout seconds and the call --retries further attempts", async () => {
    const { env, server, previous } = await scene();
    // With a token at hand no other request can run into the same short time.
    const { MONGODB_ATLAS_CLIENT_ID: _id, MONGODB_ATLAS_CLIENT_SECRET: _secret, ...without } = env;
    const withToken = { ...without, MONGODB_ATLAS_ACCESS_TOKEN: "not-a-real-token" };
    server.setFaults(() => ({ applied: false, ends: "hang" }));
    const args = ["delete", "--secret-id", previous.id, "--timeout", "1", "--retries", "1"];
    expect(await command(args, { env: withToken })).toMatchObject({ exitCode: 3 });
    expect(server.requests.map(({ kind }) => kind)).toEqual(["delete", "delete"]);
  });

  it("take ids from options before the environment", async () => {
    const { env, server } = await scene();
    const other = `mdb_sa_id_${"c".repeat(24)}`;
    const { id } = server.addAccount(other);
    expect(await command(["delete", "--client-id", other, "--secret-id", id], { env })).toMatchObject({ exitCode: 0 });
    expect(server.accounts.secretsOf(other)).toEqual([]);
  });
});

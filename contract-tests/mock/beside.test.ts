/**
 * What the mock serves beside the service. The page itself is tried in a browser, by `npm run test:page`.
 */
import { request } from "node:http";
import { connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { type MockOptions, mockCredentials, startMock } from "./start-mock.js";
import { bearer, creation, exchange, otherContract, writeContract } from "./testing/requests.js";

async function start(options: MockOptions = {}) {
  const mock = await startMock(options);
  onTestFinished(() => mock.stop());
  return { mock, get: (path: string, headers = {}) => exchange(mock.url, { path, headers }) };
}

describe("the page", () => {
  it("is served with all that it needs, and may load nothing from elsewhere", async () => {
    const { mock, get } = await start();
    const page = await get("/");
    expect(page).toMatchObject({ status: 200, headers: { "content-type": "text/html; charset=utf-8" } });
    expect(page.headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(page.text).not.toMatch(/https?:\/\//);
    const parts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = ""]) => path);
    expect(parts).toHaveLength(4);
    for (const part of parts) expect((await get(part)).status).toBe(200);
    expect((await get("/__mock/contract.json")).json).toHaveProperty("openapi");
    const heads = ["/", "/__mock/events"].map((path) => exchange(mock.url, { method: "HEAD", path }));
    expect(await Promise.all(heads)).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect((await get("/__mock/../../package.json")).status).toBe(404);
  });

  it.each([
    ["by another name", { Host: "rebound.example" }],
    ["by another port", { Host: "127.0.0.1:1" }],
    ["from a page of another site", { Origin: "https://site.example" }],
    ["from a page without an origin", { Origin: "null" }],
  ])("is not served to a caller %s", async (_how, headers) => {
    const { get } = await start({ control: true });
    for (const path of ["/", "/__mock/events", "/__mock/clock", "/__mock/credentials.json"]) {
      expect((await get(path, headers)).status).toBe(403);
    }
  });

  it("hides nothing that the contract describes", async () => {
    const ok = { description: "ok", content: { "application/json": { example: "its own" } } };
    const file = await writeContract({
      ...otherContract,
      paths: { "/": { get: { security: [], responses: { 200: ok } } } },
    });
    const { get } = await start({ spec: file.path });
    await file.remove();
    expect(await get("/")).toMatchObject({ status: 200, json: "its own" });
  });
});

it("events tell of accounts and requests as they come, and of no secret value", async () => {
  const { mock } = await start();
  let told = "";
  const listening = request(mock.url, { path: "/__mock/events" }, (incoming) => {
    incoming.setEncoding("utf8").on("data", (text: string) => {
      told += text;
    });
  }).end();
  onTestFinished(() => void listening.on("error", () => undefined).destroy());
  await expect.poll(() => told).toContain("event: accounts");
  const { secret, id } = Object((await exchange(mock.url, creation(bearer))).json);
  await exchange(mock.url, creation({}));
  await expect.poll(() => told).toContain('"status":401');
  expect(told).toContain('"status":201');
  expect(told).toContain(id);
  expect(told).toContain("There is no Authorization header");
  for (const hidden of [secret, mockCredentials.clientSecret, mockCredentials.accessToken]) {
    expect(told).not.toContain(hidden);
  }
});

it.each(["/nothing", "/__mock/clock"])(
  "events of %s that nobody reads do not pile up: the connection ends",
  async (path) => {
    const { mock } = await start({ control: true });
    // Each event shows all of them: 400 kB.
    const groupIds = Array.from({ length: 300 }, () => "a".repeat(24));
    for (let index = 0; index < 50; index++) {
      mock.accounts.add({ clientId: `mdb_sa_id_${index.toString(16).padStart(24, "0")}`, groupIds });
    }
    const { host, port, hostname } = new URL(mock.url);
    const deaf = connect(Number(port), hostname).pause();
    onTestFinished(() => void deaf.destroy());
    let ended = false;
    // What it was sent before is still there for it to read, so only the server's reset is seen.
    deaf
      .on("error", () => undefined)
      .on("close", () => {
        ended = true;
      });
    deaf.write(`GET /__mock/events HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    for (let count = 0; count < 100 && !ended; count++) {
      await exchange(mock.url, { path });
      deaf.write("\r\n");
    }
    expect(ended).toBe(true);
  },
);

describe("the clock", () => {
  const move = (url: string, body: string) => exchange(url, { method: "POST", path: "/__mock/clock", body });

  it("is moved and set, and what has expired is gone", async () => {
    const { mock, get } = await start({ control: true, clock: () => Date.parse("2030-01-01T00:00:00Z") });
    await exchange(mock.url, creation(bearer));
    expect(mock.accounts.secretsOf(mockCredentials.exampleClientId)).toHaveLength(2);
    expect(await move(mock.url, '{"advance":"1d"}')).toMatchObject({
      status: 200,
      json: { now: "2030-01-02T00:00:00.000Z" },
    });
    expect(mock.accounts.secretsOf(mockCredentials.exampleClientId)).toHaveLength(1);
    await move(mock.url, '{"now":"2031-01-01T00:00:00Z"}');
    expect((await get("/__mock/clock")).json).toEqual({ now: "2031-01-01T00:00:00.000Z" });
    expect(mock.accounts.secretsOf(mockCredentials.exampleClientId)).toEqual([]);
  });

  it.each([
    "",
    "{",
    "{}",
    "[]",
    '{"advance":"soon"}',
    '{"advance":30}',
    '{"now":"never"}',
    '{"advance":"999999999999d"}',
  ])("is not moved by %s", async (body) => {
    const { mock } = await start({ control: true });
    expect((await move(mock.url, body)).status).toBe(400);
  });

  it("is out of reach unless control is asked for", async () => {
    const { mock, get } = await start();
    for (const refused of [await move(mock.url, '{"advance":"1d"}'), await get("/__mock/clock")]) {
      expect(refused).toMatchObject({ status: 403, json: { error: expect.stringContaining("--control") } });
    }
  });
});

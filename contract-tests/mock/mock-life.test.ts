/**
 * How the mock starts and ends.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { startMock } from "./start-mock.js";
import { bearer, creation, exchange, otherContract, writeContract } from "./testing/requests.js";

const errorOf = (action: Promise<unknown>) =>
  action.then(
    () => undefined,
    (error: unknown) => error,
  );

/** The other contract, in which the schema of a parameter is this one. */
const withThing = (schema: object) =>
  `{"openapi":"3.0.3",\n"paths":{"/a/{a}":{"get":{"parameters":[{"name":"a","in":"path","required":true,"schema":${JSON.stringify(schema)}}],"responses":{"200":{"description":"ok"}}}}},
  "info":{"title":"other","version":"1"}}`;

describe("the mock does not start", () => {
  it("on a port that is taken, and says which", async () => {
    const other = createServer();
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const error = await errorOf(startMock({ port }));
    other.close();
    expect(error).toBeInstanceOf(Error);
    expect(error).toHaveProperty(
      "message",
      expect.stringMatching(new RegExp(`^Port ${port} of 127.0.0.1 is taken.*$`)),
    );
  });

  it.each([
    ["without operations", { ...otherContract, paths: {} }, /contract\.json describes no operation$/],
    ["that is not OpenAPI", { hello: 1 }, /contract\.json is not an OpenAPI 3 document: its "openapi" is "missing"$/],
    ["that is not YAML", "openapi: [\n - }", /contract\.json is not YAML: .+$/],
    [
      "that breaks OpenAPI's rules",
      withThing({ type: "texts" }),
      /^The contract \S+ is not usable: #\S+\/schema\/type must be equal to one of the allowed values \(line 2\)$/,
    ],
    [
      "with a reference that leads nowhere",
      withThing({ $ref: "#/none" }),
      /: the reference "#\/none" leads nowhere \(line 2, #/,
    ],
    [
      "with a pattern that is none",
      withThing({ pattern: "(" }),
      /: "\(" is no regular expression \(line 2, #\S+\/pattern\)$/,
    ],
    [
      "with such a pattern in a default response",
      {
        ...otherContract,
        paths: {
          "/a": {
            get: {
              responses: { default: { content: { "a/b": { schema: { properties: { default: { pattern: "(" } } } } } } },
            },
          },
        },
      },
      /"\(" is no regular expression/,
    ],
  ])("on a contract %s, and says so in one line", async (_what, given, reason) => {
    const contract = await writeContract(given);
    const error = await errorOf(startMock({ spec: contract.path }));
    await contract.remove();
    expect(error).toHaveProperty("message", expect.stringMatching(reason));
    expect(error).toHaveProperty("message", expect.not.stringContaining("\n"));
  });

  it("without its contract, and says so", async () => {
    const error = await errorOf(startMock({ spec: "/nowhere/contract.yaml" }));
    expect(error).toHaveProperty("message", "cannot read /nowhere/contract.yaml: there is no such file");
  });

  it("on a port that is none", async () => {
    for (const port of [-1, 65_536, 1.5]) {
      const error = await errorOf(startMock({ port }));
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toHaveProperty("message", expect.stringContaining("port"));
    }
  });
});

describe("two mocks side by side", () => {
  it("respond independently, and a stopped one frees its port and its connections", async () => {
    const mocks = await Promise.all(Array.from({ length: 2 }, () => startMock()));
    const urls = new Set(mocks.map(({ url }) => url));
    expect(urls.size).toBe(2);
    const responses = await Promise.all(mocks.map(({ url }) => exchange(url, creation(bearer))));
    expect(responses.map(({ status }) => status)).toEqual([201, 201]);
    expect(mocks.map(({ requests }) => requests.length)).toEqual([1, 1]);

    const idle = connect(Number(new URL(mocks[0]?.url ?? "").port), "127.0.0.1");
    await once(idle, "connect");
    const closed = once(idle, "close");
    await Promise.all(mocks.map((mock) => mock.stop()));
    await closed;
    const after = await Promise.all(mocks.map(({ url }) => errorOf(exchange(url, creation(bearer)))));
    for (const error of after) expect(error).toHaveProperty("code", "ECONNREFUSED");
    await Promise.all(mocks.map((mock) => mock.stop()));
  });
});

it("a program that stops its mock has nothing left to wait for and ends", async () => {
  const program = `
    import { startMock } from ${JSON.stringify(new URL("./start-mock.ts", import.meta.url).href)};
    await (await startMock()).stop();`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", program], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    stdio: "inherit",
  });
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
});

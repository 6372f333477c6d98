/**
 * Hostile bodies never reach the network.
 */
import { describe, expect, it } from "vitest";
import { revoked, unreadable } from "../testing/hostile-values.js";
import { clientOf, creation, refusingClient, secretValue } from "../testing/scripted-client.js";
import { reply, startScriptedServer } from "../testing/scripted-server.js";

const { create, refused } = refusingClient();

describe("create refuses as secretExpiresAfterHours", () => {
  it.each<[string, unknown, string, string]>([
    ["0", 0, "a value > 0", "0"],
    ["-0", -0, "a value > 0", "-0"],
    ["-1", -1, "a value > 0", "-1"],
    ["1.5", 1.5, "an integer", "1.5"],
    ["text", "8", "an integer", '"8"'],
    ["NaN", Number.NaN, "an integer", "NaN"],
    ["Infinity", Number.POSITIVE_INFINITY, "an integer", "Infinity"],
    ["2^31", 2 ** 31, "a value <= 2147483647", "2147483648"],
    ["1e300", 1e300, "a value <= 2147483647", "1e+300"],
    ["null", null, "an integer", "null"],
    ["true", true, "an integer", "true"],
    ["a big integer", 8n, "an integer", "8n"],
    ["an array", [8], "an integer", "an array of 1"],
    ["a Number object", new Number(0), "an integer", "an object"],
    ["an object that becomes it", { valueOf: () => 8, toJSON: () => 0 }, "an integer", "an object"],
    ["a revoked proxy", revoked({}), "an integer", "an object"],
    ["undefined", undefined, "is missing", ""],
  ])("%s", async (_name, secretExpiresAfterHours, expected, received) => {
    const { violations } = await refused(create({ ...creation, body: { secretExpiresAfterHours } }));
    expect(violations).toEqual([{ argument: "body.secretExpiresAfterHours", expected, received }]);
  });
});

describe("create refuses as a body", () => {
  const cyclic: Record<string, unknown> = { secretExpiresAfterHours: 8 };
  cyclic["itself"] = cyclic;
  let reads = 0;
  it.each<[string, unknown, string]>([
    ["nothing", undefined, "body: is missing"],
    ["null", null, "body: expected an object, got null"],
    ["text", '{"secretExpiresAfterHours":8}', 'body: expected an object, got "{\\"secretExpiresAfterHours\\":8}"'],
    ["a number", 8, "body: expected an object, got 8"],
    ["an array", [{ secretExpiresAfterHours: 8 }], "body: expected an object, got an array of 1"],
    ["an empty object", {}, "body.secretExpiresAfterHours: is missing"],
    ["a Map", new Map([["secretExpiresAfterHours", 8]]), "body.secretExpiresAfterHours: is missing"],
    [
      "what only its prototype has",
      Object.create({ secretExpiresAfterHours: 8 }),
      "body.secretExpiresAfterHours: is missing",
    ],
    [
      "what only its __proto__ has",
      { __proto__: { secretExpiresAfterHours: 8 } },
      "body.secretExpiresAfterHours: is missing",
    ],
    [
      "a getter that throws",
      {
        get secretExpiresAfterHours() {
          throw new Error(secretValue);
        },
      },
      "body: expected a value that can be read, got an object",
    ],
    [
      "a getter that throws once the check has read it",
      {
        get secretExpiresAfterHours() {
          reads += 1;
          if (reads > 3) throw new Error(secretValue);
          return "8";
        },
      },
      "body: expected a value that can be read, got an object",
    ],
    ["a proxy that throws", unreadable(), "body: expected a value that can be read, got an object"],
    ["a revoked proxy", revoked({}), "body: expected a value that can be read, got an object"],
    ["a cycle", cyclic, "body: expected a value that JSON can express, got an object"],
    [
      "a big integer in it",
      { secretExpiresAfterHours: 8, more: 8n },
      "body: expected a value that JSON can express, got an object",
    ],
    [
      "a toJSON that returns something else",
      { secretExpiresAfterHours: 8, toJSON: () => ({ secretExpiresAfterHours: 0 }) },
      "body: expected a value that JSON can express, got an object",
    ],
    [
      "a toJSON that returns nothing",
      { secretExpiresAfterHours: 8, toJSON: () => undefined },
      "body: expected a value that JSON can express, got an object",
    ],
    [
      "a toJSON that throws",
      {
        secretExpiresAfterHours: 8,
        toJSON: () => {
          throw new Error(secretValue);
        },
      },
      "body: expected a value that JSON can express, got an object",
    ],
  ])("%s", async (_name, body, message) => {
    const { violations, message: whole } = await refused(create({ ...creation, body }));
    expect(violations).toHaveLength(1);
    expect(whole).toContain(`: ${message}. Nothing was changed.`);
  });
});

it.each([
  ["cannot be read", unreadable()],
  ["JSON cannot express", { secretExpiresAfterHours: 8, more: 8n }],
])("a body that %s is listed beside what is wrong elsewhere", async (_name, body) => {
  const { violations } = await refused(create({ ...creation, groupId: "..", pretty: 1, body }));
  expect(violations.map(({ argument }) => argument).sort()).toEqual(["body", "groupId", "pretty"]);
});

describe("what is sent", () => {
  it("of a body is what JSON makes of it", async () => {
    class Request {
      secretExpiresAfterHours = 2 ** 31 - 1;
      later = new Date(0);
      #own = 1;
      get own() {
        return this.#own;
      }
    }
    const own = await startScriptedServer([reply(500)]);
    const { atlas: client } = clientOf(own);
    await client.createGroupServiceAccountSecret({ ...creation, body: new Request() }).catch(() => undefined);
    await own.close();
    expect(own.requests.map(({ body }) => body)).toEqual([
      '{"secretExpiresAfterHours":2147483647,"later":"1970-01-01T00:00:00.000Z"}',
    ]);
  });

  it("of a toJSON is what it answered to the check", async () => {
    let calls = 0;
    const toJSON = () => {
      calls += 1;
      return { secretExpiresAfterHours: calls === 1 ? 8 : 0 };
    };
    const own = await startScriptedServer([reply(500)]);
    const call = clientOf(own).atlas.createGroupServiceAccountSecret({
      ...creation,
      body: Object.assign({ secretExpiresAfterHours: 8 }, { toJSON }),
    });
    await call.catch(() => undefined);
    await own.close();
    expect(own.requests.map(({ body }) => body)).toEqual(['{"secretExpiresAfterHours":8}']);
  });
});

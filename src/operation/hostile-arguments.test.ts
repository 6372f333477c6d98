/**
 * Hostile arguments never reach the network.
 */
import { describe, expect, it } from "vitest";
import { operations } from "../../generated/operations.js";
import { AtlasRequestError } from "../errors.js";
import { redactByForm } from "../safe/redaction.js";
import { hex, hostileValues, revoked, unreadable } from "../testing/hostile-values.js";
import { clientOf, creation, deletion, errorOf, refusingClient, secretValue } from "../testing/scripted-client.js";
import { reply, startScriptedServer } from "../testing/scripted-server.js";
import { checkArguments, faultsOf, pointerNames, valueAt } from "./arguments.js";

const { create, refused, remove } = refusingClient();

describe.each([
  ["create", "groupId", hex],
  ["create", "clientId", creation.clientId],
  ["delete", "orgId", hex],
  ["delete", "clientId", creation.clientId],
  ["delete", "secretId", hex],
])("%s refuses as %s", (operation, argument, valid) => {
  it.each(hostileValues(valid))("%s", async (_name, value, quoted) => {
    const call =
      operation === "create" ? create({ ...creation, [argument]: value }) : remove({ ...deletion, [argument]: value });
    const { violations } = await refused(call);
    expect(violations.map((violation) => violation.argument)).toEqual([argument]);
    expect(violations[0]?.received).toContain(quoted);
    const pattern = argument === "clientId" ? "^mdb_sa_id_[a-fA-F\\d]{24}$" : "^([a-f0-9]{24})$";
    const expected =
      value === undefined ? "is missing" : typeof value === "string" ? `a string that matches ${pattern}` : "a string";
    expect(violations[0]?.expected).toBe(expected);
  });
});

describe("both refuse as envelope and pretty", () => {
  it.each<[string, unknown, string]>([
    ["text", "true", '"true"'],
    ["a number", 1, "1"],
    ["null", null, "null"],
    ["an array", [true], "an array of 1"],
    ["a Boolean object", new Boolean(true), "an object"],
  ])("%s", async (_name, value, received) => {
    const flags = { envelope: value, pretty: value };
    const violations = ["envelope", "pretty"].map((argument) => ({ argument, expected: "a boolean", received }));
    expect((await refused(create({ ...creation, ...flags }))).violations).toEqual(violations);
    expect((await refused(remove({ ...deletion, ...flags }))).violations).toEqual(violations);
  });
});

describe("both refuse as their arguments", () => {
  class Lazy {
    get groupId() {
      return creation.groupId;
    }
    get clientId() {
      return creation.clientId;
    }
  }
  it.each<[string, unknown, string]>([
    ["nothing", undefined, "arguments: expected an object that can be read, got undefined"],
    ["null", null, "arguments: expected an object that can be read, got null"],
    ["text", "groupId", 'arguments: expected an object that can be read, got "groupId"'],
    ["a number", 5, "arguments: expected an object that can be read, got 5"],
    ["a symbol", Symbol("s"), "arguments: expected an object that can be read, got a symbol"],
    ["a function", () => creation, "arguments: expected an object that can be read, got a function"],
    ["an array", [creation], "arguments: expected an object that can be read, got an array of 1"],
    [
      "a getter that throws",
      {
        ...creation,
        get clientId() {
          throw new Error(secretValue);
        },
      },
      "arguments: expected an object that can be read, got an object",
    ],
    ["a proxy that throws", unreadable(), "arguments: expected an object that can be read, got an object"],
    ["a revoked proxy", revoked({}), "arguments: expected an object that can be read, got an object"],
    ["what only their prototype has", Object.create({ ...creation, ...deletion }), "clientId: is missing"],
    ["what only getters of their class have", new Lazy(), "clientId: is missing"],
    ["a Map", new Map(Object.entries(creation)), "clientId: is missing"],
  ])("%s", async (_name, args, message) => {
    expect((await refused(create(args))).message).toContain(message);
    expect((await refused(remove(args))).message).toContain(message);
  });

  it.each([
    ["a name of the other operation", "orgId", create, creation],
    ["a name of the other operation", "groupId", remove, deletion],
    ["a body where none belongs", "body", remove, deletion],
    ["a name in another case", "clientID", remove, deletion],
    ["a name of Object.prototype", "toString", create, creation],
    ["a name with a dot", "body.secretExpiresAfterHours", create, creation],
    ["a name with a slash and a tilde", "a/b~c", create, creation],
    ["an empty name", "", create, creation],
  ] as const)("%s: %j", async (_kind, name, call, valid) => {
    const { violations } = await refused(call({ ...valid, [name]: "x" }));
    expect(violations).toEqual([{ argument: name, expected: "unknown argument", received: "" }]);
  });

  it("an own __proto__, as JSON.parse makes it", async () => {
    const args: unknown = JSON.parse(`{"__proto__": {"groupId": "x"}, ${JSON.stringify(creation).slice(1)}`);
    const { violations } = await refused(create(args));
    expect(violations).toEqual([{ argument: "__proto__", expected: "unknown argument", received: "" }]);
  });
});

describe("the error", () => {
  it("lists all violations at once", async () => {
    const args = { groupId: "..", clientId: 5, body: { secretExpiresAfterHours: 0.5 }, pretty: "yes", secretID: null };
    const { violations, message } = await refused(create(args));
    expect(violations.map(({ argument }) => argument).sort()).toEqual([
      "body.secretExpiresAfterHours",
      "clientId",
      "groupId",
      "pretty",
      "secretID",
    ]);
    expect(message).toContain("POST /api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets: ");
  });

  it("quotes at most 40 characters of a value, and of a name", async () => {
    const { violations } = await refused(
      remove({ ...deletion, secretId: "x".repeat(10_000), ["y".repeat(10_000)]: "z".repeat(41) }),
    );
    expect(violations).toEqual(
      expect.arrayContaining([
        { argument: "secretId", expected: expect.any(String), received: `"${"x".repeat(39)}…"` },
        { argument: `${"y".repeat(40)}…`, expected: "unknown argument", received: "" },
      ]),
    );
    const exact = await refused(remove({ ...deletion, secretId: "x".repeat(40) }));
    expect(exact.violations[0]?.received).toBe(`"${"x".repeat(40)}"`);
  });

  it.each([0, 10, 25, 29, 33, 38, 39, 60])("masks a secret that stands behind %d other characters", async (before) => {
    const value = `${"x".repeat(before)}${secretValue}`;
    const error = await refused(remove({ ...deletion, secretId: value, [value]: value }));
    const shown = JSON.stringify([error.message, error.violations]);
    expect(shown).not.toContain(secretValue.slice("mdb_sa_sk_".length).slice(0, 4));
    if (before < 20) expect(shown).toContain("mdb_sa_sk_…");
  });

  it("stays on one line, whatever the value and the name", async () => {
    const hostile = "a\n\u001b[31mb\r\u0085\u2028c\0";
    const { message } = await refused(remove({ ...deletion, secretId: hostile, [hostile]: 1 }));
    expect(message).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  });
});

describe("what is accepted", () => {
  it("is read once: a getter that returns something else the second time cannot change what is sent", async () => {
    let reads = 0;
    const args = {
      ...deletion,
      get secretId() {
        reads += 1;
        return reads === 1 ? deletion.secretId : "..";
      },
    };
    const own = await startScriptedServer([reply(204)]);
    await clientOf(own).atlas.deleteOrgServiceAccountSecret(args);
    await own.close();
    const { orgId, clientId, secretId } = deletion;
    expect(own.requests.map(({ target }) => target)).toEqual([
      `/api/atlas/v2/orgs/${orgId}/serviceAccounts/${clientId}/secrets/${secretId}`,
    ]);
    expect(reads).toBe(1);
  });
});

describe("an operation whose body is neither JSON nor a form", () => {
  const description = { ...operations.deleteOrgServiceAccountSecret, requestMediaTypes: ["text/csv"] };
  const check = (args: object) => checkArguments("deleteOrgServiceAccountSecret", description, args, redactByForm);
  const violationsOf = async (args: object) => {
    const { violations } = await errorOf((async () => check(args))(), AtlasRequestError);
    return violations.map(({ argument, expected }) => `${argument}: ${expected}`);
  };

  it("takes its arguments as they are", () => {
    expect(check(deletion).args).toStrictEqual(deletion);
  });

  it("takes text and a Blob, and says of anything else what is wrong with it, beside the rest", async () => {
    // This contract's deletion has no body at all, which is said in every case.
    const unknown = "body: unknown argument";
    expect(await violationsOf({ ...deletion, body: "a,b" })).toEqual([unknown]);
    expect(await violationsOf({ ...deletion, body: new Blob(["a,b"]) })).toEqual([unknown]);
    expect(await violationsOf({ ...deletion, body: 5 })).toEqual([unknown, "body: a string or a Blob"]);
    expect(await violationsOf({ ...deletion, body: null })).toEqual([unknown, "body: a string or a Blob"]);
    const wrong = await violationsOf({ ...deletion, orgId: undefined });
    expect(wrong).toEqual(["orgId: is missing"]);
  });
});

describe("what a validator says", () => {
  it("is all that it finds but the discriminators, whose branches say it", () => {
    const error = (keyword: string) => ({ keyword, instancePath: "", params: {} });
    const validate = Object.assign(() => false, { errors: [error("if"), error("type")] });
    expect(faultsOf(validate)).toEqual([error("type")]);
    expect(faultsOf(Object.assign(() => true, { errors: null }))).toEqual([]);
  });

  it("is about a place that is named as in a JSON Pointer", () => {
    expect(pointerNames("/body/a~1b~1c/~01~0")).toEqual(["body", "a/b/c", "~1~"]);
    expect(pointerNames("")).toEqual([]);
    expect(valueAt({ body: { "a/b": [5] } }, ["body", "a/b", "0"])).toBe(5);
    expect(valueAt({ body: null }, ["body", "a"])).toBeUndefined();
    expect(valueAt({ body: "text" }, ["body", "length"])).toBeUndefined();
  });
});

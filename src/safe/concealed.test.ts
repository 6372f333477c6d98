/**
 * What is hidden from whoever looks at an object as a whole can still be read by its name.
 */
import { deepEqual } from "node:assert";
import { Console } from "node:console";
import { stringify } from "node:querystring";
import { Writable } from "node:stream";
import { format, inspect } from "node:util";
import { serialize } from "node:v8";
import { describe, expect, it } from "vitest";
import { optionsFromEnv } from "../index.js";
import { creation, scripted, secret } from "../testing/scripted-client.js";
import { reply } from "../testing/scripted-server.js";
import { concealed } from "./concealed.js";

const { credentials } = optionsFromEnv({
  MONGODB_ATLAS_CLIENT_ID: "mdb_sa_id_planted",
  MONGODB_ATLAS_CLIENT_SECRET: "planted",
});
const hiding = () => concealed({ id: "x", secret: "planted", kind: "a" }, ["secret"]);

function printed(print: (console: Console) => void): string {
  let text = "";
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  print(new Console(stdout));
  return text;
}

function diff(value: unknown): string {
  try {
    deepEqual(value, { other: true });
  } catch (error) {
    return String(error);
  }
  return expect.fail("nothing differs");
}

const ways: readonly (readonly [string, (value: object) => string])[] = [
  ["console.table", (value) => printed((console) => console.table([value]))],
  ["console.dir", (value) => printed((console) => console.dir(value, { showHidden: true }))],
  ["%o", (value) => format("%o", value)],
  ["%O, %s and %j", (value) => format("%O %s %j", value, value, value)],
  ["showHidden", (value) => inspect(value, { showHidden: true, depth: 9 })],
  ["showHidden with getters", (value) => inspect(value, { showHidden: true, getters: true, customInspect: false })],
  ["a diff of assert", diff],
  ["JSON", (value) => JSON.stringify(value)],
  ["structuredClone", (value) => inspect(structuredClone(value))],
  ["a spread", (value) => inspect({ ...value })],
  ["v8.serialize", (value) => serialize(value).toString("latin1")],
  ["querystring", (value) => stringify({ ...value })],
  [
    "for in",
    (value) => {
      const texts: unknown[] = [];
      for (const name in value) texts.push(Reflect.get(value, name));
      return texts.join();
    },
  ],
];

describe.each(ways)("%s does not show", (_name, show) => {
  it("credentials from the environment", () => {
    expect(show(credentials)).not.toContain("planted");
  });

  it("a hidden member", () => {
    expect(show(hiding())).not.toContain("planted");
  });

  it("the value of a new secret", async () => {
    const { atlas } = await scripted([reply(201, secret)]);
    expect(show(await atlas.createGroupServiceAccountSecret(creation))).not.toContain("not-a-real");
  });
});

describe("a concealed object", () => {
  it("has what is hidden under its name, and the rest as before", () => {
    const object = hiding();
    const { secret: value, ...rest } = object;
    expect([value, "secret" in object, rest]).toEqual(["planted", true, { id: "x", kind: "a" }]);
    expect(object.constructor).toBe(Object);
  });

  it("shows what it is asked to show instead", () => {
    const object = concealed({ id: "x", secret: "planted" }, ["secret"], { toJSON: () => "an x" });
    expect(JSON.stringify(object)).toBe('"an x"');
    expect(Object.keys(object)).toEqual(["id"]);
  });

  it("does not have what it never had", () => {
    expect("secret" in concealed({ id: "x" }, ["secret"])).toBe(false);
  });
});

/**
 * The compiled validators do what the contract's schemas say.
 */
import { readFile } from "node:fs/promises";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Json } from "./json-document.js";
import {
  contractText,
  type GeneratedProject,
  generatedProject,
  generateFrom,
  operation,
  type Validators,
  violations,
} from "./testing/contracts.js";

let text: string;
let project: GeneratedProject;
let validators: Validators;

beforeAll(async () => {
  const files = await generateFrom(await readFile(new URL("testing/many-kinds.yaml", import.meta.url), "utf8"));
  text = files.get("validators.js") ?? "";
  project = await generatedProject(files);
  validators = await validatorsOf(project);
});
afterAll(() => project.remove());

async function validatorsOf(generated: GeneratedProject): Promise<Validators> {
  // What validators.d.ts promises; the operations are those of the fixture.
  return (await generated.load("validators.js")) as unknown as Validators;
}

test("import nothing, neither of ajv nor of its formats", () => {
  expect(ts.preProcessFile(text, true, true).importedFiles).toEqual([]);
});

describe("of arguments", () => {
  const list = { "shelf-id": "oak", limit: 1, kind: "big", "X-Trace-Id": "12-34", constructor: true };
  const uuid = "5f0c1a2b-3c4d-4e6f-8081-920304050607";

  test.each<[what: string, args: object, expected: string[]]>([
    ["all that is required", list, []],
    ["all that there is", { ...list, tag: ["a"], "filter[owner]": uuid, where: { color: "red" }, "x-flags": [1] }, []],
    ["nothing", {}, Array(5).fill("required")],
    ["an unknown argument", { ...list, limits: 1, toString: 1 }, ["additionalProperties", "additionalProperties"]],
    ["null if it is allowed", { ...list, constructor: null }, []],
    ["null if it is not", { ...list, limit: null }, ["/limit type"]],
    ["a bound", { ...list, limit: 0 }, ["/limit minimum"]],
    ["a fraction", { ...list, limit: 1.5 }, ["/limit type"]],
    ["more than an int64", { ...list, limit: 2 ** 63 }, ["/limit maximum"]],
    ["no number at all", { ...list, limit: Number.NaN }, ["/limit type"]],
    ["a string for a number", { ...list, limit: "1" }, ["/limit type"]],
    ["a word outside the enum, behind a reference", { ...list, kind: "huge" }, ["/kind enum"]],
    [
      "a broken pattern",
      { ...list, "shelf-id": "Oak", "X-Trace-Id": "1-2" },
      ["/X-Trace-Id pattern", "/shelf-id pattern"],
    ],
    [
      "an array too long and with repeats",
      { ...list, tag: ["a", "a", ""] },
      ["/tag maxItems", "/tag uniqueItems", "/tag/2 minLength"],
    ],
    ["a format", { ...list, "filter[owner]": "me" }, ["/filter[owner] format"]],
    ["an unknown member of an object", { ...list, where: { size: 1 } }, ["/where additionalProperties"]],
  ])("%s", (_what, args, expected) => {
    expect(violations(validators.argumentValidators["listParts"], args)).toEqual(expected);
  });

  test("inherited members are not arguments", () => {
    const { constructor: _own, ...rest } = list;
    expect(violations(validators.argumentValidators["listParts"], rest)).toEqual(["required"]);
    expect(violations(validators.argumentValidators["listParts"], Object.create(list))).toEqual(
      Array(5).fill("required"),
    );
    expect(violations(validators.argumentValidators["delete"], JSON.parse('{"__proto__":1}'))).toEqual([
      "additionalProperties",
    ]);
  });

  test("a violation carries ajv's params and message", () => {
    violations(validators.argumentValidators["listParts"], { ...list, limit: 0 });
    expect(validators.argumentValidators["listParts"]?.errors).toMatchObject([
      { instancePath: "/limit", keyword: "minimum", params: { comparison: ">=", limit: 1 }, message: "must be >= 1" },
    ]);
  });

  const part = { name: "leg", price: 0.07, secret: "s" };
  test.each<[what: string, body: Json, expected: string[]]>([
    ["readOnly properties are not required", part, []],
    ["writeOnly properties are", { name: "leg", price: 1 }, ["/body required"]],
    ["readOnly properties of a part of allOf are not required", { ...part, both: { tall: true } }, []],
    ["an exclusive bound and a decimal multiple", { ...part, price: 0 }, ["/body/price exclusiveMinimum"]],
    ["no multiple", { ...part, price: 0.075 }, ["/body/price multipleOf"]],
    ["nullable with an enum and with a format", { ...part, color: null, made: null }, []],
    ["a known format", { ...part, made: "yesterday" }, ["/body/made format"]],
    ["an unknown format is a remark", { ...part, color: "red" }, []],
    ["a property named like a keyword", { ...part, example: "huge" }, ["/body/example enum"]],
    [
      "none of the alternatives",
      { ...part, either: 2 ** 31 },
      ["/body/either anyOf", "/body/either enum", "/body/either maximum", "/body/either type"],
    ],
    [
      "a schema inside itself",
      { ...part, parent: { ...part, parent: { ...part, name: 1 } } },
      ["/body/parent/parent/name type"],
    ],
    [
      "two schemas inside each other",
      { ...part, both: { tall: true, byName: { x: { branch: { trees: [{ branch: {} }] } } } } },
      ["/body/both/byName/x/branch/trees/0/branch required"],
    ],
  ])("body: %s", (_what, body, expected) => {
    expect(violations(validators.argumentValidators["changePart"], { "shelf-id": "oak", body })).toEqual(expected);
  });

  test("an optional body may be left out", () => {
    expect(violations(validators.argumentValidators["plantTrees"], {})).toEqual([]);
    expect(violations(validators.argumentValidators["plantTrees"], { body: {} })).toEqual(["/body type"]);
  });

  test("a body without a schema is anything, but required", () => {
    expect(violations(validators.argumentValidators["größe"], { body: [null] })).toEqual([]);
    expect(violations(validators.argumentValidators["größe"], {})).toEqual(["required"]);
  });
});

describe("of responses", () => {
  const part = { id: "any", name: "leg", price: 1 };

  test("are there for the success statuses that have a schema, and no others", () => {
    const statuses = Object.entries(validators.responseValidators).map(([id, byStatus]) => [id, Object.keys(byStatus)]);
    expect(Object.fromEntries(statuses)).toEqual({
      listParts: ["200", "206"],
      changePart: ["202"],
      lookAtTrees: ["200", "203"],
      plantTrees: ["200"],
      größe: ["200"],
      toString: [],
      $options: [],
      delete: [],
      changeSettings: ["200"],
    });
  });

  test("require readOnly properties and not writeOnly ones, and check no format", () => {
    const validate = validators.responseValidators["listParts"]?.[200];
    expect(violations(validate, { items: [part], next: null })).toEqual([]);
    expect(violations(validate, { items: [{ ...part, id: undefined, made: "yesterday", either: 2 ** 40 }] })).toEqual([
      "/items/0 required",
    ]);
  });

  test("take the schema of any media type of the status", () => {
    const validate = validators.responseValidators["listParts"]?.[206];
    expect(violations(validate, [part])).toEqual([]);
    expect(violations(validate, { items: [part] })).toEqual([]);
    expect(violations(validate, {})).toContain("anyOf");
  });

  test("take null where an enumeration names it", () => {
    expect(violations(validators.responseValidators["changeSettings"]?.[200], { level: null })).toEqual([]);
  });

  test("take null where nullable stands beside allOf", () => {
    expect(violations(validators.responseValidators["changePart"]?.[202], null)).toEqual([]);
    expect(violations(validators.responseValidators["changePart"]?.[202], part)).toEqual([]);
  });
});

describe("bounds of integers", () => {
  const query = (name: string, schema: Json): Json => ({ name, in: "query", schema });

  test("int32 and int64 narrow what the schema says and never widen it", async () => {
    const parameters = [
      query("plain", { type: "integer", format: "int32" }),
      query("narrow", { type: "integer", format: "int32", minimum: 0, exclusiveMinimum: true, maximum: 10 }),
      query("wide", {
        type: "integer",
        format: "int32",
        minimum: -(2 ** 40),
        maximum: 2 ** 40,
        exclusiveMaximum: true,
      }),
      query("edge", { type: "integer", format: "int32", maximum: 2 ** 31 - 1, exclusiveMaximum: true }),
      query("long", { type: "integer", format: "int64", maximum: 2 ** 60 }),
      query("alone", { type: "integer", exclusiveMinimum: true }),
    ];
    const files = await generateFrom(contractText({ "/a": { get: operation({ parameters }) } }));
    expect(files.get("validators.js")).not.toContain("ajv-formats");
    const other = await generatedProject(files);
    try {
      const { argumentValidators } = await validatorsOf(other);
      const check = (args: object) => violations(argumentValidators["doIt"], args);
      const least = -(2 ** 31);
      const most = 2 ** 31 - 1;
      expect(check({ plain: most, narrow: 10, wide: most, edge: most - 1, long: 2 ** 60, alone: 0 })).toEqual([]);
      expect(check({ plain: least, narrow: 1, wide: least, edge: least, long: -(2 ** 63) })).toEqual([]);
      expect(check({ plain: most + 1, narrow: 11, wide: most + 1, edge: most, long: 2 ** 61 })).toEqual([
        "/edge exclusiveMaximum",
        "/long maximum",
        "/narrow maximum",
        "/plain maximum",
        "/wide maximum",
      ]);
      expect(check({ plain: least - 1, narrow: 0, wide: least - 1 })).toEqual([
        "/narrow exclusiveMinimum",
        "/plain minimum",
        "/wide minimum",
      ]);
    } finally {
      await other.remove();
    }
  });
});

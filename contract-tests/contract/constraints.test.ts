import { describe, expect, it } from "vitest";
import { breakingValues, constraintsOf, nameOf, type Random } from "./constraints.js";
import type { Place } from "./document.js";
import { objectOf } from "./json.js";
import { documentOf } from "./read-document.js";
import { violationsOf } from "./validation.js";
import { admittedValues } from "./values.js";

const node = { $ref: "#/components/schemas/node" };
const schemas = {
  node: {
    type: "object",
    required: ["kind", "made", "parts"],
    additionalProperties: false,
    minProperties: 2,
    properties: {
      kind: { type: "string", enum: ["leaf", "branch"] },
      made: { type: "string", format: "date-time", readOnly: true },
      secret: { type: "string", writeOnly: true, minLength: 3, maxLength: 5 },
      parts: {
        type: "array",
        minItems: 2,
        maxItems: 3,
        uniqueItems: true,
        items: { type: "string", pattern: "^[a-z]+$" },
      },
      size: { type: "number", minimum: 0, exclusiveMinimum: true, maximum: 9, multipleOf: 0.5, nullable: true },
      count: { allOf: [{ type: "integer", format: "int32" }, { minimum: 4 }] },
      next: node,
    },
  },
  choice: { oneOf: [{ type: "string", enum: ["on", "off"] }, node] },
};

function schemaNamed(name: keyof typeof schemas): Place {
  const document = documentOf({ openapi: "3.0.3", paths: {}, components: { schemas } });
  const place = document.root.get("components", "schemas", name);
  if (place === undefined) throw new Error(`no schema ${name}`);
  return place;
}

describe("the constraints of a schema", () => {
  it("are named one by one, without those of properties that are not sent, and end at a schema that refers to itself", () => {
    const names = constraintsOf(schemaNamed("node"), "request").map(nameOf);
    expect(names).toEqual([
      "type",
      "required kind",
      "required parts",
      "additionalProperties",
      "minProperties",
      ...["kind type", "kind enum", "secret type", "secret minLength", "secret maxLength"],
      ...["parts type", "parts minItems", "parts maxItems", "parts uniqueItems", "parts.0 type", "parts.0 pattern"],
      ...["size type", "size minimum", "size exclusiveMinimum", "size maximum", "size multipleOf"],
      ...["count allOf[0] type", "count allOf[0] format", "count allOf[1] minimum"],
    ]);
    expect(constraintsOf(schemaNamed("node"), "response").map(nameOf)).toContain("required made");
  });

  it("know where they stand", () => {
    const found = constraintsOf(schemaNamed("node"), "request").find((each) => nameOf(each) === "parts.0 pattern");
    expect(found).toMatchObject({
      valueAt: ["parts", "0"],
      schemaAt: ["properties", "parts", "items"],
      at: { pointer: "#/components/schemas/node/properties/parts/items/pattern", value: "^[a-z]+$" },
    });
  });
});

describe.each(["node", "choice"] as const)("for %s", (name) => {
  const schema = schemaNamed(name);
  const seeds = [undefined, { integer: (below) => below - 1, text: (from, n) => from.slice(-n) } satisfies Random];

  it.each(["request", "response"] as const)(
    "each constraint on a %s is broken by values that the schema without it would admit, if there are such",
    (direction) => {
      const [valid] = admittedValues(schema, undefined, direction);
      expect(violationsOf(schema, valid, direction)).toEqual([]);
      for (const constraint of constraintsOf(schema, direction)) {
        for (const random of seeds) {
          const broken = breakingValues(constraint, valid, undefined, random);
          expect(broken.length, nameOf(constraint)).toBeGreaterThan(0);
          for (const value of broken) {
            const keywords = violationsOf(schema, value, direction).map((line) => line.split(/[ :]/)[1]);
            expect({ value, keywords }).toMatchObject({
              keywords: expect.arrayContaining([reportedAs(constraint.keyword)]),
            });
          }
        }
      }
    },
  );
});

it("values that cannot be sent are left out, and a keyword that is not known has none", () => {
  const document = documentOf({ openapi: "3.0.3", paths: {}, x: { type: "integer", beautiful: true } });
  const schema = document.root.get("x");
  if (schema === undefined) throw new Error("no schema");
  const [type, beautiful, ...others] = constraintsOf(schema, "request");
  if (type === undefined || beautiful === undefined) throw new Error("no constraints");
  expect(others).toEqual([]);
  const texts = breakingValues(type, 1, (value) => typeof value === "string");
  expect(texts).toEqual(["1", "text"]);
  expect(breakingValues(beautiful, 1)).toEqual([]);
});

it("a fraction breaks the type of an integer, whose format says it again", () => {
  const document = documentOf({ openapi: "3.0.3", paths: {}, x: { type: "integer", format: "int32" } });
  const schema = document.root.get("x");
  const [type] = constraintsOf(schema, "request");
  if (schema === undefined || type === undefined) throw new Error("no constraint");
  expect(breakingValues(type, 8)).toContain(8.5);
});

/** In draft 4 an exclusive bound is a way to read the bound. */
function reportedAs(keyword: string): string {
  return { exclusiveMinimum: "minimum", exclusiveMaximum: "maximum" }[keyword] ?? keyword;
}

describe("a discriminator decides which branch a value has to fit", () => {
  const kind = { type: "string" };
  const base = { type: "object", required: ["kind"], properties: { kind } };
  const named = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  const child = (more: object) => ({ allOf: [named("animal"), { type: "object", ...more }] });
  const discriminator = { propertyName: "kind", mapping: { meow: named("cat").$ref, purr: "cat" } };
  const document = documentOf({
    openapi: "3.0.3",
    paths: {},
    components: {
      schemas: {
        cat: child({ required: ["lives"], properties: { lives: { type: "integer" } } }),
        dog: child({ properties: { lives: { type: "string" } } }),
        animal: { ...base, oneOf: [named("cat"), named("dog")], discriminator },
      },
    },
  });
  const animal = document.root.get("components", "schemas", "animal");

  it.each([
    ["by a mapped name", { kind: "meow", lives: 9 }, true],
    ["by another mapped name", { kind: "purr", lives: 9 }, true],
    ["by the name of the schema, without a mapping", { kind: "dog", lives: "one" }, true],
    ["against the branch", { kind: "dog", lives: 9 }, false],
    ["by a name that leads nowhere", { kind: "cow", lives: 9 }, false],
    ["by no name", { lives: 9 }, false],
  ])("%s", (_, value, admitted) => {
    expect(violationsOf(animal, value, "request").length === 0).toBe(admitted);
  });

  it("and values are known for each branch", () => {
    const kinds = admittedValues(animal, undefined, "request").map((value) => objectOf(value)["kind"]);
    expect(new Set(kinds)).toEqual(new Set(["meow", "dog"]));
  });
});

it("patterns are read with Unicode's classes, and without if they would be none", () => {
  const document = documentOf({
    openapi: "3.0.3",
    paths: {},
    name: { pattern: "^\\p{L}+$" },
    word: { pattern: "^[\\w-.]+$" },
  });
  const [name, word] = [document.root.get("name"), document.root.get("word")];
  expect([violationsOf(name, "größe", "request"), violationsOf(word, "a-b.c", "request")]).toEqual([[], []]);
  expect(
    [violationsOf(name, "p{L}", "request"), violationsOf(word, "a b", "request")].map(({ length }) => length),
  ).toEqual([1, 1]);
});

it("a pattern without an example has values", () => {
  const parameter = { type: "string", pattern: "^(vpce-[0-9a-f]{17})|([a-z]{2}\\.[0-9]+)$" };
  const schema = documentOf({ openapi: "3.0.3", paths: {}, parameter }).root.get("parameter");
  const values = admittedValues(schema, undefined, "request");
  expect(values.length).toBeGreaterThan(0);
  expect(admittedValues(schema, undefined, "request")).toEqual(values);
});

it("a part is broken, even if no value of the whole is known", () => {
  const member = { type: "string", pattern: "^[a-f]{4}$" };
  const impossible = { type: "string", pattern: "^(?=a)b$" };
  const schema = { type: "object", required: ["other"], properties: { id: member, other: impossible } };
  const place = documentOf({ openapi: "3.0.3", paths: {}, schema }).root.get("schema");
  const pattern = constraintsOf(place, "response").find(({ at }) => at.value === member.pattern);
  expect(pattern && admittedValues(place, undefined, "response")).toEqual([]);
  expect(pattern && breakingValues(pattern, undefined)).not.toEqual([]);
});

import { describe, expect, it } from "vitest";
import { type Json, schemaDifferences } from "../testing/documents.js";
import { lengthsOf } from "./keywords.js";

type Row = readonly [difference: string, ours: unknown, theirs: unknown, keyword: string];

const string = { type: "string" };
const object = (properties: Json, more: Json = {}) => ({ type: "object", properties, ...more });

const branches = { oneOf: [object({ a: string }, { title: "A" }), object({ b: string }, { title: "B" })] };
const mapped = (mapping: Json, propertyName = "kind") => ({ ...branches, discriminator: { propertyName, mapping } });
const discriminated = mapped({ a: "#/components/schemas/A", b: "#/components/schemas/B" });

/** They admit less than we do: a request can be refused, a response cannot surprise. */
const narrower: readonly Row[] = [
  ["integer instead of number", { type: "number" }, { type: "integer" }, "type"],
  ["a type, without one before", { maxLength: 9 }, { maxLength: 9, type: "string" }, "type"],
  ["no null any more", { type: "string", nullable: true }, string, "nullable"],
  ["int32 instead of int64", { type: "integer", format: "int64" }, { type: "integer", format: "int32" }, "format"],
  ["a format", string, { type: "string", format: "uuid" }, "format"],
  ["a pattern", string, { type: "string", pattern: "^a$" }, "pattern"],
  ["a shorter string", { type: "string", maxLength: 9 }, { type: "string", maxLength: 8 }, "maxLength"],
  ["a longer string", { type: "string", minLength: 1 }, { type: "string", minLength: 2 }, "minLength"],
  ["a value less", { enum: ["a", "b"] }, { enum: ["b"] }, "enum"],
  ["only some values", string, { type: "string", enum: ["b"] }, "enum"],
  ["null alone", { type: ["string", "null"] }, { type: ["string", "null"], const: null }, "const"],
  ["a list without the constant", { const: "a" }, { const: "a", enum: ["b"] }, "enum"],
  ["a lower maximum", { type: "number", maximum: 9 }, { type: "number", maximum: 8 }, "maximum"],
  [
    "the maximum itself excluded",
    { type: "number", maximum: 9 },
    { type: "number", maximum: 9, exclusiveMaximum: true },
    "exclusiveMaximum",
  ],
  ["multiples of a multiple", { type: "number", multipleOf: 2 }, { type: "number", multipleOf: 4 }, "multipleOf"],
  ["no repeats", { type: "array", items: {} }, { type: "array", items: {}, uniqueItems: true }, "uniqueItems"],
  ["at least one item", { type: "array" }, { type: "array", minItems: 1 }, "minItems"],
  ["strings in the list", { type: "array" }, { type: "array", items: string }, "items"],
  ["closed", object({}), object({}, { additionalProperties: false }), "additionalProperties"],
  ["other members are strings", object({}), object({}, { additionalProperties: string }), "additionalProperties"],
  ["required", object({ a: string }), object({ a: string }, { required: ["a"] }), "required"],
  [
    "a closed branch",
    { oneOf: [string, object({ a: string })] },
    { oneOf: [string, object({ a: string }, { additionalProperties: false })] },
    "additionalProperties",
  ],
  ["a branch less", { oneOf: [string, { type: "integer" }] }, { oneOf: [string] }, "oneOf"],
  ["one of the branches instead of the union", { oneOf: [string, { type: "integer" }] }, string, "oneOf"],
  [
    "a bound beside a union",
    { oneOf: [string, { type: "integer" }] },
    { oneOf: [string, { type: "integer" }], maximum: 9 },
    "maximum",
  ],
  ["a discriminator's value less", mapped({ a: "A", b: "B", c: "B" }), discriminated, "discriminator"],
  ["something excluded", string, { type: "string", not: { enum: ["x"] } }, "not"],
];

/** Neither admits all of the other. */
const different: readonly Row[] = [
  ["another type", string, { type: "integer" }, "type"],
  ["another format", { type: "string", format: "date" }, { type: "string", format: "date-time" }, "format"],
  ["another pattern", { type: "string", pattern: "^a$" }, { type: "string", pattern: "^b$" }, "pattern"],
  ["another value", { enum: ["a", "b"] }, { enum: ["a", "c"] }, "enum"],
  ["multiples of something else", { type: "number", multipleOf: 2 }, { type: "number", multipleOf: 3 }, "multipleOf"],
  [
    "another name is required",
    object({ a: string, b: string }, { required: ["a"] }),
    object({ a: string, b: string }, { required: ["b"] }),
    "required",
  ],
  ["a union of other things", string, { oneOf: [{ type: "integer" }, { type: "boolean" }] }, "oneOf"],
  ["a discriminator's values swapped", discriminated, mapped({ a: "B", b: "A" }), "discriminator"],
  ["a discriminator of another property", discriminated, mapped({ a: "A", b: "B" }, "type"), "discriminator"],
  ["a discriminator's values the names of the branches", discriminated, mapped({}), "discriminator"],
  [
    "a name that another makes required",
    { dependentRequired: { title: ["a"] } },
    { dependentRequired: { title: ["b"] } },
    "dependentRequired",
  ],
  ["something else excluded", { not: { enum: ["x"] } }, { not: { enum: ["y"] } }, "not"],
];

function verdicts(ours: unknown, theirs: unknown): readonly (readonly string[])[] {
  return (["request", "response"] as const).flatMap((direction) =>
    schemaDifferences(direction, ours, theirs).map(({ verdict, ours: { pointer } }) => [
      direction,
      verdict,
      pointer.split("/").at(-1) ?? "",
    ]),
  );
}

describe("two schemas", () => {
  it.each(narrower)("they are narrower: %s", (_, ours, theirs, keyword) => {
    expect(verdicts(ours, theirs)).toEqual([
      ["request", "breaking", keyword],
      ["response", "compatible", keyword],
    ]);
  });

  it.each(narrower)("they are wider: the reverse of %s", (_, theirs, ours, keyword) => {
    expect(verdicts(ours, theirs)).toEqual([
      ["request", "compatible", keyword],
      ["response", "breaking", keyword],
    ]);
  });

  it.each(different)("they are different: %s", (_, ours, theirs, keyword) => {
    expect(verdicts(ours, theirs)).toEqual([
      ["request", "breaking", keyword],
      ["response", "breaking", keyword],
    ]);
  });

  it("a schema that says several things against one that says nothing is one difference", () => {
    const differences = schemaDifferences("response", {}, object({ a: string }, { required: ["a"] }));
    expect(differences.map(({ verdict, what }) => [verdict, what])).toEqual([["compatible", "schema of response $"]]);
  });

  it("a type that has nothing in common is one difference, whatever else differs below", () => {
    const differences = schemaDifferences(
      "request",
      { type: "string", format: "date", maxLength: 9 },
      object({ a: string }),
    );
    expect(differences.map(({ what }) => what)).toEqual(["type of request body $"]);
  });

  it("what is read-only is never sent, so nothing in it can break a request", () => {
    const id = (more: Json) => object({ id: { type: "string", readOnly: true, ...more } }, { required: ["id"] });
    expect(verdicts(id({ pattern: "^a$" }), id({ pattern: "^b$" }))).toEqual([
      ["request", "compatible", "pattern"],
      ["response", "breaking", "pattern"],
    ]);
    expect(verdicts(object({}), id({}))).toEqual([
      ["request", "compatible", "id"],
      ["response", "compatible", "id"],
    ]);
  });

  it("what becomes write-only is missing from responses", () => {
    const password = (more: Json) => object({ password: { type: "string", ...more } }, { required: ["password"] });
    expect(verdicts(password({}), password({ writeOnly: true }))).toEqual([
      ["request", "compatible", "writeOnly"],
      ["response", "breaking", "writeOnly"],
    ]);
  });

  it("a closed object of ours does not expect one more property in a response", () => {
    const closed = (properties: Json) => object(properties, { additionalProperties: false });
    expect(verdicts(closed({}), closed({ a: string }))).toEqual([
      ["request", "compatible", "a"],
      ["response", "breaking", "a"],
    ]);
  });

  it("an unknown keyword is compared as a whole", () => {
    expect(verdicts({ type: "object", minContains: 1 }, { type: "object", minContains: 2 })).toEqual([
      ["request", "breaking", "minContains"],
      ["response", "breaking", "minContains"],
    ]);
  });
});

describe("schemas that mean the same", () => {
  const text = { $ref: "#/components/schemas/Text" };
  const components = { components: { schemas: { Text: string } } };
  const same: readonly (readonly [string, unknown, unknown, Json?])[] = [
    ["0 as the least length", string, { type: "string", minLength: 0 }],
    ["items that may be anything", { type: "array" }, { type: "array", items: {} }],
    ["members that may be anything", object({}), object({}, { additionalProperties: {} })],
    ["values in another order", { enum: ["a", "b"] }, { enum: ["b", "a"] }],
    [
      "excluded alternatives in another order",
      { not: { anyOf: [string, { type: "integer" }] } },
      { not: { anyOf: [{ type: "integer" }, string] } },
    ],
    [
      "a schema twice in place instead of a reference",
      { not: object({ a: text, b: text }) },
      { not: object({ a: string, b: string }) },
    ],
    [
      "excluded alternatives in another order that refer to the same",
      { not: { anyOf: [object({ a: text }), object({ b: text })] } },
      { not: { anyOf: [object({ b: text }), object({ a: text })] } },
    ],
    [
      "branches in another order",
      { oneOf: [string, { type: "integer" }] },
      { oneOf: [{ description: "x", type: "integer" }, string] },
    ],
    [
      "allOf of parts",
      object({ a: string, b: string }, { required: ["a", "b"] }),
      { allOf: [object({ a: string }, { required: ["a"] }), object({ b: string }, { required: ["b"] })] },
    ],
    ["a constant", { enum: ["a"] }, { const: "a" }],
    ["a discriminator that names components", discriminated, mapped({ b: "B", a: "A" })],
    ["a discriminator that repeats what the branches say", branches, discriminated],
    [
      "nullable as OpenAPI 3.1 writes it",
      { type: "string", nullable: true },
      { type: ["null", "string"] },
      { openapi: "3.1.0" },
    ],
    [
      "an exclusive bound as OpenAPI 3.1 writes it",
      { type: "number", minimum: 0, exclusiveMinimum: true },
      { type: "number", exclusiveMinimum: 0 },
      { openapi: "3.1.0" },
    ],
  ];

  it.each(same)("%s", (_, ours, theirs) => {
    const directions = ["request", "response"] as const;
    const breaking = directions.flatMap((direction) => schemaDifferences(direction, ours, theirs, components));
    expect(breaking.filter(({ verdict }) => verdict !== "compatible")).toEqual([]);
  });

  it("keywords beside a reference count in OpenAPI 3.1 and not in 3.0", () => {
    const beside = { $ref: "#/components/schemas/Name", maxLength: 9 };
    const components = { components: { schemas: { Name: string } } };
    expect(schemaDifferences("request", string, beside, { ...components, openapi: "3.0.3" })).toEqual([]);
    expect(
      schemaDifferences("request", string, beside, { ...components, openapi: "3.1.0" }).map(({ what }) => what),
    ).toEqual(["maxLength of request body $"]);
    const plain = { $ref: "#/components/schemas/Name" };
    const names = (b: unknown) => object({ a: plain, b });
    const differences = schemaDifferences("request", names(plain), names(beside), { ...components, openapi: "3.1.0" });
    expect(differences.map(({ what }) => what)).toEqual(["maxLength of request body $.b"]);
  });

  it("allOf branches that contradict each other are compared as a whole", () => {
    const range = (limit: number) => ({ allOf: [{ type: "number", maximum: 5 }, { maximum: limit }] });
    expect(schemaDifferences("request", range(7), range(7))).toEqual([]);
    expect(schemaDifferences("request", range(7), range(8)).map(({ verdict, what }) => [verdict, what])).toEqual([
      ["breaking", "allOf of request body $"],
    ]);
  });
});

describe("schemas that hold themselves", () => {
  const tree = (leaf: unknown): Json => ({
    components: {
      schemas: {
        Tree: {
          type: "object",
          properties: { leaf, children: { type: "array", items: { $ref: "#/components/schemas/Tree" } } },
        },
      },
    },
  });
  const reference = { $ref: "#/components/schemas/Tree" };

  it("end where they come back to themselves", () => {
    expect(schemaDifferences("response", reference, reference, tree(string))).toEqual([]);
  });

  it("a branch of itself, an allOf of itself and alternatives of each other end too", () => {
    const schemas = {
      Tree: { oneOf: [{ $ref: "#/components/schemas/Tree" }, string] },
      Self: { allOf: [{ $ref: "#/components/schemas/Self" }], type: "string" },
      A: { anyOf: [{ $ref: "#/components/schemas/B" }, string] },
      B: { anyOf: [{ $ref: "#/components/schemas/A" }, { type: "integer" }] },
    };
    const all = object({
      tree: reference,
      self: { $ref: "#/components/schemas/Self" },
      a: { $ref: "#/components/schemas/A" },
    });
    expect(schemaDifferences("request", all, all, { components: { schemas } })).toEqual([]);
  });

  it("alternatives that unfold without end are cut off", () => {
    const names = Array.from({ length: 14 }, (_, index) => `S${index}`);
    const schemas = Object.fromEntries(
      names.map((name) => [name, { oneOf: names.map((other) => ({ $ref: `#/components/schemas/${other}` })) }]),
    );
    const differences = schemaDifferences(
      "request",
      { $ref: "#/components/schemas/S0" },
      { oneOf: [string, { $ref: "#/components/schemas/S1" }] },
      { components: { schemas } },
    );
    // What was not looked at does not pass for the same.
    expect(differences.map(({ verdict }) => verdict)).toContain("breaking");
  });
});

describe("the lengths that a pattern implies", () => {
  const UNBOUNDED = Number.POSITIVE_INFINITY;

  it.each<[string, number, number]>([
    ["^([a-f0-9]{24})$", 24, 24],
    ["^mdb_sa_id_[a-fA-F\\d]{24}$", 34, 34],
    ["^[0-9]{1,3}(\\.[0-9]{1,3}){3}$", 7, 15],
    ["^(?:ab|c)?d*$", 0, UNBOUNDED],
    ["^(ab|c){2}$", 2, 4],
    ["^a+b{2,}$", 3, UNBOUNDED],
    ["[a-f0-9]{24}", 24, UNBOUNDED],
    ["^abc", 3, UNBOUNDED],
    ["^$", 0, 0],
    // Whatever is not simple says nothing.
    ["^ab|c$", 0, UNBOUNDED],
    ["^.{3}$", 0, UNBOUNDED],
    ["^[^a]{3}$", 0, UNBOUNDED],
    ["^(?=abc)a$", 0, UNBOUNDED],
    ["^(a$", 0, UNBOUNDED],
    ["^(a)\\1$", 0, UNBOUNDED],
    ["^\\u{1F600}$", 0, UNBOUNDED],
  ])("%s matches %d to %d characters", (pattern, least, most) => {
    expect(lengthsOf(pattern)).toEqual({ least, most });
  });
});

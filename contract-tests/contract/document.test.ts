import { describe, expect, it } from "vitest";
import { ContractError, type Place } from "./document.js";
import { documentOf } from "./read-document.js";

function documentWith(schemas: unknown, openapi = "3.0.3") {
  return documentOf(
    {
      openapi,
      paths: { "/a": { $ref: "#/components/x-items/a" } },
      components: { schemas, "x-items": { a: { get: {} } } },
    },
    "spec",
  );
}

function schemaOf(document: ReturnType<typeof documentWith>, name: string): Place {
  const place = document.root.get("components", "schemas", name);
  if (place === undefined) throw new Error(`no schema ${name}`);
  return place;
}

describe("a place", () => {
  it("knows its value, its pointer behind references, where it is used, and its line", () => {
    const place = documentWith({}).root.get("paths", "/a");
    expect(place).toMatchObject({ value: { get: {} }, pointer: "#/components/x-items/a", usedAt: "#/paths/~1a" });
    expect(place?.line).toBe(11);
  });

  it("takes null for absent when a member is asked for, and keeps it among the members and items", () => {
    const schema = schemaOf(documentWith({ a: { example: null, enum: ["x", null] } }), "a");
    expect(schema.get("example")).toBeUndefined();
    expect(schema.has("example")).toBe(true);
    expect(schema.entries().map(([key, { value }]) => [key, value])).toEqual([
      ["example", null],
      ["enum", ["x", null]],
    ]);
    expect(
      schema
        .get("enum")
        ?.items()
        .map(({ value }) => value),
    ).toEqual(["x", null]);
  });

  it("reaches only its own members, whatever their names", () => {
    const document = documentWith(JSON.parse('{"a": {"__proto__": {"type": "string"}, "a/b~c%d": 1}}'));
    expect(schemaOf(document, "a").get("toString")).toBeUndefined();
    expect(schemaOf(document, "a").get("__proto__", "type")?.text).toBe("string");
    const odd = schemaOf(document, "a").get("a/b~c%d");
    expect(document.follow({ $ref: odd?.pointer }, "#").value).toBe(1);
  });

  it("keeps what stands beside a reference in OpenAPI 3.1, and drops it in 3.0", () => {
    const schemas = { a: { $ref: "#/components/schemas/b", title: "here" }, b: { type: "string" } };
    expect(schemaOf(documentWith(schemas), "a").siblings).toEqual([]);
    const [sibling, ...others] = schemaOf(documentWith(schemas, "3.1.0"), "a").siblings;
    expect(sibling).toMatchObject({ value: schemas.a, pointer: "#/components/schemas/a" });
    expect(others).toEqual([]);
  });
});

describe("a reference is refused in one line if it leads", () => {
  it.each([
    [
      "out of the document",
      "other.yaml#/a",
      'the reference "other.yaml#/a" leads out of the document; only local ones are followed',
    ],
    ["nowhere", "#/components/schemas/none", 'the reference "#/components/schemas/none" leads nowhere'],
    ["in a circle", "#/components/schemas/a", 'the reference "#/components/schemas/a" goes in a circle'],
  ])("%s", (_, $ref, problem) => {
    const read = (): unknown => schemaOf(documentWith({ a: { $ref } }), "a");
    expect(read).toThrow(ContractError);
    expect(read).toThrow(new ContractError(`spec: ${problem} (line 10, #/components/schemas/a)`));
  });
});

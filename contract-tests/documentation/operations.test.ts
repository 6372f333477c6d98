/** The documentation as tests: the two operations, fact by fact. */
import { describe, expect, test } from "vitest";
import { readContract } from "../contract/contract.js";
import { objectOf, valueAt } from "../contract/json.js";
import { create, createPath, deletePath, remove } from "./documented/operations.js";
import { factsOf } from "./facts-of.js";

const { document } = await readContract();
const facts = factsOf(document);

describe.each([
  ["create", createPath, "post", create],
  ["delete", deletePath, "delete", remove],
] as const)("%s", (_, path, method, documented) => {
  const operation = objectOf(valueAt(facts, ["paths", path, method]));

  test(`is ${method.toUpperCase()} ${path}`, () => {
    expect(Object.keys(operation).sort()).toStrictEqual(Object.keys(documented).sort());
  });

  test("operationId, tag, role and security schemes in their order", () => {
    const { operationId, tags, security } = documented;
    const found = { ...operation, role: operation["x-required-roles"] };
    expect(found).toMatchObject({ operationId, tags, security, role: documented["x-required-roles"] });
    expect(JSON.stringify(operation["security"])).toBe(JSON.stringify(security));
  });

  test("the request body, and the media types that it may have, what the page sends first", () => {
    const expected = "requestBody" in documented ? documented.requestBody : undefined;
    expect(operation["requestBody"]).toStrictEqual(expected);
    expect(mediaTypes(operation["requestBody"])).toStrictEqual(mediaTypes(expected));
  });

  test("the documented statuses and no others", () => {
    expect(Object.keys(objectOf(operation["responses"]))).toStrictEqual(Object.keys(documented.responses));
  });

  describe.each(Object.entries(documented.responses))("%s", (status, expected) => {
    const answer = objectOf(valueAt(operation, ["responses", status]));

    test("its media types, the page's own first", () => {
      expect(mediaTypes(answer)).toStrictEqual(mediaTypes(expected));
    });

    test("its headers", () => {
      expect(answer["headers"]).toStrictEqual(objectOf(expected)["headers"]);
    });

    test.each(mediaTypes(expected))("its schema and example as %s", (mediaType) => {
      const found = valueAt(answer, ["content", mediaType]);
      const wanted = valueAt(expected, ["content", mediaType]);
      expect(found).toStrictEqual(wanted);
      // Of several examples a mock gives the first.
      expect(Object.keys(objectOf(valueAt(found, ["examples"])))).toStrictEqual(
        Object.keys(objectOf(valueAt(wanted, ["examples"]))),
      );
    });

    test("nothing else", () => {
      expect(answer).toStrictEqual(expected);
    });
  });
});

/** Names in the order in which they stand: the first one is what a client asks for. */
function mediaTypes(holder: unknown): string[] {
  return Object.keys(objectOf(valueAt(holder, ["content"])));
}

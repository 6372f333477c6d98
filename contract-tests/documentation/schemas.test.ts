/** The documentation as tests: every property of the bodies with its type, format, bounds and whether it must be there. */
import { describe, expect, test } from "vitest";
import { readContract } from "../contract/contract.js";
import { objectOf, valueAt } from "../contract/json.js";
import * as schemas from "./documented/schemas.js";
import { factsOf } from "./facts-of.js";

const { document } = await readContract();
const facts = objectOf(valueAt(factsOf(document), ["components", "schemas"]));

describe.each(Object.entries(schemas))("%s", (name, documented) => {
  test.each(Object.entries(documented.properties))("property %s", (property, value) => {
    expect(valueAt(facts, [name, "properties", property])).toStrictEqual(value);
  });

  test("has these properties alone", () => {
    const properties = objectOf(valueAt(facts, [name, "properties"]));
    expect(Object.keys(properties).sort()).toStrictEqual(Object.keys(documented.properties).sort());
  });

  test("requires what the documentation requires", () => {
    expect(valueAt(facts, [name, "required"])).toStrictEqual(
      "required" in documented ? documented.required : undefined,
    );
  });

  test("says nothing else", () => {
    expect(facts[name]).toStrictEqual(documented);
  });
});

test("every property of a secret is read-only", () => {
  const properties = Object.values(objectOf(valueAt(facts, ["ServiceAccountSecret", "properties"])));
  expect(properties.map((property) => objectOf(property)["readOnly"])).toStrictEqual(Array(6).fill(true));
});

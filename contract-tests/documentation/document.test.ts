/** The documentation as tests: what surrounds the operations, and that nothing undocumented is in the document. */
import SwaggerParser from "@apidevtools/swagger-parser";
import { expect, test } from "vitest";
import { contractFile, readContract } from "../contract/contract.js";
import { objectOf, valueAt } from "../contract/json.js";
import * as documented from "./documented/document.js";
import { factsOf } from "./facts-of.js";

const { document } = await readContract();
const facts = objectOf(factsOf(document));

test("the contract is a valid OpenAPI document", async () => {
  await expect(SwaggerParser.validate(contractFile)).resolves.toBeDefined();
});

test.each(Object.entries(documented.frame))("the document's %s", (key, value) => {
  expect(facts[key]).toStrictEqual(value);
});

test("the paths are the two documented ones", () => {
  expect(Object.keys(objectOf(facts["paths"]))).toStrictEqual(Object.keys(documented.document.paths));
});

test.each(Object.entries(documented.document.paths))("%s has the documented method alone", (path, item) => {
  expect(Object.keys(objectOf(valueAt(facts, ["paths", path])))).toStrictEqual(Object.keys(item));
});

test.each(Object.entries(documented.components))("the components hold the documented %s alone", (kind, entries) => {
  expect(Object.keys(objectOf(valueAt(facts, ["components", kind]))).sort()).toStrictEqual(Object.keys(entries).sort());
});

test("the document holds nothing else", () => {
  expect(facts).toStrictEqual(documented.document);
});

/** The documentation as tests: every parameter with its place, pattern and default. */
import { expect, test } from "vitest";
import { readContract } from "../contract/contract.js";
import { listOf, objectOf, valueAt } from "../contract/json.js";
import { create, createPath, deletePath, remove } from "./documented/operations.js";
import * as parameters from "./documented/parameters.js";
import { factsOf } from "./facts-of.js";

const { document } = await readContract();
const facts = factsOf(document);

test.each(Object.entries(parameters))("parameter %s", (name, documented) => {
  expect(valueAt(facts, ["components", "parameters", name])).toStrictEqual(documented);
});

const operations = [
  ["create", create, ["paths", createPath, "post", "parameters"]],
  ["delete", remove, ["paths", deletePath, "delete", "parameters"]],
] as const;

test.each(operations)("the parameters of %s, in their order", (_, operation, place) => {
  const names = listOf(valueAt(facts, place)).map((parameter) => objectOf(parameter)["name"]);
  expect(names).toStrictEqual(operation.parameters.map((parameter) => parameter.name));
  expect(valueAt(facts, place)).toStrictEqual(operation.parameters);
});

const examplesInPath = {
  groupId: "^([a-f0-9]{24})$",
  orgId: "^([a-f0-9]{24})$",
  clientId: "^mdb_sa_id_[a-fA-F\\d]{24}$",
  secretId: "^([a-f0-9]{24})$",
};

test.each(Object.entries(examplesInPath))("%s matches the pattern of the page", (name, pattern) => {
  const schema = valueAt(facts, ["components", "parameters", name, "schema"]);
  expect(objectOf(schema)["pattern"]).toBe(pattern);
});

test("only the pattern of secretId is stricter than the documentation, and it says why", () => {
  const marked = Object.entries(objectOf(valueAt(document, ["components", "parameters"]))).filter(([, parameter]) =>
    JSON.stringify(parameter).includes("x-stricter"),
  );
  expect(marked.map(([name]) => name)).toStrictEqual(["secretId"]);
  const note = objectOf(valueAt(marked[0]?.[1], ["schema", "x-stricter-than-documentation"]));
  expect(note).toStrictEqual({ keyword: "pattern", reason: expect.stringMatching(/\S.{20,}/) });
});

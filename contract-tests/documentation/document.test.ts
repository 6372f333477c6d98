/**
 * The documentation as tests: the contract holds what is documented and nothing else.
 */
import SwaggerParser from "@apidevtools/swagger-parser";
import { expect, test } from "vitest";
import { isObject } from "../contract/json.js";
import { CONTRACT_FILE } from "../contract/operations.js";
import { readDocument } from "../contract/read-document.js";
import * as documented from "./documented.js";
import { factsOf } from "./facts-of.js";

const facts = factsOf((await readDocument(CONTRACT_FILE)).root.resolved);

test("the contract is a valid OpenAPI document", async () => {
  await expect(SwaggerParser.validate(CONTRACT_FILE)).resolves.toBeDefined();
});

test("the contract without its prose is what is documented, fact by fact", () => {
  expect(facts).toStrictEqual(documented.document);
});

test("of several media types, statuses and examples the pages' own is first: it is what a client asks for and a mock gives", () => {
  expect(ordersIn(facts)).toStrictEqual(ordersIn(documented.document));
});

/** The keys of each object in which the order of the keys means something. */
function ordersIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordersIn);
  if (!isObject(value)) return undefined;
  const inside = Object.entries(value).map(([key, member]) => [key, ordersIn(member)] as const);
  const ordered = ["content", "examples", "responses", "security"].flatMap((key) => {
    const member = value[key];
    return isObject(member) ? [[key, Object.keys(member)]] : [];
  });
  return { ordered, inside: Object.fromEntries(inside) };
}

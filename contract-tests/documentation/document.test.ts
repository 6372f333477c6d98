/**
 * The documentation as tests: the contract holds what is documented and nothing else.
 */
import SwaggerParser from "@apidevtools/swagger-parser";
import { expect, test } from "vitest";
import { isObject } from "../contract/json.js";
import { CONTRACT_FILE } from "../contract/operations.js";
import { readDocument } from "../contract/read-document.js";
import * as documented from "./documented.js";

/** Values of these keywords are data: nothing in them is prose of the contract. */
const DATA = new Set(["example", "value", "default", "enum"]);

/** The contract's own marks, each with its reason: of what differs from the pages or the published document, and of a need. */
const MARKS = new Set(["x-stricter-than-documentation", "x-documented-elsewhere", "x-needed-by-client"]);

const facts = factsOf((await readDocument(CONTRACT_FILE)).root.resolved);

test("the contract is a valid OpenAPI document", async () => {
  await expect(SwaggerParser.validate(CONTRACT_FILE)).resolves.toBeDefined();
});

test("the contract without its prose is what is documented, fact by fact", () => {
  expect(facts).toStrictEqual(documented.document);
});

test("media types, statuses and examples stand in the documented order: the first is what a client sends and a mock gives", () => {
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

/**
 * The contract without its prose: what is left are the facts. Prose is `description`, `summary`, `externalDocs` and the
 * reason of a mark.
 */
function factsOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(factsOf);
  if (!isObject(value)) return value;
  const members = Object.entries(value).filter(([key, member]) => !isProse(key, member));
  return Object.fromEntries(members.map(([key, member]) => [key, factsOfMember(key, member)]));
}

function factsOfMember(key: string, member: unknown): unknown {
  if (DATA.has(key)) return member;
  if (MARKS.has(key) && isObject(member)) {
    const { reason, ...others } = member;
    // Without one that says something it stays, and the comparison fails.
    return typeof reason === "string" && reason.length > 20 ? others : member;
  }
  // A schema's property may be called `description`: it is an object then, and no prose.
  return factsOf(member);
}

function isProse(key: string, member: unknown): boolean {
  if (key === "description" || key === "summary") return typeof member === "string";
  return key === "externalDocs" && isObject(member) && "url" in member;
}

/**
 * The documentation as tests: the contract holds what is documented and nothing else, what people read in it is there and
 * leads to Atlas's own pages, and every example in it is a value that its own schema admits.
 */
import { readFile } from "node:fs/promises";
import SwaggerParser from "@apidevtools/swagger-parser";
import { describe, expect, test } from "vitest";
import type { Place } from "../contract/document.js";
import { isObject, type JsonObject, objectOf, pointerOf, valueAt, withValueAt } from "../contract/json.js";
import { CONTRACT_FILE, examplesOf, readContract } from "../contract/operations.js";
import { documentOf } from "../contract/read-document.js";
import { type Direction, violationsOf } from "../contract/validation.js";
import * as documented from "./documented.js";

/** Values of these keywords are data: nothing in them is prose of the contract. */
const DATA = new Set(["example", "value", "default", "enum"]);

/** The contract's own marks, each with its reason: of what differs from the pages or the published document, and of a need. */
const MARKS = new Set(["x-stricter-than-documentation", "x-documented-elsewhere", "x-needed-by-client"]);

const document: unknown = await SwaggerParser.dereference(CONTRACT_FILE);
const { securitySchemes, ...components } = objectOf(valueAt(document, ["components"]));
// The others are looked at where they are used.
const facts = factsOf({ ...objectOf(document), components: { securitySchemes } });

test("the contract is a valid OpenAPI document", async () => {
  await expect(SwaggerParser.validate(CONTRACT_FILE)).resolves.toBeDefined();
});

test("the contract without its prose is what is documented, fact by fact", () => {
  expect(facts).toStrictEqual(documented.document);
});

test("media types, statuses and examples stand in the documented order: the first is what a client sends and a mock gives", () => {
  expect(ordersIn(facts)).toStrictEqual(ordersIn(documented.document));
});

const named = Object.entries(components).flatMap(([kind, all]) =>
  Object.keys(objectOf(all)).map((name) => [kind, name]),
);

test.each(named)("of the %s, %s is used", async (kind, name) => {
  expect(await readFile(CONTRACT_FILE, "utf8")).toContain(`"#/components/${kind}/${name}"`);
});

const operations = [
  ["create", ["paths", documented.createPath, "post"], /\/operation-creategroupserviceaccountsecret$/],
  ["delete", ["paths", documented.deletePath, "delete"], /\/operation-deleteorgserviceaccountsecret$/],
] as const;

test.each(operations)("%s has a summary, a description and a link to its page", (_, place, link) => {
  const operation = objectOf(valueAt(document, place));
  expect(operation).toMatchObject({
    summary: words(3),
    description: words(10),
    externalDocs: { description: words(1), url: expect.stringMatching(link) },
  });
});

test("the links lead to Atlas's own pages", () => {
  const links = everyObject(document).flatMap((object) =>
    isObject(object["externalDocs"]) ? [object["externalDocs"]["url"]] : [],
  );
  expect([...new Set(links)].sort()).toStrictEqual([
    "https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/",
    "https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/operation/operation-creategroupserviceaccountsecret",
    "https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/operation/operation-deleteorgserviceaccountsecret",
    "https://www.mongodb.com/docs/atlas/api/service-accounts-overview/",
    "https://www.mongodb.com/docs/atlas/api/versioned-api-overview/",
    "https://www.mongodb.com/docs/atlas/reference/api-errors/",
    "https://www.mongodb.com/docs/atlas/tutorial/rotate-service-account-secrets/",
  ]);
});

test.each(["parameters", "headers", "schemas", "responses"])("each of the %s has a description", (kind) => {
  for (const [name, component] of Object.entries(objectOf(valueAt(document, ["components", kind])))) {
    expect({ name, ...objectOf(component) }).toMatchObject({ name, description: words(3) });
    for (const [property, schema] of Object.entries(objectOf(objectOf(component)["properties"]))) {
      expect({ property, ...objectOf(schema) }).toMatchObject({ property, description: words(3) });
    }
  }
});

test("the descriptions are not those of the pages", () => {
  const text = JSON.stringify(document);
  for (const sentence of [
    "Unique 24-hexadecimal digit string that identifies",
    "Flag that indicates whether",
    "Create a secret for the specified Service Account",
    "Deletes the specified Service Account secret",
    "The Client ID of the Service Account",
  ]) {
    expect(text).not.toContain(sentence);
  }
});

const contract = (await readContract()).document;
const examples = examplesIn(contract.root);

describe("an example or default is a value that its own schema admits:", () => {
  for (const { at, schema, value, direction } of examples) {
    test(`${at.pointer}, line ${at.line}`, () => expect(violationsOf(schema, value, direction)).toStrictEqual([]));
  }
});

test("the examples of bodies, responses, parameters, headers and properties are among them", () => {
  const places = examples.map(({ at }) => at.pointer);
  const operation = pointerOf(["paths", documented.createPath, "post"]);
  expect(places).toEqual(
    expect.arrayContaining([
      `${operation}/requestBody/content/application~1json`,
      `${operation}/responses/201/content/application~1vnd.atlas.2024-08-05+json`,
      "#/components/responses/badRequest/content/application~1json",
      "#/components/parameters/groupId",
      "#/components/headers/Retry-After",
      "#/components/schemas/ServiceAccountSecret/properties/id",
      "#/components/parameters/envelope/schema",
    ]),
  );
  const rateLimited = "#/components/responses/tooManyRequests/content/application~1json";
  expect(places.filter((at) => at === rateLimited)).toHaveLength(3);
});

describe("a wrong example would be seen", () => {
  const content = [
    "paths",
    documented.createPath,
    "post",
    "responses",
    "201",
    "content",
    "application/vnd.atlas.2024-08-05+json",
  ];
  const created = [...content, "examples", "documented", "value"];
  test.each([
    ["an id in capitals", [...created, "id"], "32B6E34B3D91647ABB20E7B8", "/id pattern"],
    ["a date that is none", [...created, "createdAt"], "yesterday", "/createdAt format"],
    ["a missing date of expiry", [...created, "expiresAt"], undefined, " required"],
    [
      "a life of no hours",
      ["paths", documented.createPath, "post", "requestBody", "content", "application/json", "example"],
      { secretExpiresAfterHours: 0 },
      "/secretExpiresAfterHours minimum",
    ],
    ["a default that is no boolean", ["components", "parameters", "pretty", "schema", "default"], "no", " type"],
    [
      "a client id with a wrong beginning",
      ["components", "parameters", "clientId", "example"],
      "mdb_sa_sk_1",
      " pattern",
    ],
  ])("%s", (_, place, value, violation) => {
    const changed = documentOf(withValueAt(contract.root.value, place, value));
    const violations = examplesIn(changed.root).flatMap((example) =>
      violationsOf(example.schema, example.value, example.direction),
    );
    expect(violations.join("\n")).toContain(violation);
  });
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

function words(atLeast: number): unknown {
  return expect.stringMatching(new RegExp(`^\\s*(\\S+\\s+){${atLeast - 1},}\\S+\\s*$`));
}

/** The object and every one within it; the resolved contract holds no circles. */
function everyObject(value: unknown): JsonObject[] {
  if (Array.isArray(value)) return value.flatMap(everyObject);
  return isObject(value) ? [value, ...Object.values(value).flatMap(everyObject)] : [];
}

interface Example {
  /** Its holder: a schema, or what has a schema. */
  readonly at: Place;
  readonly schema: Place;
  readonly value: unknown;
  readonly direction: Direction;
}

/** Every example and default under a place, once for each direction in which it is met. */
function examplesIn(root: Place): Example[] {
  const seen = new Set<string>();
  const search = (at: Place, direction: Direction, inSchemas: boolean): Example[] => {
    const visit = `${direction} ${at.pointer}`;
    if (seen.has(visit)) return [];
    seen.add(visit);
    const schema = at.get("schema") ?? (inSchemas ? at : undefined);
    const standard = at.has("default") ? [objectOf(at.value)["default"]] : [];
    const values = schema === undefined ? [] : [...examplesOf(at), ...standard];
    const members = at.entries().filter(([key]) => key !== "examples" && !DATA.has(key));
    return [
      ...values.flatMap((value) => (schema === undefined ? [] : [{ at, schema, value, direction }])),
      ...members.flatMap(([key, member]) => {
        const sent = key === "requestBody" || key === "parameters";
        return search(member, sent ? "request" : direction, inSchemas || key === "schema" || key === "schemas");
      }),
    ];
  };
  return search(root, "response", false);
}

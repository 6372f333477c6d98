/** What people read in the contract: it is there, and it leads to Atlas's own pages. */
import { expect, test } from "vitest";
import { isObject, type JsonObject, objectOf, valueAt } from "../contract/json.js";
import { CONTRACT_FILE } from "../contract/operations.js";
import { readDocument } from "../contract/read-document.js";
import { createPath, deletePath } from "./documented.js";

const document = (await readDocument(CONTRACT_FILE)).root.resolved;
const operations = [
  ["create", ["paths", createPath, "post"], /\/operation-creategroupserviceaccountsecret$/],
  ["delete", ["paths", deletePath, "delete"], /\/operation-deleteorgserviceaccountsecret$/],
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

function words(atLeast: number): unknown {
  return expect.stringMatching(new RegExp(`^\\s*(\\S+\\s+){${atLeast - 1},}\\S+\\s*$`));
}

/** The object and every one within it; the resolved contract holds no circles. */
function everyObject(value: unknown): JsonObject[] {
  if (Array.isArray(value)) return value.flatMap(everyObject);
  return isObject(value) ? [value, ...Object.values(value).flatMap(everyObject)] : [];
}

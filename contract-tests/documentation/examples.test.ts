/** Every example and default in the contract is a value that its own schema admits. */
import { describe, expect, test } from "vitest";
import { contractOf, readContract } from "../contract/contract.js";
import { everyExample } from "../contract/examples.js";
import { withValueAt } from "../contract/json.js";
import { violationsOf } from "../contract/validation.js";
import { createPath } from "./documented/operations.js";

const { document } = await readContract();
const examples = everyExample(document);

for (const { at, schema, value, direction } of examples) {
  test(at, () => expect(violationsOf(schema, value, direction)).toStrictEqual([]));
}

test("the examples of bodies, answers, parameters, headers and properties are among them", () => {
  const places = examples.map(({ at }) => at);
  const operation = `/paths/${createPath.replaceAll("/", "~1")}/post`;
  expect(places).toEqual(
    expect.arrayContaining([
      `${operation}/requestBody/content/application~1json`,
      `${operation}/responses/201/content/application~1vnd.atlas.2024-08-05+json`,
      `${operation}/responses/400/content/application~1json`,
      `${operation}/parameters/0`,
      "/components/headers/Retry-After",
      "/components/schemas/ServiceAccountSecret/properties/id",
      "/components/parameters/envelope/schema",
    ]),
  );
  expect(places.filter((at) => at === `${operation}/responses/429/content/application~1json`)).toHaveLength(2);
});

describe("a wrong example would be seen", () => {
  const created = ["paths", createPath, "post", "responses", "201", "content", "application/vnd.atlas.2024-08-05+json"];
  test.each([
    ["an id in capitals", [...created, "example", "id"], "32B6E34B3D91647ABB20E7B8", "/id pattern"],
    ["a date that is none", [...created, "example", "createdAt"], "yesterday", "/createdAt format"],
    ["a missing date of expiry", [...created, "example", "expiresAt"], undefined, " required"],
    [
      "a life of no hours",
      ["paths", createPath, "post", "requestBody", "content", "application/json", "example"],
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
    const { document: changed } = contractOf(withValueAt(document, place, value));
    const violations = everyExample(changed).flatMap((example) =>
      violationsOf(example.schema, example.value, example.direction),
    );
    expect(violations.join("\n")).toContain(violation);
  });
});

/** Every example and default in the contract is a value that its own schema admits. */
import { describe, expect, test } from "vitest";
import type { Place } from "../contract/document.js";
import { objectOf, pointerOf, withValueAt } from "../contract/json.js";
import { readContract } from "../contract/operations.js";
import { documentOf } from "../contract/read-document.js";
import { type Direction, violationsOf } from "../contract/validation.js";
import { examplesOf } from "../contract/values.js";
import { createPath } from "./documented.js";

/** Members that are data, not part of the contract's structure. */
const DATA = new Set(["example", "examples", "default", "enum"]);

const { document } = await readContract();
const examples = examplesIn(document.root);

for (const { at, schema, value, direction } of examples) {
  test(`${at.pointer}, line ${at.line}`, () => expect(violationsOf(schema, value, direction)).toStrictEqual([]));
}

test("the examples of bodies, responses, parameters, headers and properties are among them", () => {
  const places = examples.map(({ at }) => at.pointer);
  const operation = pointerOf(["paths", createPath, "post"]);
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
  const content = ["paths", createPath, "post", "responses", "201", "content", "application/vnd.atlas.2024-08-05+json"];
  const created = [...content, "examples", "documented", "value"];
  test.each([
    ["an id in capitals", [...created, "id"], "32B6E34B3D91647ABB20E7B8", "/id pattern"],
    ["a date that is none", [...created, "createdAt"], "yesterday", "/createdAt format"],
    ["a missing date of expiry", [...created, "expiresAt"], undefined, " required"],
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
    const changed = documentOf(withValueAt(document.root.value, place, value));
    const violations = examplesIn(changed.root).flatMap((example) =>
      violationsOf(example.schema, example.value, example.direction),
    );
    expect(violations.join("\n")).toContain(violation);
  });
});

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
    const members = at.entries().filter(([key]) => !DATA.has(key));
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

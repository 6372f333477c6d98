/**
 * A third operation: a copy of the contract with one more, as unlike the two as can be, is generated, and every fact of
 * it that a request can show is covered by a derived case, without a line about it in the generator or the cases.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { objectOf, withValueAt } from "../contract/json.js";
import { CONTRACT_FILE, type Contract, readContract } from "../contract/operations.js";
import { type Fact, factsOf } from "../ledger/facts.js";
import { flat } from "./calling.js";
import { type Cases, casesOf } from "./cases.js";

const path = "/api/atlas/v2/groups/{groupId}/things/{thingName}";
const thirdOperation = {
  operationId: "replaceThings",
  summary: "Replace things",
  tags: ["Service Accounts"],
  security: [{ ServiceAccounts: [] }],
  parameters: [
    { $ref: "#/components/parameters/groupId" },
    {
      name: "thingName",
      in: "path",
      required: true,
      schema: { type: "string", minLength: 3, maxLength: 8 },
      example: "thing",
    },
    { name: "limit", in: "query", required: true, schema: { type: "integer", minimum: 1, maximum: 100 }, example: 5 },
    { name: "state", in: "query", schema: { type: "string", enum: ["on", "off"] } },
    {
      name: "ratio",
      in: "query",
      schema: { type: "number", multipleOf: 0.5, maximum: 4, exclusiveMaximum: true },
      example: 1.5,
    },
    {
      name: "kinds",
      in: "query",
      schema: {
        type: "array",
        minItems: 2,
        maxItems: 3,
        uniqueItems: true,
        items: { type: "string", pattern: "^[a-z]+$" },
      },
      example: ["red", "blue"],
    },
    {
      name: "X-Trace",
      in: "header",
      required: true,
      schema: { type: "string", format: "uuid" },
      example: "6f2c1c1e-7f0a-4c0e-9d5b-2f1a3b4c5d6e",
    },
  ],
  requestBody: {
    required: true,
    content: {
      "application/json": {
        schema: {
          type: "object",
          required: ["name", "parts"],
          additionalProperties: false,
          properties: {
            name: { type: "string", maxLength: 10 },
            parts: {
              type: "array",
              minItems: 1,
              items: { type: "object", required: ["size"], properties: { size: { type: "integer", format: "int32" } } },
            },
            until: { type: "string", format: "date-time", example: "2025-05-04T09:42:00Z" },
            madeBy: { type: "string", readOnly: true },
          },
        },
        example: { name: "a thing", parts: [{ size: 1 }] },
      },
    },
  },
  responses: { "200": { $ref: "#/components/responses/things" }, "404": { $ref: "#/components/responses/notFound" } },
};
const things = {
  description: "The things",
  headers: { "X-Count": { schema: { type: "integer" }, example: 1 } },
  content: {
    "application/json": {
      schema: {
        type: "array",
        maxItems: 3,
        items: { type: "object", required: ["name"], properties: { name: { type: "string" } } },
      },
      example: [{ name: "a thing" }],
    },
  },
};

let folder: string;
let contract: Contract;
let cases: Cases;
let facts: readonly Fact[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "third-operation-"));
  const spec = join(folder, "contract.yaml");
  const original: unknown = parse(await readFile(CONTRACT_FILE, "utf8"));
  const withOperation = withValueAt(original, ["paths", path, "put"], thirdOperation);
  await writeFile(spec, stringify(withValueAt(withOperation, ["components", "responses", "things"], things)));
  const generator = fileURLToPath(new URL("../../scripts/generate/main.ts", import.meta.url));
  const out = join(folder, "generated");
  await promisify(execFile)(process.execPath, ["--import", "tsx", generator, "--spec", spec, "--out", out]);
  contract = await readContract(spec);
  cases = casesOf(contract);
  facts = factsOf(contract).facts.filter(({ operation }) => operation === "replaceThings");
});
afterAll(() => rm(folder, { recursive: true }));

test("each of its constraints has a case, and none is left over", () => {
  const covered = [...cases.refusedCalls, ...cases.refusedRequests, ...cases.brokenResponses].map(({ fact }) => fact);
  const constraints = facts.filter(({ kind }) => kind.includes("constraint"));
  expect(cases.underivable).toStrictEqual([]);
  expect(constraints.map(({ name }) => name).filter((name) => !covered.includes(name))).toStrictEqual([]);
  expect(constraints.length).toBeGreaterThan(50);
});

describe("the generated validators", () => {
  let validate: (args: unknown) => unknown;
  beforeAll(async () => {
    const generated: unknown = await import(pathToFileURL(join(folder, "generated", "validators.js")).href);
    const found = objectOf(objectOf(objectOf({ ...objectOf(generated) })["argumentValidators"]))["replaceThings"];
    validate = (args) => (typeof found === "function" ? Reflect.apply(found, undefined, [args]) : undefined);
  });

  test("admit what the contract admits", () => {
    const own = cases.callable.filter(({ operation }) => operation.operationId === "replaceThings");
    expect(own).toHaveLength(1);
    for (const { args } of own) expect(validate(flat(args))).toBe(true);
  });

  test("refuse whatever breaks one of its constraints", () => {
    const own = cases.refusedCalls.filter(({ operation }) => operation.operationId === "replaceThings");
    const admitted = own.filter(({ args }) => validate(flat(args)) !== false);
    expect(admitted.map(({ fact, args }) => ({ fact, args }))).toStrictEqual([]);
    expect(own.length).toBeGreaterThan(20);
  });
});

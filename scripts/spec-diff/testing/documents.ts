/**
 * Documents for the tests: a contract, copies of it to edit, and small ones made for one question.
 */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { parse } from "yaml";
import type { ContractDocument } from "../../../contract-tests/contract/document.js";
import { isObject } from "../../../contract-tests/contract/json.js";
import { pointerTo } from "../../../contract-tests/contract/pointer.js";
import { parseDocumentText } from "../../../contract-tests/contract/read-document.js";
import { FROZEN_CONTRACT } from "../../../contract-tests/contract/testing/frozen-contract.js";
import { compareDocuments } from "../compare.js";
import type { Difference } from "../findings.js";

/** A JSON object that a test may change. */
export type Json = Record<string, unknown>;

/** The path of the contract that is compared: not the project's own, so that an edit there changes nothing here. */
export const contractPath = relative(process.cwd(), FROZEN_CONTRACT);

/** The template of the path of the create operation. */
export const createPath = "/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets";

/** The template of the path of the delete operation. */
export const deletePath = "/api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}";

/** A fresh copy of the contract without its `x-documented-elsewhere`, so that a test adds what it is about. */
export function contractCopy(): Json {
  const contract: unknown = parse(readFileSync(contractPath, "utf8"));
  // The YAML anchors make parts of it shared; a copy must not change in two places at once.
  const copy: unknown = JSON.parse(JSON.stringify(contract), (key, value: unknown) =>
    key === "x-documented-elsewhere" ? undefined : value,
  );
  if (!isJson(copy)) throw new Error("the contract is no object");
  return copy;
}

function isJson(value: unknown): value is Json {
  return isObject(value);
}

/** The pointer with these keys. */
export function at(...keys: readonly (string | number)[]): string {
  return keys.reduce<string>(pointerTo, "#");
}

function documentOf(json: Json, source = "test.json"): ContractDocument {
  return parseDocumentText(source, JSON.stringify(json));
}

/** What differs between two documents. */
export function differencesOf(ours: Json, theirs: Json): readonly Difference[] {
  return compareDocuments(documentOf(ours, "ours.json"), documentOf(theirs, "theirs.json")).differences;
}

/** What differs where one schema is used in the body of a request, or of a response. */
export function schemaDifferences(
  direction: "request" | "response",
  ours: unknown,
  theirs: unknown,
  more: Json = {},
): readonly Difference[] {
  return differencesOf(documentWith(direction, ours, more), documentWith(direction, theirs, more));
}

function documentWith(direction: "request" | "response", schema: unknown, more: Json): Json {
  const content = { "application/json": { schema } };
  return {
    openapi: "3.0.3",
    paths: {
      "/things": {
        post: {
          operationId: "makeThing",
          ...(direction === "request" && { requestBody: { content } }),
          responses: { "200": { description: "made", ...(direction === "response" && { content }) } },
        },
      },
    },
    ...more,
  };
}

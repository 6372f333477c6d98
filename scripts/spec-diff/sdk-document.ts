/**
 * MongoDB's SDK document, from which its Go SDK is generated: the official document without references to the parameters
 * `envelope` and `pretty`, which no SDK sends, and with shorter operationIds.
 * See https://github.com/mongodb/atlas-sdk-go/blob/main/tools/transformer/src/atlasTransformations.js
 */
import type { ContractDocument } from "../../contract-tests/contract/document.js";
import type { Judgement } from "./verdict.js";

/** The query parameters that are left out. */
export const STRIPPED: readonly string[] = ["envelope", "pretty"];

export const STRIPPED_ON_PURPOSE: Judgement = {
  verdict: "explained",
  why: "MongoDB's SDK document leaves envelope and pretty out of its operations on purpose; Atlas takes them all the same.",
};

/** Whether the parameters are still described, as in the official document, but no operation refers to one of them. */
export function isSdkDocument({ root }: ContractDocument): boolean {
  const described = STRIPPED.every((name) => root.get("components", "parameters", name) !== undefined);
  if (!described) return false;
  // Searched as text: of hundreds of operations, many of no interest here, no reference has to be followed.
  const paths = JSON.stringify(root.get("paths")?.value);
  return !STRIPPED.some((name) => paths.includes(`"$ref":"#/components/parameters/${name}"`));
}

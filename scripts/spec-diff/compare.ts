/**
 * Compares the contract with another document: each operation of the contract with its partner, nothing else.
 */
import { type ContractDocument, ContractError } from "../../contract-tests/contract/document.js";
import { operationsOf } from "../../contract-tests/contract/operations.js";
import { compareServers, isSdkDocument, partnersIn, pathsOf } from "./documents.js";
import { Context, type Difference, Findings, missing, present } from "./findings.js";
import { compareOperations } from "./operation.js";
import { breaking } from "./verdict.js";

/** What a comparison found. */
export interface Comparison {
  readonly contract: ContractDocument;
  readonly official: ContractDocument;
  /** The contract's operations, as `operationId`s. */
  readonly operations: readonly string[];
  /** How many single comparisons were made, so that "no difference" can be told from "nothing looked at". */
  readonly compared: number;
  /** How many paths the other document has. */
  readonly theirPaths: number;
  /** Whether it is the one that MongoDB's SDKs are generated from. */
  readonly isSdkDocument: boolean;
  /** The heaviest verdict first. */
  readonly differences: readonly Difference[];
}

/**
 * Compares every operation of `contract` with the one of the same method and path in `official`.
 * @throws ContractError if the contract has no operation, or a reference on the way cannot be followed
 */
export function compareDocuments(contract: ContractDocument, official: ContractDocument): Comparison {
  const findings = new Findings();
  const operations = operationsOf(contract);
  if (operations.length === 0) throw new ContractError(`${contract.source} has no operation to compare`);
  const partnerOf = partnersIn(official);
  for (const ours of operations) {
    const { operationId, path, method, at } = ours;
    const context = new Context(findings, { operation: operationId, part: "operation" }, "request", operationId);
    const [theirPath, theirs] = partnerOf(ours);
    if (theirs !== undefined) compareOperations(context, ours, theirs);
    else {
      const side = missing(official.root, "paths", theirPath, method.toLowerCase());
      const otherwise = breaking("they do not have the operation");
      context.noteOnlyOurs(`${method} ${path}`, present(at, operationId), side, [at], otherwise);
    }
  }
  compareServers(findings, contract, official);
  return {
    contract,
    official,
    operations: operations.map(({ operationId }) => operationId),
    compared: findings.compared,
    theirPaths: pathsOf(official).length,
    isSdkDocument: isSdkDocument(official),
    differences: findings.all(),
  };
}

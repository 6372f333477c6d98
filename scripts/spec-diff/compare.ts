/**
 * Compares the contract with another document: each operation of the contract with its partner, nothing else.
 */
import { type ContractDocument, ContractError } from "../../contract-tests/contract/document.js";
import { type Operation, operationsOf } from "../../contract-tests/contract/operations.js";
import { compareAnnouncements } from "./announcements.js";
import { compareServers, isSdkDocument, OperationIndex, placeholdersOf } from "./documents.js";
import { Context, type Difference, Findings, missing, present } from "./findings.js";
import { compareParameters, compareRequestBody } from "./request.js";
import { compareResponses } from "./responses.js";
import { compareSecurity } from "./security.js";
import { breaking, compatible, judgeMissing } from "./verdict.js";

const ROLES = "x-rolesRequirements";

/** What a comparison found. */
export interface Comparison {
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
  const index = new OperationIndex(official);
  for (const ours of operations) {
    const { operationId, path, method, at } = ours;
    const context = new Context(findings, { operation: operationId, part: "operation" }, "request", operationId);
    context.count();
    const theirs = index.partnerOf(ours);
    if (theirs !== undefined) compareOperation(context, ours, theirs);
    else {
      const side = missing(official.root, "paths", index.pathOf(ours) ?? path, method.toLowerCase());
      const judgement = judgeMissing(at, breaking("they do not have the operation"));
      context.report(`only ours: ${method} ${path}`, present(at, operationId), side, judgement);
    }
  }
  compareServers(findings, contract, official);
  return {
    operations: operations.map(({ operationId }) => operationId),
    compared: findings.compared,
    theirPaths: index.paths,
    isSdkDocument: isSdkDocument(official),
    differences: findings.all(),
  };
}

function compareOperation(context: Context, ours: Operation, theirs: Operation): void {
  comparePlaceholders(context.in("path", "request", "path"), ours, theirs);
  compareOperationIds(context, ours, theirs);
  compareRoles(context, ours, theirs);
  compareAnnouncements(context, ours.at, theirs.at);
  compareParameters(context, ours, theirs);
  compareRequestBody(context, ours, theirs);
  compareResponses(context, ours, theirs);
  compareSecurity(context.in("security", "request", "security"), ours, theirs);
}

function comparePlaceholders(context: Context, ours: Operation, theirs: Operation): void {
  context.count();
  if (placeholdersOf(ours).join() === placeholdersOf(theirs).join()) return;
  const sideOf = ({ at, path }: Operation) => ({ ...missing(at.document.root, "paths", path), value: path });
  const judgement = compatible("the names are never sent");
  context.report("names of the placeholders in the path", sideOf(ours), sideOf(theirs), judgement);
}

function compareOperationIds(context: Context, ours: Operation, theirs: Operation): void {
  context.count();
  const [our, their] = [ours, theirs].map(({ at }) => at.get("operationId")?.text);
  if (our === undefined || their === undefined || our === their) return;
  const judgement = compatible("the name is never sent; MongoDB's documentation and programs use theirs");
  context.reportMember(ours.at, theirs.at, "operationId", judgement);
}

/** Any one of the roles is enough. */
function compareRoles(context: Context, ours: Operation, theirs: Operation): void {
  context.count();
  const rolesOf = ({ at }: Operation) => (at.get(ROLES)?.items() ?? []).map(({ value }) => String(value));
  const [our, their] = [rolesOf(ours), rolesOf(theirs)];
  if (our.length === 0 || our.toSorted().join() === their.toSorted().join()) return;
  let judgement = breaking("they may refuse an account that has the role that the contract names");
  if (our.every((role) => their.includes(role))) judgement = compatible("another role is enough too");
  if (their.length === 0) judgement = compatible("they do not say which role it takes");
  context.reportMember(ours.at, theirs.at, ROLES, judgement);
}

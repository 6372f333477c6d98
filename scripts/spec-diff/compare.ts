/**
 * Compares the contract with another document: each operation of the contract with its partner, nothing else.
 */
import { type ContractDocument, ContractError } from "../../contract-tests/contract/document.js";
import { type Operation, operationsOf } from "../../contract-tests/contract/operations.js";
import { pointerTo } from "../../contract-tests/contract/pointer.js";
import { compareAnnouncements } from "./announcements.js";
import { type Difference, Findings, judgeMissing, missing } from "./findings.js";
import { OperationIndex, placeholdersOf } from "./operations.js";
import { compareParameters, compareRequestBody } from "./request.js";
import { compareResponses } from "./responses.js";
import { type Context, reportMember } from "./schema/context.js";
import { isSdkDocument } from "./sdk-document.js";
import { compareSecurity } from "./security.js";
import { compareServers } from "./servers.js";
import type { Judgement } from "./verdict.js";

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
    findings.count();
    const theirs = index.partnerOf(ours);
    if (theirs === undefined) reportMissing(findings, ours, index);
    else compareOperation(findings, ours, theirs);
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

function compareOperation(findings: Findings, ours: Operation, theirs: Operation): void {
  const place = { operation: ours.operationId, part: "operation" };
  const context: Context = { findings, place, direction: "request", subject: ours.operationId, seen: new Set() };
  comparePlaceholders(findings, ours, theirs);
  compareOperationIds(context, ours, theirs);
  compareRoles(context, ours, theirs);
  compareAnnouncements(context, ours.at, theirs.at);
  compareParameters(findings, ours, theirs);
  compareRequestBody(findings, ours, theirs);
  compareResponses(findings, ours, theirs);
  compareSecurity(findings, ours, theirs);
}

function compareOperationIds(context: Context, ours: Operation, theirs: Operation): void {
  context.findings.count();
  const [our, their] = [ours, theirs].map(({ at }) => at.get("operationId")?.text);
  if (our === undefined || their === undefined || our === their) return;
  const why = "the name is never sent; MongoDB's documentation and programs use theirs";
  reportMember(context, ours.at, theirs.at, "operationId", { verdict: "compatible", why });
}

/** Any one of the roles is enough. */
function compareRoles(context: Context, ours: Operation, theirs: Operation): void {
  context.findings.count();
  const [our = [], their = []] = [ours, theirs].map(({ at }) =>
    at
      .get(ROLES)
      ?.items()
      .map(({ value }) => String(value)),
  );
  if (our.length === 0 || our.toSorted().join() === their.toSorted().join()) return;
  const judgement: Judgement =
    their.length === 0
      ? { verdict: "compatible", why: "they do not say which role it takes" }
      : our.every((role) => their.includes(role))
        ? { verdict: "compatible", why: "another role is enough too" }
        : { verdict: "breaking", why: "they may refuse an account that has the role that the contract names" };
  reportMember(context, ours.at, theirs.at, ROLES, judgement);
}

function comparePlaceholders(findings: Findings, ours: Operation, theirs: Operation): void {
  findings.count();
  if (placeholdersOf(ours).join() === placeholdersOf(theirs).join()) return;
  findings.add({
    place: { operation: ours.operationId, part: "path" },
    what: "names of the placeholders in the path",
    ours: { pointer: pathPointer(ours.path), value: ours.path },
    theirs: { pointer: pathPointer(theirs.path), value: theirs.path },
    verdict: "compatible",
    why: "the names are never sent",
  });
}

function reportMissing(findings: Findings, ours: Operation, index: OperationIndex): void {
  const path = index.pathOf(ours) ?? ours.path;
  findings.add({
    place: { operation: ours.operationId, part: "operation" },
    what: `only ours: ${ours.method} ${ours.path}`,
    ours: { pointer: ours.at.pointer, value: ours.operationId },
    theirs: missing(pointerTo(pathPointer(path), ours.method.toLowerCase())),
    ...judgeMissing(ours.at, { verdict: "breaking", why: "they do not have the operation" }),
  });
}

function pathPointer(path: string): string {
  return pointerTo("#/paths", path);
}

/** Compares each operation of the contract with the same one of another document, down to its schemas. */
import { type ContractDocument, ContractError } from "../../contract-tests/contract/document.js";
import * as contracts from "../../contract-tests/contract/operations.js";
import { compareSecurity, compareServers, isSdkDocument, judgeStripped, partnerOf, pathsOf } from "./documents.js";
import {
  breaking,
  compatible,
  Findings,
  type Judgement,
  judge,
  MEANING,
  matched,
  missing,
  Pair,
  used,
} from "./findings.js";
import { compareMembers, READ_OTHERWISE } from "./members.js";
import { compareSchemas } from "./schema/compare.js";

type Operation = contracts.Operation;
type Response = contracts.DocumentedResponse;

export type Comparison = ReturnType<typeof compareDocuments>;

/**
 * Compares every operation of `contract` with the one of the same method and path in `official`.
 * @throws ContractError if the contract has no operation, or a reference on the way cannot be followed
 */
export function compareDocuments(contract: ContractDocument, official: ContractDocument) {
  const findings = new Findings();
  const operations = contracts.operationsOf(contract);
  if (operations.length === 0) throw new ContractError(`${contract.source} has no operation to compare`);
  for (const ours of operations) {
    const { operationId, path, method, at } = ours;
    const place = { operation: operationId, part: "operation" };
    const documents = new Pair(findings, place, { at: contract.root }, { at: official.root }, operationId);
    const theirs = partnerOf(ours, official);
    if (theirs !== undefined) compareOperations(documents.of(ours, theirs));
    else {
      const keys = ["paths", path, method.toLowerCase()];
      const otherwise = breaking("they do not have the operation");
      documents.noteOnlyOurs(`${method} ${path}`, at, keys, otherwise, operationId);
    }
  }
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

function compareOperations(pair: Pair<Operation>): void {
  comparePlaceholders(pair.in("path"));
  compareMembers(pair, "operationId", "x-rolesRequirements", "deprecated", "x-sunset");
  compareParameters(pair.in("request"));
  compareRequestBody(pair.in("request", "request body"));
  compareResponses(pair);
  compareSecurity(pair.in("security"));
  compareServers(pair.in("servers"));
}

function comparePlaceholders(pair: Pair<Operation>): void {
  const [ours, theirs] = pair.both((operation) => placeholdersOf(operation).join());
  const sides = pair.both(({ at, path }) => ({ ...missing(at.document.root, "paths", path), value: path }));
  const judgement = ours === theirs ? undefined : compatible("the names are never sent");
  pair.note("names of the placeholders in the path", sides, judgement);
}

function placeholdersOf({ path }: Operation): readonly string[] {
  return [...path.matchAll(/\{([^}]*)\}/g)].map(([, name = ""]) => name);
}

function compareParameters(pair: Pair<Operation>): void {
  const keys = [({ key }: Placed) => key, ({ name }: Placed) => name];
  const { pairs, gone, added } = matched(...pair.both(placed), ...keys);
  for (const [ours, theirs] of pairs) {
    const inner = pair.of(ours, theirs, ours.label);
    if (ours.key === theirs.key) compareParameter(inner);
    else inner.noteMember("in", breaking("a client puts it where they do not look for it"));
  }
  for (const parameter of gone) {
    const otherwise = judgeStripped(parameter, pair.theirs.at.document) ?? MEANING.untaken;
    pair.noteOnlyOurs(parameter.label, parameter.at, ["parameters"], otherwise);
  }
  for (const { required, label, at } of added) {
    if (required) pair.noteOnlyTheirs(`required ${label}`, at, ["parameters"], MEANING.demanded);
    else pair.noteOnlyTheirs(label, at, ["parameters"], MEANING.optional);
  }
}

type Placed = ReturnType<typeof placed>[number];

/** The parameters with what they are called, and where they go: for a path the position of a placeholder of any name. */
function placed(operation: Operation) {
  const placeholders = placeholdersOf(operation);
  return operation.parameters.map((parameter) => {
    const { name, in: place } = parameter;
    const position = place === "path" ? placeholders.indexOf(name) : -1;
    const sent = place === "header" ? name.toLowerCase() : name;
    return { ...parameter, label: `${place} parameter ${name}`, key: `${place} ${position === -1 ? sent : position}` };
  });
}

function compareParameter(pair: Pair): void {
  compareMembers(pair, "required", "style", "explode", "allowReserved", "deprecated", "x-sunset");
  const [ours, theirs] = pair.both(({ at }) => at.has("content"));
  if (ours === theirs) {
    compareSchemaMember(pair);
    compareContent(pair);
  } else pair.noteMember("content", READ_OTHERWISE);
}

function compareRequestBody(pair: Pair<Operation>): void {
  const [ours, theirs] = pair.both(({ body }) => body);
  if (ours !== undefined && theirs !== undefined) {
    compareMembers(pair.of(ours, theirs), "required");
    compareContent(pair.of(ours, theirs));
  } else if (ours !== undefined) {
    pair.noteOnlyOurs("request body", ours.at, ["requestBody"], MEANING.untaken);
  } else if (theirs?.required) {
    pair.noteOnlyTheirs("required request body", theirs.at, ["requestBody"], MEANING.demanded);
  } else if (theirs !== undefined) {
    pair.noteOnlyTheirs("request body", theirs.at, ["requestBody"], MEANING.optional);
  }
}

/** On either side a range (`4XX`) or, for errors, `default` stands for each status that is not documented itself. */
function compareResponses(pair: Pair<Operation>): void {
  const pairIn = (status: string) => pair.in(`response ${status}`, "response", "response");
  const met = new Set<Response>();
  const compare = (ours: Response | undefined, theirs: Response | undefined) => {
    if (ours === undefined || theirs === undefined) return;
    met.add(ours).add(theirs);
    compareResponse(pairIn(ours.status).of(ours, theirs));
  };
  const notMet = ({ responses }: Operation) => responses.filter((response) => !met.has(response));
  for (const response of pair.ours.responses) compare(response, responseFor(response, pair.theirs));
  for (const response of notMet(pair.theirs)) compare(responseFor(response, pair.ours), response);
  // If one successful status takes the place of another, that is one difference, and the two responses are compared.
  const successes = pair.both((operation) => notMet(operation).filter(contracts.isSuccess));
  if (successes.every(({ length }) => length === 1)) compare(successes[0][0], successes[1][0]);
  for (const response of notMet(pair.ours)) {
    const { status, at } = response;
    const isLast = contracts.isSuccess(response) && !pair.theirs.responses.some(contracts.isSuccess);
    const otherwise = isLast ? breaking("a client waits for it") : MEANING.dispensable;
    pairIn(status).noteOnlyOurs(`response ${status}`, at, ["responses", status], otherwise, status);
  }
  for (const { status, at } of notMet(pair.theirs)) {
    const judgement = isError(status) ? compatible("a client goes by its status") : judge("response", "wider");
    pairIn(status).noteOnlyTheirs(`response ${status}`, at, ["responses", status], judgement, status);
  }
}

/** What an operation documents for the status of a response. */
function responseFor({ status }: Response, { responses }: Operation): Response | undefined {
  const candidates = [status, `${status.charAt(0)}XX`, ...(isError(status) ? ["default"] : [])];
  return candidates.flatMap((each) => responses.find((other) => other.status === each) ?? [])[0];
}

/** An error is treated as one whatever its status; what is a success is known by it. */
function judgeStatus(ours: string, theirs: string): Judgement | undefined {
  if (ours === theirs || isError(ours)) return undefined;
  if (ours.endsWith("XX")) return judge("response", "narrower");
  if (theirs.endsWith("XX")) return judge("response", "wider");
  return breaking("a client takes another status for success");
}

const isError = (status: string) => /^(4|5|default$)/.test(status);

function compareResponse(pair: Pair<Response>): void {
  const { ours, theirs } = pair;
  const sides = pair.both(({ at, status }) => used(at, status));
  pair.note("status of the successful response", sides, judgeStatus(ours.status, theirs.status));
  const { pairs, gone, added } = matched(ours.headers, theirs.headers, ({ name }) => name.toLowerCase());
  for (const [our, their] of pairs) {
    const header = pair.of(our, their, `header ${our.name}`);
    compareMembers(header, "required", "deprecated", "x-sunset");
    compareSchemaMember(header);
  }
  for (const { name, at } of gone) {
    const otherwise = at.flag("required") ? MEANING.countedOn : MEANING.dispensable;
    pair.noteOnlyOurs(`header ${name}`, at, ["headers", name], otherwise);
  }
  for (const { name, at } of added) pair.noteOnlyTheirs(`header ${name}`, at, ["headers", name], MEANING.ignored);
  compareContent(pair);
}

/** Without a schema anything may come. */
function compareSchemaMember(pair: Pair): void {
  const [ours, theirs] = pair.members("schema");
  if (ours !== undefined && theirs !== undefined) compareSchemas(pair.of({ at: ours }, { at: theirs }), true);
  else if (ours !== theirs) pair.noteMember("schema", ours === undefined ? "narrower" : "wider");
}

function compareContent(pair: Pair): void {
  const { subject, direction } = pair;
  const [content] = pair.members("content");
  const [ours, theirs] = pair.both(({ at }) => at.entries("content"));
  const otherwise = direction === "request" ? MEANING.untaken : breaking("a client asks for it or counts on it");
  if (content !== undefined && ours.length > 0 && theirs.length === 0) {
    // No body at all is one difference.
    const [value, parts] = [ours.map(([name]) => name), ours.map(([, media]) => media)];
    pair.noteOnlyOurs(`content of ${subject}`, content, ["content"], otherwise, value, parts);
    return;
  }
  const added = new Map(theirs);
  for (const [name, at] of ours) {
    const what = `media type ${name} of ${subject}`;
    const partner =
      theirs.find(([other]) => normal(other) === normal(name)) ?? theirs.find(([other]) => isRangeOver(other, name));
    if (partner === undefined) pair.noteOnlyOurs(what, at, ["content", name], otherwise, name);
    else {
      const [theirName, theirAt] = partner;
      added.delete(theirName);
      compareMembers(pair.of({ at }, { at: theirAt }, what), "x-sunset");
      compareSchemaMember(pair.of({ at }, { at: theirAt }, `${subject} $`));
    }
  }
  for (const [name, at] of added) {
    pair.noteOnlyTheirs(`media type ${name} of ${subject}`, at, ["content", name], MEANING.optional, name);
  }
}

/** Without what says nothing: letters' case, spaces, and the charset, which JSON does not have. */
const normal = (mediaType: string) => mediaType.toLowerCase().replaceAll(/\s+|;\s*charset\s*=[^;]*/g, "");

function isRangeOver(range: string, mediaType: string): boolean {
  const [type] = normal(mediaType).split("/", 1);
  return range === "*/*" || normal(range) === `${type}/*`;
}

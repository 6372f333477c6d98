/**
 * Compares the contract with another document: each operation of the contract with its partner, nothing else. Of the two,
 * parameters, body, responses and headers are compared, down to their schemas.
 */
import { type ContractDocument, ContractError, type Place } from "../../contract-tests/contract/document.js";
import {
  type DocumentedResponse,
  isSuccess,
  type Operation,
  operationsOf,
} from "../../contract-tests/contract/operations.js";
import {
  compareSecurity,
  compareServers,
  isSdkDocument,
  partnerOf,
  pathsOf,
  placeholdersOf,
  STRIPPED,
  STRIPPED_ON_PURPOSE,
} from "./documents.js";
import { breaking, Context, compatible, Findings, type Judgement, judge, matched, missing, used } from "./findings.js";
import { compareMembers, READ_OTHERWISE } from "./members.js";
import { compareSchemas } from "./schema/compare.js";

export type Comparison = ReturnType<typeof compareDocuments>;

/**
 * Compares every operation of `contract` with the one of the same method and path in `official`.
 * @throws ContractError if the contract has no operation, or a reference on the way cannot be followed
 */
export function compareDocuments(contract: ContractDocument, official: ContractDocument) {
  const findings = new Findings();
  const operations = operationsOf(contract);
  if (operations.length === 0) throw new ContractError(`${contract.source} has no operation to compare`);
  for (const ours of operations) {
    const { operationId, path, method, at } = ours;
    const context = new Context(findings, { operation: operationId, part: "operation" }, "request", operationId);
    const theirs = partnerOf(ours, official);
    if (theirs !== undefined) compareOperations(context, ours, theirs);
    else {
      const side = missing(official.root, "paths", path, method.toLowerCase());
      const otherwise = breaking("they do not have the operation");
      context.noteOnlyOurs(`${method} ${path}`, at, side, otherwise, { value: operationId });
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

function compareOperations(context: Context, ours: Operation, theirs: Operation): void {
  comparePlaceholders(context.in("path", "request", "path"), ours, theirs);
  compareMembers(context, ours.at, theirs.at, "operationId", "x-rolesRequirements", "deprecated", "x-sunset");
  compareParameters(context.in("request", "request", "request"), ours, theirs);
  compareRequestBody(context.in("request", "request", "request body"), ours, theirs);
  compareResponses(context, ours, theirs);
  compareSecurity(context.in("security", "request", "security"), ours.at, theirs.at);
  compareServers(context.in("servers", "request", "servers"), ours, theirs);
}

function comparePlaceholders(context: Context, ours: Operation, theirs: Operation): void {
  const isSame = placeholdersOf(ours).join() === placeholdersOf(theirs).join();
  const sideOf = ({ at, path }: Operation) => ({ ...missing(at.document.root, "paths", path), value: path });
  const judgement = isSame ? undefined : compatible("the names are never sent");
  context.note("names of the placeholders in the path", sideOf(ours), sideOf(theirs), judgement);
}

function compareParameters(context: Context, ours: Operation, theirs: Operation): void {
  const { pairs, gone, added } = matched(
    placed(ours),
    placed(theirs),
    ({ key }) => key,
    ({ name }) => name,
  );
  for (const [our, their] of pairs) {
    const inner = context.about(our.label);
    if (our.key === their.key) compareParameter(inner, our.at, their.at);
    else inner.noteMember(our.at, their.at, "in", breaking("a client puts it where they do not look for it"));
  }
  for (const { name, in: place, label, at } of gone) {
    const isStripped = STRIPPED.includes(name) && place === "query" && isSdkDocument(theirs.at.document);
    const otherwise = isStripped ? STRIPPED_ON_PURPOSE : judgeUntaken("may send it");
    context.noteOnlyOurs(label, at, missing(theirs.at, "parameters"), otherwise);
  }
  for (const { required, label, at } of added) {
    const what = required ? `required ${label}` : label;
    context.noteOnlyTheirs(what, missing(ours.at, "parameters"), at, judgeNew(required));
  }
}

function compareParameter(context: Context, ours: Place, theirs: Place): void {
  const members = ["required", "style", "explode", "allowReserved", "deprecated", "x-sunset"] as const;
  compareMembers(context, ours, theirs, ...members);
  if (ours.has("content") !== theirs.has("content")) {
    context.noteMember(ours, theirs, "content", READ_OTHERWISE);
    return;
  }
  compareSchemaMember(context, ours, theirs);
  compareContent(context, ours, theirs);
}

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

function judgeUntaken(use: string): Judgement {
  return breaking(`a client ${use}, and they do not say that they take it`);
}

function judgeNew(required: boolean): Judgement {
  return required ? breaking("they refuse a request without it") : compatible("a client need not send it");
}

function compareRequestBody(context: Context, { at, body: ours }: Operation, theirs: Operation): void {
  const [our, their] = [ours?.at, theirs.body?.at];
  if (our !== undefined && their !== undefined) {
    compareMembers(context, our, their, "required");
    compareContent(context, our, their);
  } else if (our !== undefined) {
    context.noteOnlyOurs("request body", our, missing(theirs.at, "requestBody"), judgeUntaken("sends one"));
  } else if (their !== undefined) {
    const isRequired = their.flag("required");
    const what = isRequired ? "required request body" : "request body";
    context.noteOnlyTheirs(what, missing(at, "requestBody"), their, judgeNew(isRequired));
  }
}

/** On either side a range (`4XX`) or, for errors, `default` stands for each status that is not documented itself. */
function compareResponses(operation: Context, ours: Operation, theirs: Operation): void {
  const contextOf = (status: string) => operation.in(`response ${status}`, "response", "response");
  const met = new Set<DocumentedResponse>();
  const notMet = ({ responses }: Operation) => responses.filter((response) => !met.has(response));
  const compare = (our: DocumentedResponse | undefined, their: DocumentedResponse | undefined) => {
    if (our === undefined || their === undefined) return;
    met.add(our).add(their);
    compareResponse(contextOf(our.status), our, their);
  };
  for (const our of ours.responses) compare(our, responseFor(our, theirs));
  for (const their of notMet(theirs)) compare(responseFor(their, ours), their);
  // If one successful status takes the place of another, that is one difference, and the two responses are compared.
  const successes = [notMet(ours), notMet(theirs)].map((responses) => responses.filter(isSuccess));
  if (successes.every(({ length }) => length === 1)) compare(successes[0]?.[0], successes[1]?.[0]);
  for (const { status, at } of notMet(ours)) {
    const isLast = isSuccess({ status }) && !theirs.responses.some(isSuccess);
    const otherwise = isLast
      ? breaking("a client waits for it, and they do not say that they return it")
      : compatible("a client is ready for a response that does not come");
    const side = missing(theirs.at, "responses", status);
    contextOf(status).noteOnlyOurs(`response ${status}`, at, side, otherwise, { value: status });
  }
  for (const { status, at } of notMet(theirs)) {
    const judgement = isError(status)
      ? compatible("a client treats every error by its status")
      : judge("response", "wider");
    const side = missing(ours.at, "responses", status);
    contextOf(status).noteOnlyTheirs(`response ${status}`, side, at, judgement, status);
  }
}

/** What an operation documents for the status of a response. */
function responseFor({ status }: DocumentedResponse, { responses }: Operation): DocumentedResponse | undefined {
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

function isError(status: string): boolean {
  return status.startsWith("4") || status.startsWith("5") || status === "default";
}

function compareResponse(context: Context, ours: DocumentedResponse, theirs: DocumentedResponse): void {
  const [our, their] = [used(ours.at, ours.status), used(theirs.at, theirs.status)];
  context.note("status of the successful response", our, their, judgeStatus(ours.status, theirs.status));
  const { pairs, gone, added } = matched(ours.headers, theirs.headers, ({ name }) => name.toLowerCase());
  for (const [{ name, at }, their] of pairs) {
    const header = context.about(`header ${name}`);
    compareMembers(header, at, their.at, "required", "deprecated", "x-sunset");
    compareSchemaMember(header, at, their.at);
  }
  for (const { name, at } of gone) {
    const otherwise = at.flag("required")
      ? breaking("a client counts on it in every response")
      : compatible("a client does without it");
    context.noteOnlyOurs(`header ${name}`, at, missing(theirs.at, "headers", name), otherwise);
  }
  for (const { name, at } of added) {
    const judgement = compatible("a client ignores what it does not know");
    context.noteOnlyTheirs(`header ${name}`, missing(ours.at, "headers", name), at, judgement);
  }
  compareContent(context, ours.at, theirs.at);
}

/** Without a schema anything may come. */
function compareSchemaMember(context: Context, ours: Place, theirs: Place): void {
  const [our, their] = [ours.get("schema"), theirs.get("schema")];
  if (our !== undefined && their !== undefined) compareSchemas(context, our, their, true);
  else if (our !== undefined || their !== undefined) {
    context.noteMember(ours, theirs, "schema", our === undefined ? "narrower" : "wider");
  }
}

function compareContent(context: Context, ours: Place, theirs: Place): void {
  const { subject, direction } = context;
  const content = ours.get("content");
  const [our = [], their = []] = [content, theirs.get("content")].map((place) => place?.entries());
  const otherwise =
    direction === "request"
      ? judgeUntaken("may send it")
      : breaking("a client names it in Accept or counts on it, and they do not say that they return it");
  if (content !== undefined && our.length > 0 && their.length === 0) {
    // No body at all is one difference.
    const [value, parts] = [our.map(([name]) => name), our.map(([, media]) => media)];
    context.noteOnlyOurs(`content of ${subject}`, content, missing(theirs, "content"), otherwise, { value, parts });
    return;
  }
  const left = new Map(their);
  for (const [name, media] of our) {
    const what = `media type ${name} of ${subject}`;
    const [theirName, theirMedia] =
      their.find(([other]) => normal(other) === normal(name)) ??
      their.find(([other]) => isRangeOver(other, name)) ??
      [];
    if (theirName === undefined || theirMedia === undefined) {
      context.noteOnlyOurs(what, media, missing(theirs, "content", name), otherwise, { value: name });
      continue;
    }
    left.delete(theirName);
    compareMembers(context.about(what), media, theirMedia, "x-sunset");
    compareSchemaMember(context.about(`${subject} $`), media, theirMedia);
  }
  for (const [name, media] of left) {
    const judgement = compatible("a client names the media types that it wants and sends");
    context.noteOnlyTheirs(`media type ${name} of ${subject}`, missing(ours, "content", name), media, judgement, name);
  }
}

/** Without what says nothing: letters' case, spaces, and the charset, which JSON does not have. */
function normal(mediaType: string): string {
  return mediaType.toLowerCase().replaceAll(/\s+|;\s*charset\s*=[^;]*/g, "");
}

function isRangeOver(range: string, mediaType: string): boolean {
  const [type] = normal(mediaType).split("/", 1);
  return range === "*/*" || normal(range) === `${type}/*`;
}

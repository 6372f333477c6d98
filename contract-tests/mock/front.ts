/**
 * The front: what stands between a caller and Prism. It decides what Prism cannot, in Atlas's order: who calls, which
 * version is asked for, whether the body can be read at all. The rest of the contract is Prism's to enforce. What a valid
 * request does is Atlas's own business, see `src/testing/atlas/`.
 */
import { isUtf8 } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { type AtlasState, oauthResponse } from "../../src/testing/atlas/authenticate.js";
import { disrupt, type Faults, failure, type TokenBucket } from "../../src/testing/atlas/faults.js";
import { type AtlasResponse, apiError, enveloped, readBody, send } from "../../src/testing/atlas/http.js";
import { type AtlasRequest, readRequest } from "../../src/testing/atlas/request.js";
import { refuseUnserved } from "../../src/testing/atlas/steps.js";
import { firstLineOf } from "../contract/document.js";
import { parsedJson } from "../contract/json.js";
import { versionIn } from "../contract/operations.js";
import { isJsonType } from "../contract/requests.js";
import { type ContractFacts, hasQuery, mediaTypesOf } from "./contract.js";
import type { Preference, Prism, ReceivedRequest } from "./prism.js";
import { challengeFor, type Decision, refuseInvalid, refuseUnsigned, respondTo } from "./responses.js";

/** A request and the status of its response. */
export interface RecordedRequest extends Pick<AtlasRequest, "method" | "headers"> {
  /** The request target as it came, its query included. */
  readonly path: string;
  /** Empty if there was none; of a long one the beginning. */
  readonly body: string;
  /** Of an envelope the inner one; `undefined` if no response was sent. */
  readonly status: number | undefined;
  /** Why the request was refused; `undefined` if it was not. */
  readonly reason: string | undefined;
  /** When, by the clock on the wall. */
  readonly at: string;
}

export interface FrontOptions {
  readonly contract: ContractFacts;
  readonly prism: Prism;
  readonly state: AtlasState;
  readonly stateless: boolean;
  readonly bucket: TokenBucket | undefined;
  readonly faults: Faults<AtlasRequest> | undefined;
  readonly latencyMs: number;
  /** Is told of every request just before its response is sent. */
  readonly record: (request: RecordedRequest) => void;
}

/**
 * How much of a body is read, in bytes: far more than the contract's bodies need, and so little that thousands of callers at
 * once do not fill the memory. Of that so much is recorded.
 */
const BODY_LIMIT_BYTES = 16 * 1024;
const RECORDED_BYTES = 2_048;

/** Responds to one request, whatever happens. */
export function serve(incoming: IncomingMessage, outgoing: ServerResponse, options: FrontOptions): void {
  respond(incoming, outgoing, options).catch((error: unknown) => {
    if (!outgoing.headersSent) outgoing.statusCode = 500;
    outgoing.end(`The mock failed: ${firstLineOf(error)}\n`);
  });
}

async function respond(incoming: IncomingMessage, outgoing: ServerResponse, options: FrontOptions): Promise<void> {
  const { method = "", url: target = "", headers } = incoming;
  const { contract, state, bucket, faults, record } = options;
  const url = urlOf(target);
  const path = url?.pathname ?? target;
  const query = url?.searchParams ?? new URLSearchParams();
  const here = contract.at(path);
  const operation = here.find((each) => each.method === method);
  const endpoint = contract.endpointAt(path);
  const allowance = bucket?.();
  let decision: Decision | undefined = allowance?.refusal;
  // Before the body is awaited: the counts of a digest are judged in the order in which the requests arrive.
  if (endpoint === undefined)
    decision ??= refuseUnsigned(headers.authorization, { method, target }, operation, contract, state);
  const received = await readBody(incoming, BODY_LIMIT_BYTES);
  if (received === undefined) return;
  const { bytes, tooLarge } = received;
  const request: ReceivedRequest = {
    ...readRequest({ method, target, path, query, headers, body: bytes.toString() }, state.accounts),
    operation,
    mediaType: namedIn(headers.accept, mediaTypesOf(operation)),
    prefers: preferenceOf(headers["prefer"]?.toString()),
  };

  const fault = decision === undefined ? await faults?.(request) : undefined;
  if (fault?.applied === false) decision ??= failure(500);
  if (tooLarge) decision ??= apiError(413, "PAYLOAD_TOO_LARGE", `A body has at most ${BODY_LIMIT_BYTES} bytes.`);
  if (endpoint !== undefined) decision ??= oauthResponse(endpoint, request, state.accounts);
  if (url === undefined) decision ??= apiError(400, "MALFORMED_URL", "The path is not a well-formed URL path.");
  decision ??= refuseUnreadable(request, bytes) ?? refuseUnserved(request, here) ?? (await askPrism(request, options));
  await fault?.meanwhile?.();
  if (options.latencyMs > 0) await wait(options.latencyMs);

  const limited = { ...decision, headers: { ...decision.headers, ...allowance?.headers } };
  const isWrapped = decision.isOfOperation === true && hasQuery(operation, "envelope");
  const ordinary = isWrapped ? enveloped(limited, query) : limited;
  const response = disrupt(fault?.ends ?? "response", ordinary, outgoing);
  const { status } = response === undefined || response === ordinary ? decision : response;
  const reason = fault === undefined ? (decision.reason ?? reasonIn(decision)) : "This fault was asked for.";
  // Read anew from the bytes: a part of a long string would keep all of it.
  const body = bytes.subarray(0, RECORDED_BYTES).toString();
  record({ method, path: target, headers, body, status: response && status, reason, at: new Date().toISOString() });
  if (response !== undefined) send(outgoing, response, hasQuery(operation, "pretty") && query.get("pretty") === "true");
}

/** Why a response refuses, in its own words; `undefined` if it refuses nothing. */
function reasonIn({ status, body }: AtlasResponse): string | undefined {
  const { detail, error_description: description, errorCode } = Object(body);
  return status >= 400 ? String(detail ?? description ?? errorCode ?? "no reason is given") : undefined;
}

/** The URL of a request; `undefined` if it is not one, or its path cannot be percent-decoded. */
function urlOf(target: string): URL | undefined {
  try {
    const url = new URL(target, "http://127.0.0.1");
    decodeURIComponent(url.pathname);
    return url;
  } catch {
    return undefined;
  }
}

function refuseUnreadable({ headers, operation, mediaType }: ReceivedRequest, body: Buffer): Decision | undefined {
  const versions = mediaTypesOf(operation);
  // Without a version `Accept` is an ordinary wish.
  if (mediaType === undefined && versions.some(versionIn)) {
    return apiError(406, "NOT_ACCEPTABLE", `Accept has to name one of ${versions.join(", ")}.`);
  }
  if (!isMalformedJson(headers["content-type"], body)) return undefined;
  return apiError(400, "MALFORMED_JSON", "The body is not well-formed JSON in UTF-8.");
}

async function askPrism(request: ReceivedRequest, options: FrontOptions): Promise<Decision> {
  const { operation, prefers } = request;
  const prefersExample = options.stateless || prefers.code !== undefined || prefers.dynamic === true;
  try {
    const own = prefersExample ? undefined : respondTo(request, options.state);
    const result = await options.prism.check(request, own);
    if ("violations" in result) return refuseInvalid(operation, result.violations);
    // The caller prefers what is not documented, which is neither absent nor a failure of the service.
    if ("problem" in result) return apiError(400, "NOT_DOCUMENTED", result.problem);
    const { response, broken } = result;
    if (own !== undefined && broken.length > 0) {
      const found = broken.map(({ path = [], message }) => `${path.join(".")}: ${message}`).join("; ");
      return apiError(500, "MOCK_FAILED", `The mock's own response breaks the contract: ${found}`);
    }
    // What the documented example says is no reason.
    const isAskedFor = prefers.code === response.status && response.status >= 400;
    const decision = isAskedFor ? { ...response, reason: "Prefer asks for it." } : response;
    if (response.status !== 401) return { ...decision, isOfOperation: true };
    const headers = { ...response.headers, "www-authenticate": challengeFor(operation, options.state) };
    return { ...decision, headers };
  } catch (error) {
    return apiError(500, "MOCK_FAILED", `Prism failed: ${firstLineOf(error)}`);
  }
}

/** What `Prefer` asks for (RFC 7240); what cannot be read is ignored. */
export function preferenceOf(prefer = ""): Preference {
  const code = /\bcode\s*=\s*"?(\d{3})\b/i.exec(prefer)?.[1];
  const exampleKey = /\bexample\s*=\s*"?([^\s",;]+)/i.exec(prefer)?.[1];
  return {
    ...(code && { code: Number(code) }),
    ...(exampleKey && { exampleKey }),
    ...(/\bdynamic\s*=\s*"?true\b/i.test(prefer) && { dynamic: true }),
  };
}

/** Whether a body says that it is JSON and is not, which has to be UTF-8. An empty body says nothing. */
export function isMalformedJson(contentType: string | undefined, bytes: Buffer): boolean {
  if (bytes.length === 0 || contentType === undefined || !isJsonType(contentType)) return false;
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1] ?? "utf-8";
  return !/^utf-?8$/i.test(charset) || !isUtf8(bytes) || parsedJson(bytes.toString()) === undefined;
}

/** The media type that `Accept` names first among those that it likes best. A wildcard names none. */
export function namedIn(accept = "", mediaTypes: readonly string[]): string | undefined {
  // What is quoted could hold a separator.
  const ranges = accept.replaceAll(/"(?:[^"\\]|\\.)*"/g, "").split(",");
  const named = ranges.flatMap((range) => {
    const [name, ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const mediaType = mediaTypes.find((each) => each.toLowerCase() === name);
    const quality = parameters.find((parameter) => /^q=[01](\.\d{0,3})?$/.test(parameter))?.slice(2) ?? 1;
    return mediaType === undefined || Number(quality) === 0 ? [] : [{ mediaType, quality: Number(quality) }];
  });
  return named.toSorted((one, other) => other.quality - one.quality)[0]?.mediaType;
}

/**
 * The front: what stands between a caller and Prism. It decides what Prism cannot, in Atlas's order: who calls, which
 * version is asked for, whether the body can be read at all. The rest of the contract is Prism's to enforce. What a valid
 * request does is Atlas's own business, see `src/testing/atlas/`.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { AtlasState } from "../../src/testing/atlas/authenticate.js";
import { disrupt, type Faults } from "../../src/testing/atlas/faults.js";
import { oauthResponse } from "../../src/testing/atlas/oauth.js";
import { readRequest } from "../../src/testing/atlas/request.js";
import { type AtlasResponse, apiError, contentHeaders, enveloped, textOf } from "../../src/testing/atlas/response.js";
import type { TokenBucket } from "../../src/testing/atlas/token-bucket.js";
import type { RequestRecord } from "./beside.js";
import type { ContractFacts } from "./contract.js";
import type { Prism } from "./prism.js";
import {
  acceptForPrism,
  BODY_LIMIT_BYTES,
  contentTypeForPrism,
  isMalformedJson,
  namesVersion,
  preferenceOf,
  type ReceivedRequest,
  readBody,
} from "./received-request.js";
import { challengeFor, type Decision, refuseInvalid, refuseUnsigned, respondTo, undocumented } from "./responses.js";

/** What the front stands on. */
export interface FrontOptions {
  readonly contract: ContractFacts;
  readonly prism: Pick<Prism, "check">;
  readonly state: AtlasState;
  /** Whether every success is a documented example, and nothing is kept. */
  readonly stateless: boolean;
  readonly bucket: TokenBucket | undefined;
  readonly faults: Faults | undefined;
  /** Before each response. */
  readonly latencyMs: number;
  readonly record: RequestRecord;
}

/** A handler for an HTTP server. */
export function createFront(options: FrontOptions): RequestListener {
  return (incoming, outgoing) => {
    serve(incoming, outgoing, options).catch((error: unknown) => {
      // Mostly the caller hung up before its body was whole, and nobody reads this.
      if (!outgoing.headersSent) outgoing.statusCode = 500;
      outgoing.end(`The mock failed: ${error instanceof Error ? error.message : error}\n`);
    });
  };
}

async function serve(incoming: IncomingMessage, outgoing: ServerResponse, options: FrontOptions): Promise<void> {
  const { method = "", url: target = "", headers } = incoming;
  const { contract, state, bucket, faults, record } = options;
  const url = urlOf(target);
  const operation = url && contract.find(method, url.pathname);
  const allowance = bucket?.take();
  // Before the body is awaited: the counts of a digest are judged in the order in which the requests arrive.
  const unsigned =
    endpointOf(url, contract) === undefined && allowance?.waitSeconds === undefined
      ? refuseUnsigned(headers.authorization, { method, target }, operation, contract, state)
      : undefined;
  const received = await readBody(incoming);
  const path = url?.pathname ?? target;
  const query = url?.searchParams ?? new URLSearchParams();
  const request = { method, target, path, query, headers, body: received.text, url, received, operation };

  let decision = unsigned;
  if (bucket !== undefined && allowance?.waitSeconds !== undefined) {
    decision = refusal(bucket.tooManyRequests(allowance));
  }
  const fault =
    decision === undefined ? await faults?.({ ...readRequest(request, state.accounts), nth: 0 }) : undefined;
  if (fault?.applied === false) decision ??= refusal(apiError(500, "UNEXPECTED_ERROR", "This failure was asked for."));
  decision ??= await decide(request, options);
  if (options.latencyMs > 0) await wait(options.latencyMs);

  const ordinary = wrapped(decision, request, allowance?.headers);
  const response = disrupt(fault?.ends ?? "response", ordinary, outgoing);
  const { status } = response === undefined || response === ordinary ? decision.response : response;
  const reason = fault === undefined ? decision.reason : "This trouble was asked for.";
  record.add({ method, path: target, headers, bytes: received.bytes, status: response && status, reason });
  if (response === undefined) return;
  outgoing.writeHead(response.status, contentHeaders(response));
  outgoing.end(textOf(response, operation?.query.has("pretty") === true && query.get("pretty") === "true"));
}

/** With what the rate limit says, in an envelope if one is asked for. */
function wrapped(
  { response, isOfOperation }: Decision,
  { operation, query }: ReceivedRequest,
  limits: AtlasResponse["headers"],
): AtlasResponse {
  const limited = { ...response, headers: { ...response.headers, ...limits } };
  return isOfOperation === true && operation?.query.has("envelope") === true ? enveloped(limited, query) : limited;
}

function refusal(response: AtlasResponse): Decision {
  return { response, reason: reasonIn(response) };
}

/** Why a response refuses, in its own words; `undefined` if it refuses nothing. */
function reasonIn({ status, body }: AtlasResponse): string | undefined {
  const { detail, error_description: description, errorCode } = Object(body);
  return status >= 400 ? String(detail ?? description ?? errorCode ?? "no reason is given") : undefined;
}

function endpointOf(url: URL | undefined, { tokenPath, revokePath }: ContractFacts): "token" | "revoke" | undefined {
  if (url?.pathname === tokenPath) return "token";
  return url?.pathname === revokePath ? "revoke" : undefined;
}

/** The response to a caller who may pass. */
async function decide(request: ReceivedRequest, options: FrontOptions): Promise<Decision> {
  if (request.received.tooLarge) {
    return refusal(apiError(413, "PAYLOAD_TOO_LARGE", `A body has at most ${BODY_LIMIT_BYTES} bytes.`));
  }
  const endpoint = endpointOf(request.url, options.contract);
  if (endpoint !== undefined) return refusal(oauthResponse(endpoint, request, options.state.accounts));
  const unreadable = refuseUnreadable(request);
  return unreadable === undefined ? askPrism(request, options) : refusal(unreadable);
}

function refuseUnreadable({ url, headers, received, operation }: ReceivedRequest): AtlasResponse | undefined {
  const versions = operation?.successMediaTypes ?? [];
  if (!namesVersion(headers.accept, versions)) {
    return apiError(406, "NOT_ACCEPTABLE", `Accept has to name one of ${versions.join(", ")}.`);
  }
  if (isMalformedJson(headers["content-type"], received.bytes)) {
    return apiError(400, "MALFORMED_JSON", "The body is not well-formed JSON.");
  }
  if (url === undefined) return apiError(400, "MALFORMED_URL", "The path is not a well-formed URL path.");
  return undefined;
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

async function askPrism(request: ReceivedRequest, options: FrontOptions): Promise<Decision> {
  const { method, path, query, headers, body, operation } = request;
  const prefer = preferenceOf(header(headers["prefer"]));
  const accept = acceptForPrism(headers.accept, prefer.code !== undefined, operation?.successMediaTypes ?? []);
  const sent = Object.entries({ ...headers, accept, "content-type": contentTypeForPrism(headers["content-type"]) });
  const forPrism = {
    method,
    path,
    query,
    headers: Object.fromEntries(
      sent.flatMap(([name, value]) => (value === undefined ? [] : [[name, header(value) ?? ""]])),
    ),
    body,
    prefer,
  };
  const prefersExample = options.stateless || prefer.code !== undefined || prefer.dynamic === true;
  try {
    const own = prefersExample ? undefined : respondTo(request, options.state);
    const result = await options.prism.check(forPrism, own);
    if ("violations" in result) return refuseInvalid(operation, result.violations);
    if ("problem" in result) return refusal(undocumented(result.status, result.problem, request, options.contract));
    if (own !== undefined && result.broken.length > 0) {
      const broken = result.broken.map(({ location, message }) => `${location.join(".")}: ${message}`).join("; ");
      return refusal(apiError(500, "MOCK_FAILED", `The mock's own response breaks the contract: ${broken}`));
    }
    const { response } = result;
    // What the documented example says is no reason.
    const reason =
      prefer.code === response.status && response.status >= 400 ? "Prefer asks for it." : reasonIn(response);
    if (response.status !== 401) return { response, reason, isOfOperation: true };
    const headers = { ...response.headers, "www-authenticate": challengeFor(operation, options.state) };
    return { response: { ...response, headers }, reason };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return refusal(apiError(500, "MOCK_FAILED", `Prism failed: ${message.replaceAll(/\s+/g, " ")}`));
  }
}

function header(value: string | string[] | undefined): string | undefined {
  return typeof value === "object" ? value.join(", ") : value;
}

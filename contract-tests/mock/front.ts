/**
 * The front: what stands between a caller and Prism. It decides what Prism cannot, in Atlas's order: who calls, which
 * version is asked for, whether the body can be read at all. The rest of the contract is Prism's to enforce.
 */
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { AtlasState } from "../../src/testing/atlas/authenticate.js";
import { oauthResponse } from "../../src/testing/atlas/oauth.js";
import { type AtlasResponse, apiError, textOf } from "../../src/testing/atlas/response.js";
import { challengeFor, refuseUnsigned } from "./authentication.js";
import type { ContractFacts, ContractOperation } from "./contract-facts.js";
import { acceptForPrism, namesVersion, preferenceOf } from "./negotiation.js";
import type { Prism } from "./prism.js";
import { BODY_LIMIT_BYTES, contentTypeForPrism, isMalformedJson, type ReceivedBody, readBody } from "./request-body.js";

/** A request and the status of its response. */
export interface RecordedRequest {
  readonly method: string;
  /** The request target as it came, its query included. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Empty if there was none. */
  readonly body: string;
  readonly status: number;
}

/** What the front stands on. */
export interface FrontOptions {
  readonly contract: ContractFacts;
  readonly state: AtlasState;
  readonly prism: Pick<Prism, "respond">;
  /** Called with every request just before its response is sent. */
  readonly record: (request: RecordedRequest) => void;
}

interface ReceivedRequest {
  readonly method: string;
  readonly target: string;
  /** `undefined` if the target is none that can be read. */
  readonly url: URL | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: ReceivedBody;
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
  const { contract, state, record } = options;
  const url = urlOf(target);
  const operation = url && contract.find(method, url.pathname);
  const endpoint = endpointOf(url, contract);
  // Before the body is awaited: the counts of a digest are judged in the order in which the requests arrive.
  const refusal =
    endpoint === undefined
      ? refuseUnsigned(headers.authorization, { method, target }, operation, contract, state)
      : undefined;
  const request = { method, target, url, headers, body: await readBody(incoming) };
  const response = refusal ?? (await decide(request, operation, options));
  record({ method, path: target, headers, body: request.body.bytes.toString("utf8"), status: response.status });
  outgoing.writeHead(response.status, response.headers);
  outgoing.end(textOf(response));
}

function endpointOf(url: URL | undefined, { tokenPath, revokePath }: ContractFacts): "token" | "revoke" | undefined {
  if (url?.pathname === tokenPath) return "token";
  return url?.pathname === revokePath ? "revoke" : undefined;
}

/** The response to a caller who may pass. */
async function decide(
  request: ReceivedRequest,
  operation: ContractOperation | undefined,
  options: FrontOptions,
): Promise<AtlasResponse> {
  if (request.body.tooLarge) {
    return apiError(413, "PAYLOAD_TOO_LARGE", `A body has at most ${BODY_LIMIT_BYTES} bytes.`);
  }
  const endpoint = endpointOf(request.url, options.contract);
  if (endpoint !== undefined) {
    const { method, headers, body } = request;
    return oauthResponse(endpoint, { method, headers, body: body.bytes.toString("utf8") }, options.state.accounts);
  }
  return refuseUnreadable(request, operation) ?? (await askPrism(request, operation, options));
}

function refuseUnreadable(
  request: ReceivedRequest,
  operation: ContractOperation | undefined,
): AtlasResponse | undefined {
  const versions = operation?.successMediaTypes ?? [];
  if (!namesVersion(request.headers.accept, versions)) {
    return apiError(406, "NOT_ACCEPTABLE", `Accept has to name one of ${versions.join(", ")}.`);
  }
  if (isMalformedJson(request.headers["content-type"], request.body.bytes)) {
    return apiError(400, "MALFORMED_JSON", "The body is not well-formed JSON.");
  }
  if (request.url === undefined) return apiError(400, "MALFORMED_URL", "The path is not a well-formed URL path.");
  return undefined;
}

/** The URL of a request; `undefined` if it is none, or its path cannot be percent-decoded. */
function urlOf(target: string): URL | undefined {
  try {
    const url = new URL(target, "http://127.0.0.1");
    decodeURIComponent(url.pathname);
    return url;
  } catch {
    return undefined;
  }
}

async function askPrism(
  { method, url, headers, body }: ReceivedRequest,
  operation: ContractOperation | undefined,
  { prism, state }: FrontOptions,
): Promise<AtlasResponse> {
  const prefer = preferenceOf(header(headers["prefer"]));
  const accept = acceptForPrism(headers.accept, prefer.code !== undefined, operation?.successMediaTypes ?? []);
  const contentType = contentTypeForPrism(headers["content-type"]);
  const sent = Object.entries({ ...headers, accept, "content-type": contentType });
  const request = {
    method,
    path: url?.pathname ?? "",
    query: url?.searchParams ?? new URLSearchParams(),
    headers: Object.fromEntries(
      sent.flatMap(([name, value]) => (value === undefined ? [] : [[name, header(value) ?? ""]])),
    ),
    body: body.bytes.toString("utf8"),
    prefer,
  };
  try {
    const response = await prism.respond(request);
    if (response.status !== 401) return response;
    return { ...response, headers: { ...response.headers, "www-authenticate": challengeFor(operation, state) } };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return apiError(500, "MOCK_FAILED", `Prism failed: ${message.replaceAll(/\s+/g, " ")}`);
  }
}

function header(value: string | string[] | undefined): string | undefined {
  return typeof value === "object" ? value.join(", ") : value;
}

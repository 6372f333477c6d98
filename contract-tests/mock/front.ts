/**
 * The front: what stands between a caller and Prism. It decides what Prism cannot, in Atlas's order: who calls, which
 * version is asked for, whether the body can be read at all. The rest of the contract is Prism's to enforce.
 */
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { type Answer, apiError, textAnswer } from "./answer.js";
import { type Authentication, authorizationForPrism } from "./authentication.js";
import type { ContractFacts, ContractOperation } from "./contract-facts.js";
import { forward } from "./forward.js";
import type { PrismProcess } from "./prism-process.js";
import { BODY_LIMIT_BYTES, contentTypeForPrism, isMalformedJson, type ReceivedBody, readBody } from "./request-body.js";
import type { OAuthEndpoints } from "./token-endpoint.js";
import { acceptForPrism, namesVersion } from "./versions.js";

/** One request that the mock answered. */
export interface RecordedRequest {
  readonly method: string;
  /** The request target as it came, its query included. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body as text; empty where there was none. */
  readonly body: string;
  /** The status that was answered. */
  readonly status: number;
}

/** What the front stands on. */
export interface FrontOptions {
  readonly contract: ContractFacts;
  readonly authentication: Authentication;
  readonly oauth: OAuthEndpoints;
  readonly prism: Pick<PrismProcess, "url" | "failure">;
  /** Called with every request just before its answer is sent. */
  readonly record: (request: RecordedRequest) => void;
}

interface ReceivedRequest {
  readonly method: string;
  readonly target: string;
  /** `undefined` where the target has no path that can be read. */
  readonly path: string | undefined;
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
  const path = pathOf(target);
  const operation = path === undefined ? undefined : options.contract.find(method, path);
  // Before the body is awaited: the counts of a digest are judged in the order in which the requests arrive.
  const refusal = options.oauth.serves(path)
    ? undefined
    : options.authentication.refuse(headers.authorization, { method, target }, operation);
  const request = { method, target, path, headers, body: await readBody(incoming) };
  const answer = refusal ?? (await decide(request, operation, options));
  options.record({ method, path: target, headers, body: request.body.bytes.toString("utf8"), status: answer.status });
  outgoing.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined) outgoing.setHeader(name, value);
  }
  outgoing.end(answer.body);
}

/** The answer to a caller who may pass. */
async function decide(
  request: ReceivedRequest,
  operation: ContractOperation | undefined,
  options: FrontOptions,
): Promise<Answer> {
  if (request.body.tooLarge) {
    return apiError(413, "Payload Too Large", "PAYLOAD_TOO_LARGE", `A body has at most ${BODY_LIMIT_BYTES} bytes.`);
  }
  if (options.oauth.serves(request.path)) return options.oauth.answer(request);
  return refuseUnreadable(request, operation) ?? (await askPrism(request, operation, options));
}

function refuseUnreadable(request: ReceivedRequest, operation: ContractOperation | undefined): Answer | undefined {
  const versions = operation?.successMediaTypes ?? [];
  if (!namesVersion(request.headers.accept, versions)) {
    return apiError(406, "Not Acceptable", "NOT_ACCEPTABLE", `Accept has to name one of ${versions.join(", ")}.`);
  }
  if (isMalformedJson(request.headers["content-type"], request.body.bytes)) {
    return apiError(400, "Bad Request", "MALFORMED_JSON", "The body is not well-formed JSON.");
  }
  if (request.path === undefined) {
    return apiError(400, "Bad Request", "MALFORMED_URL", "The path is not a well-formed URL path.");
  }
  return undefined;
}

/** The path as Prism reads it; `undefined` for one that ends Prism's process because it cannot be percent-decoded. */
function pathOf(target: string): string | undefined {
  try {
    const { pathname } = new URL(target, "http://127.0.0.1");
    decodeURIComponent(pathname);
    return pathname;
  } catch {
    return undefined;
  }
}

async function askPrism(
  { method, target, headers, body }: ReceivedRequest,
  operation: ContractOperation | undefined,
  { prism, authentication }: FrontOptions,
): Promise<Answer> {
  const forwarded = {
    ...headers,
    authorization: authorizationForPrism(operation),
    accept: acceptForPrism(headers.accept, header(headers["prefer"]), operation?.successMediaTypes ?? []),
    "content-type": contentTypeForPrism(headers["content-type"]),
  };
  try {
    if (prism.failure !== undefined) throw prism.failure;
    const answer = await forward(prism.url, { method, target, headers: forwarded, body: body.bytes });
    if (answer.status !== 401) return answer;
    return { ...answer, headers: { ...answer.headers, "WWW-Authenticate": authentication.challenge(operation) } };
  } catch (error) {
    return textAnswer(502, `The mock has no answer from Prism: ${error instanceof Error ? error.message : error}`);
  }
}

function header(value: string | string[] | undefined): string | undefined {
  return typeof value === "object" ? value.join(", ") : value;
}

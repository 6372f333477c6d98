/**
 * Prism in this process: it checks requests against the contract, makes responses from the contract's examples if nobody else
 * does, and checks every response.
 */
import Module, { createRequire } from "node:module";
import type { IHttpConfig } from "@stoplight/prism-http";
import { type AtlasResponse, contentHeaders, mediaTypeOf } from "../../src/testing/atlas/http.js";
import type { AtlasRequest } from "../../src/testing/atlas/request.js";
import type { Operation } from "../contract/operations.js";
import { isJsonType } from "../contract/requests.js";

/** A request as the front has read it. */
export interface ReceivedRequest extends AtlasRequest {
  /** What it is for; `undefined` if the contract describes nothing there. */
  readonly operation: Operation | undefined;
  /** That of the operation's media types which it asks for. */
  readonly mediaType: string | undefined;
  readonly prefers: Preference;
}

/** What `Prefer` asks for: a status, an example by its name, or random values that fit the schema. */
export type Preference = Partial<Pick<IHttpConfig["mock"], "code" | "exampleKey" | "dynamic">>;

/** Where a request or a response breaks the contract, and how: `body`, `secretExpiresAfterHours`; a keyword or 415. */
export type Violation = Parameters<Mock>[0]["input"]["validations"][number];

type PrismHttp = typeof import("@stoplight/prism-http");
type Input = Parameters<ReturnType<PrismHttp["createInstance"]>["request"]>[0];
type Components = Parameters<PrismHttp["createInstance"]>[1];
type Mock = NonNullable<Components["mock"]>;

export type Prism = Awaited<ReturnType<typeof loadPrism>>;

const CONFIG: IHttpConfig = {
  isProxy: false,
  checkSecurity: false,
  validateRequest: true,
  validateResponse: true,
  errors: false,
  upstreamProxy: undefined,
  mock: { dynamic: false },
};

/** A logger to Prism, whatever it calls on it; nothing is said. */
const SILENT = new Proxy(() => SILENT, { get: () => SILENT }) as unknown as Components["logger"];

/** Without random words in every language and Postman's collections: two thirds of its start, for nothing here. */
function requirePrism(): PrismHttp {
  const require = createRequire(import.meta.url);
  const inPrism = createRequire(require.resolve("@stoplight/prism-http"));
  const provide = (name: string, exports: object) => {
    const path = inPrism.resolve(name);
    require.cache[path] = Object.assign(new Module(path), { exports, loaded: true });
  };
  provide("@faker-js/faker", { default: inPrism("@faker-js/faker/locale/en") });
  provide("@stoplight/http-spec/postman/operation", {});
  return require("@stoplight/prism-http");
}

/**
 * @param document - The contract. It is changed: references are replaced by what they lead to.
 * @throws Error if Prism cannot use it.
 */
export async function loadPrism(document: object) {
  const { createInstance, getHttpOperationsFromSpec } = requirePrism();
  const operations = await getHttpOperationsFromSpec(document);
  for (const parameter of operations.flatMap(({ request }) => request?.query ?? [])) {
    // Prism's own command line sets OpenAPI's default; the library reads the last of several values without it.
    parameter.explode ??= parameter.style === "form";
  }
  const ask = (request: ReceivedRequest, components: Partial<Components>) => {
    const input = inputOf(request);
    const asked = operations.map((operation) => withBodyAs(operation, input.headers?.["content-type"]));
    // A new configuration each time: Prism writes what `Accept` asks for into it.
    const config = { ...CONFIG, mock: { dynamic: false, ...request.prefers } };
    return createInstance(CONFIG, { ...components, logger: SILENT }).request(input, asked, config)();
  };
  return {
    /**
     * @param respond - Gives the response to a valid request; without it Prism gives a documented one.
     * @throws Error if Prism itself fails.
     */
    async check(request: ReceivedRequest, respond?: () => AtlasResponse) {
      let violations: readonly Violation[] = [];
      const mock: Mock = (args) => () => {
        violations = args.input.validations;
        const response: AtlasResponse = (violations.length === 0 && respond?.()) || { status: 200 };
        const { status: statusCode, body } = response;
        return { _tag: "Right", right: { statusCode, headers: contentHeaders(response), body } };
      };
      const checked = await ask(request, { mock });
      if (violations.length > 0) return { violations };
      const result = respond === undefined && checked._tag === "Right" ? await ask(request, {}) : checked;
      if (result._tag === "Right") {
        return { response: responseOf(result.right.output), broken: result.right.validations.output };
      }
      // Nothing is documented that would do. A ProblemJsonError, which is what Prism refuses with, says more in `detail`.
      const { message, detail } = result.left as Error & { readonly detail?: string };
      return { problem: [message, detail].filter(Boolean).join(": ") };
    },
  };
}

type PrismOperation = Awaited<ReturnType<PrismHttp["getHttpOperationsFromSpec"]>>[number];

/** Prism takes every `+json` type for any other, and checks a body by the first of them: by its own, if that is listed. */
function withBodyAs(operation: PrismOperation, type: string | undefined): PrismOperation {
  const { request } = operation;
  const contents = request?.body?.contents?.filter(({ mediaType }) => mediaType.toLowerCase() === type?.toLowerCase());
  if (!request?.body || !contents?.length) return operation;
  return { ...operation, request: { ...request, body: { ...request.body, contents } } };
}

function inputOf(request: ReceivedRequest): Input {
  const { method, path, body } = request;
  const headers = headersFor(request);
  return {
    // Prism finds no operation for a method that it does not know.
    method: method.toLowerCase() as Input["method"],
    url: { path, query: valuesOf(request) },
    headers,
    body: body === "" ? null : isJsonType(headers["content-type"]) ? JSON.parse(body) : body,
  };
}

/**
 * What came, but for the two headers that Prism fails on if they are written in an unusual way. It ignores
 * `Prefer: code=404` if `Accept` does not also admit the media type of the error, and a caller of Atlas names a version and
 * nothing else; so with a code preferred everything is admitted, what the caller named first.
 */
function headersFor({ headers, body, mediaType, prefers }: ReceivedRequest): Record<string, string> {
  const { accept: _, "content-type": contentType, ...others } = headers;
  const given = mediaTypeOf(contentType);
  // What RFC 9110 section 8.3 takes a body for whose type is missing or cannot be read.
  const type = /^[\w.+-]+\/[\w.+-]+$/.test(given) ? given : "application/octet-stream";
  const accept = [mediaType, prefers.code && "*/*;q=0.001"].filter(Boolean).join(", ");
  return {
    ...Object.fromEntries(Object.entries(others).map(([name, value]) => [name, String(value)])),
    ...(accept === "" ? {} : { accept }),
    ...(contentType === undefined && body === "" ? {} : { "content-type": type }),
  };
}

function valuesOf({ query, operation }: ReceivedRequest): Record<string, string | string[]> {
  return Object.fromEntries(
    [...new Set(query.keys())].map((name) => {
      const [first = "", ...others] = query.getAll(name);
      const parameter = operation?.parameters.find((each) => each.in === "query" && each.name === name);
      // Prism takes an empty value for none, though it is neither a boolean nor a number. In a list it sees that.
      const isUnseen = first === "" && /^(boolean|integer|number)$/.test(parameter?.schema?.get("type")?.text ?? "");
      return [name, others.length === 0 && !isUnseen ? first : [first, ...others]];
    }),
  );
}

type Output = Extract<ReturnType<ReturnType<Mock>>, { _tag: "Right" }>["right"];

function responseOf({ statusCode, headers: given = {}, body }: Output): AtlasResponse {
  const known = Object.entries(given).filter(([, value]) => value !== undefined && value !== null);
  const headers = Object.fromEntries(known.map(([name, value]) => [name.toLowerCase(), String(value)]));
  // A string is sent as it is, and this one is JSON.
  const isText = typeof body === "string" && isJsonType(headers["content-type"]);
  return { status: statusCode, headers, ...(body === undefined ? {} : { body: isText ? JSON.stringify(body) : body }) };
}

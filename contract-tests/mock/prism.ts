/**
 * Prism in this process: it checks requests against the contract, makes responses from the contract's examples if nobody else
 * does, and checks every response.
 */
import { createInstance, getHttpOperationsFromSpec, type IHttpConfig } from "@stoplight/prism-http";
import { mediaTypeOf } from "../../src/testing/atlas/oauth.js";
import type { AtlasResponse } from "../../src/testing/atlas/response.js";

/** A request as it goes to Prism. */
export interface PrismRequest {
  readonly method: string;
  /** Percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty if there is none. */
  readonly body: string;
  /** The documented response that the caller prefers. */
  readonly prefer: Preference;
}

/** What `Prefer` asks for. */
export interface Preference {
  readonly code?: number;
  /** Name of an example. */
  readonly exampleKey?: string;
  /** Random values that fit the schema, instead of an example. */
  readonly dynamic?: boolean;
}

/** Where a request or a response breaks the contract, and how. */
export interface Violation {
  /** Such as `body`, `secretExpiresAfterHours`. */
  readonly location: readonly string[];
  /** A keyword of the schema, or a status such as 415. */
  readonly code: string;
  readonly message: string;
}

/** What Prism makes of a request. */
export type PrismResult =
  | { readonly violations: readonly Violation[] }
  | { readonly response: AtlasResponse; readonly broken: readonly Violation[] }
  /** Prism has no response: nothing is at the path, or nothing is documented that would do. */
  | { readonly status: number; readonly problem: string };

type PrismInstance = ReturnType<typeof createInstance>;
type Operations = Awaited<ReturnType<typeof getHttpOperationsFromSpec>>;
type Method = Parameters<PrismInstance["request"]>[0]["method"];
type Components = Parameters<typeof createInstance>[1];
type Mock = NonNullable<Components["mock"]>;

export class Prism {
  readonly #operations: Operations;

  private constructor(operations: Operations) {
    this.#operations = operations;
  }

  /**
   * @param document - The contract. It is changed: references are replaced by what they lead to.
   * @throws Error if Prism cannot use it.
   */
  static async load(document: object): Promise<Prism> {
    const operations = await getHttpOperationsFromSpec(document);
    for (const parameter of operations.flatMap(({ request }) => request?.query ?? [])) {
      // Prism's own command line sets OpenAPI's default; the library reads the last of several values without it.
      parameter.explode ??= parameter.style === "form";
    }
    return new Prism(operations);
  }

  /**
   * @param respond - Gives the response to a valid request; without it Prism gives a documented one.
   * @throws Error if Prism itself fails.
   */
  async check(request: PrismRequest, respond?: () => AtlasResponse): Promise<PrismResult> {
    let violations: readonly Violation[] = [];
    const mock: Mock = (args) => () => {
      violations = args.input.validations.map(violationOf);
      const own = violations.length === 0 ? respond?.() : undefined;
      return { _tag: "Right", right: outputOf(own ?? { status: 200 }) };
    };
    const checked = await this.#ask(request, { mock });
    if (checked._tag === "Left") return problemOf(checked.left);
    if (violations.length > 0) return { violations };
    const result = respond === undefined ? await this.#ask(request, {}) : checked;
    if (result._tag === "Left") return problemOf(result.left);
    const { output, validations } = result.right;
    return { response: responseOf(output), broken: validations.output.map(violationOf) };
  }

  #ask({ method, path, query, headers, body, prefer }: PrismRequest, components: Partial<Components>) {
    const isJson = /[/+]json$/.test(mediaTypeOf(headers["content-type"]));
    const input = {
      // Prism finds no operation for a method that it does not know.
      method: method.toLowerCase() as Method,
      url: { path, query: valuesOf(query) },
      headers: { ...headers },
      body: body === "" ? null : isJson ? JSON.parse(body) : body,
    };
    // A new configuration each time: Prism writes what `Accept` asks for into it.
    const config = { ...CONFIG, mock: { dynamic: false, ...prefer } };
    return createInstance(CONFIG, { ...components, logger: SILENT }).request(input, this.#operations, config)();
  }
}

const CONFIG: IHttpConfig = {
  isProxy: false,
  checkSecurity: false,
  validateRequest: true,
  validateResponse: true,
  errors: false,
  upstreamProxy: undefined,
  mock: { dynamic: false },
};

type Diagnostic = Parameters<Mock>[0]["input"]["validations"][number];
type Output = { statusCode: number; headers?: Record<string, string>; body?: unknown };

function violationOf({ path = [], code, message }: Diagnostic): Violation {
  return { location: path.map(String), code: String(code ?? ""), message };
}

function outputOf({ status, headers = {}, body }: AtlasResponse): Output {
  return { statusCode: status, headers: { ...headers }, ...(body === undefined ? {} : { body }) };
}

function responseOf({ statusCode, headers = {}, body }: Output): AtlasResponse {
  const given = Object.entries(headers).filter(([, value]) => value !== undefined && value !== null);
  return {
    status: statusCode,
    headers: Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), String(value)])),
    // A string is sent as it is, and this one is JSON.
    ...(body === undefined ? {} : { body: typeof body === "string" && isJson(headers) ? JSON.stringify(body) : body }),
  };
}

function isJson(headers: Readonly<Record<string, string>>): boolean {
  const [, contentType] = Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type") ?? [];
  return /[/+]json$/.test(mediaTypeOf(contentType));
}

function problemOf(error: Error): PrismResult {
  // A ProblemJsonError, which is what Prism refuses with, has a status and says more in `detail`.
  const { status = 500, detail } = error as Error & { readonly status?: number; readonly detail?: string };
  return { status, problem: [error.message, detail].filter(Boolean).join(": ").replaceAll(/\s+/g, " ") };
}

function valuesOf(query: URLSearchParams): Record<string, string | string[]> {
  return Object.fromEntries(
    [...new Set(query.keys())].map((name) => {
      const [first = "", ...others] = query.getAll(name);
      return [name, others.length === 0 ? first : [first, ...others]];
    }),
  );
}

const nothing = (): void => undefined;
// The few methods of a logger that Prism calls.
const SILENT = Object.assign(Object.create(null), {
  ...Object.fromEntries(["trace", "debug", "info", "success", "warn", "error", "fatal"].map((name) => [name, nothing])),
  child: () => SILENT,
}) as Components["logger"];

/**
 * Prism in this process: it checks requests against the contract, makes responses from the contract's examples, and
 * checks every response.
 */
import { createInstance, getHttpOperationsFromSpec, type IHttpConfig } from "@stoplight/prism-http";
import { mediaTypeOf } from "../../src/testing/atlas/oauth.js";
import type { AtlasResponse } from "../../src/testing/atlas/start-atlas.js";

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

type PrismInstance = ReturnType<typeof createInstance>;
type Method = Parameters<PrismInstance["request"]>[0]["method"];
type Logger = Parameters<typeof createInstance>[1]["logger"];

export class Prism {
  readonly #instance: PrismInstance;
  readonly #operations: Awaited<ReturnType<typeof getHttpOperationsFromSpec>>;

  private constructor(operations: Awaited<ReturnType<typeof getHttpOperationsFromSpec>>) {
    this.#operations = operations;
    this.#instance = createInstance(configFor({}), { logger: SILENT });
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

  /** @throws Error if Prism itself fails. */
  async respond({ method, path, query, headers, body, prefer }: PrismRequest): Promise<AtlasResponse> {
    const request = {
      // Prism finds no operation for a method that it does not know.
      method: method.toLowerCase() as Method,
      url: { path, query: valuesOf(query) },
      headers: { ...headers },
      body: body === "" ? null : /[/+]json$/.test(mediaTypeOf(headers["content-type"])) ? JSON.parse(body) : body,
    };
    const result = await this.#instance.request(request, this.#operations, configFor(prefer))();
    if (result._tag === "Left") return problem(result.left);
    const { output, validations } = result.right;
    const violations = [
      ...validations.input.map((violation) => ({ ...violation, path: ["request", ...(violation.path ?? [])] })),
      ...validations.output.map((violation) => ({ ...violation, path: ["response", ...(violation.path ?? [])] })),
    ].map(({ path: location, code, message }) => ({ location, code, message }));
    return {
      status: output.statusCode,
      headers: {
        ...textHeaders(output.headers ?? {}),
        ...(violations.length === 0 ? {} : { "sl-violations": JSON.stringify(violations) }),
      },
      ...(output.body === undefined ? {} : { body: output.body }),
    };
  }
}

/** A new one each time: Prism writes what `Accept` asks for into it. */
function configFor(prefer: Preference): IHttpConfig {
  return {
    isProxy: false,
    checkSecurity: false,
    validateRequest: true,
    validateResponse: true,
    errors: false,
    upstreamProxy: undefined,
    mock: { dynamic: false, ...prefer },
  };
}

/** What Prism refuses by itself, because the contract documents nothing for it. */
function problem(error: Error): AtlasResponse {
  const { status = 500, detail, additional } = error as Error & Readonly<Record<string, unknown>>;
  const body = { type: error.name, title: error.message, status, detail, ...Object(additional) };
  return { status: Number(status), headers: { "content-type": "application/problem+json" }, body };
}

function valuesOf(query: URLSearchParams): Record<string, string | string[]> {
  return Object.fromEntries(
    [...new Set(query.keys())].map((name) => {
      const [first = "", ...others] = query.getAll(name);
      return [name, others.length === 0 ? first : [first, ...others]];
    }),
  );
}

function textHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const given = Object.entries(headers).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), String(value)]));
}

const nothing = (): void => undefined;
// The few methods of a logger that Prism calls.
const SILENT = Object.assign(Object.create(null), {
  ...Object.fromEntries(
    ["trace", "debug", "info", "success", "warn", "error", "fatal"].map((level) => [level, nothing]),
  ),
  child: () => SILENT,
}) as Logger;

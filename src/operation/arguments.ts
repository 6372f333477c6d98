/** What a call is given, its arguments and its options: checked before anything is sent. */
import type { OperationDescription, OperationId } from "../../generated/operations.js";
import { argumentValidators, type Validate, type Violation } from "../../generated/validators.js";
import { AtlasRequestError, type RequestViolation } from "../errors.js";
import { ATTEMPT_RULES } from "../options/client-options.js";
import { ABORT_SIGNAL, membersOf, missing, type OptionRules, readOptions, violation } from "../options/read-options.js";
import { tryTo } from "../safe/foreign-error.js";
import { type Redact, shortName } from "../safe/redaction.js";
import type { RetryOptions } from "../transport/retry.js";

/** What a single call takes beside its arguments. */
export interface CallOptions {
  /** Ends the call at once, wherever it is: the request, a wait between attempts, a wait for a token. */
  readonly signal?: AbortSignal | undefined;
  /** Sent with every attempt; `Accept` and `Content-Type` replace the contract's. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** For each attempt of this call, in milliseconds. Requests for tokens, which calls share, keep the client's. */
  readonly timeoutMs?: number | undefined;
  /** What it leaves out is the client's. `false` sends this call once. */
  readonly retry?: RetryOptions | false | undefined;
}

export type Arguments = Readonly<Record<string, unknown>>;

/** What is missing in an object of whatever class is said of its arguments. */
const ANY_OBJECT = () => true;

/**
 * Of a body, what JSON makes of it is held to the contract: that is what Atlas sees.
 *
 * @returns the arguments as they will be sent, read once, so that nothing can change between the check and the sending; and
 *   the body, if it is sent as JSON
 * @throws AtlasRequestError listing every violation
 */
export function checkArguments(
  operationId: OperationId,
  operation: OperationDescription,
  args: object,
  redact: Redact,
): { readonly args: Arguments; readonly json?: string | undefined } {
  const validate = argumentValidators[operationId];
  const given = membersOf(args, ANY_OBJECT);
  const violations: RequestViolation[] = [];
  if (given === undefined) violations.push(violation("arguments", "an object that can be read", args, redact));
  else {
    const { body } = given;
    if (body === undefined && validate(given)) return { args: given };
    const encoding = bodyEncodingOf(operation);
    // Not of a BigInt, a cycle or a `toJSON` that throws.
    const json = encoding === "bytes" ? undefined : tryTo(() => JSON.stringify(body));
    const asSent = json === undefined ? given : { ...given, body: JSON.parse(json) as unknown };
    if (json !== undefined && validate(asSent)) {
      return { args: asSent, json: encoding === "json" ? json : undefined };
    }
    const bodyFits = json !== undefined && !violationsOf(validate, asSent, redact).some(isAboutBody);
    // What is wrong is said of what was given, which tells NaN from null.
    violations.push(...violationsOf(validate, given, redact).filter((each) => !bodyFits || !isAboutBody(each)));
    if (encoding === "bytes") {
      const fits = body === undefined || typeof body === "string" || body instanceof Blob;
      if (!fits) violations.push(violation("body", "a string or a Blob", body, redact));
    } else if (body !== undefined && !bodyFits && !violations.some(isAboutBody)) {
      violations.push(violation("body", "a value that JSON can express", body, redact));
    }
    if (violations.length === 0) return { args: given };
  }
  throw new AtlasRequestError("The arguments break the contract", violations, { operation });
}

/** How a body is written, by the media types of its operation: as JSON, as a form, or as it is. */
export function bodyEncodingOf({ requestMediaTypes }: OperationDescription): "json" | "form" | "bytes" {
  const [mediaType = "application/json"] = requestMediaTypes;
  if (/^application\/x-www-form-urlencoded\b/i.test(mediaType)) return "form";
  return /[/+]json\b/i.test(mediaType) ? "json" : "bytes";
}

function isAboutBody({ argument }: RequestViolation): boolean {
  return argument === "body" || argument.startsWith("body.");
}

function violationsOf(validate: Validate, args: object, redact: Redact): readonly RequestViolation[] {
  try {
    return validate(args) ? [] : faultsOf(validate).map((broken) => describe(broken, args, redact));
  } catch {
    // A getter or a proxy inside the body that throws: nothing else among the arguments runs code.
    const others = violationsOf(validate, { ...args, body: undefined }, redact).filter((each) => !isAboutBody(each));
    return [...others, { argument: "body", expected: "a value that can be read", received: "an object" }];
  }
}

/** What is wrong with a value; that it breaks a branch of a discriminator is said already by what it breaks there. */
export function faultsOf({ errors }: Validate): readonly Violation[] {
  return (errors ?? []).filter(({ keyword }) => keyword !== "if");
}

function describe(broken: Violation, args: object, redact: Redact): RequestViolation {
  const { instancePath, keyword, params, message = "something else" } = broken;
  const path = pointerNames(instancePath);
  const argument = (...more: readonly unknown[]) =>
    [...path, ...more].map((name) => shortName(String(name), redact)).join(".");
  const breaks = (expected: string) => violation(argument(), expected, valueAt(args, path), redact);
  switch (keyword) {
    case "required":
      return missing(argument(params["missingProperty"]));
    case "additionalProperties":
      return { argument: argument(params["additionalProperty"]), expected: "unknown argument", received: "" };
    case "type":
      return breaks(`${/^[aeio]/.test(String(params["type"])) ? "an" : "a"} ${String(params["type"])}`);
    case "pattern":
      return breaks(`a string that matches ${String(params["pattern"])}`);
    case "enum":
      return breaks(`one of ${JSON.stringify(params["allowedValues"])}`);
    default:
      return breaks(message.replace(/^must be /, "a value ").replace(/^must /, "a value that must "));
  }
}

/** `/body/a~1b` as `["body", "a/b"]`. */
export function pointerNames(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
}

export function valueAt(root: unknown, names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (value, name) => (typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined),
    root,
  );
}

/** RFC 9110, section 5.6.2. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
/** Visible characters, spaces and tabs: what a header can carry. Fetch would quote any other value in its own error. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

export function headerFaults(name: string, value: string, redact: Redact): readonly RequestViolation[] {
  const argument = `headers.${shortName(name, redact)}`;
  if (!TOKEN.test(name)) return [violation(argument, "a header name", name, redact)];
  return headerValueFaults(argument, value);
}

/** The value may be a credential, so nothing of it is shown. */
export function headerValueFaults(argument: string, value: string): readonly RequestViolation[] {
  const expected = "contains characters that are not allowed in a header";
  return HEADER_VALUE.test(value) ? [] : [{ argument, expected, received: "" }];
}

export const SET_BY_CLIENT = { expected: "is set by the client; remove it", received: "" } as const;

/** Of one connection or message (RFC 9110, section 7.6.1). Node's fetch fails over the last three only when it sends. */
export const HOP_BY_HOP = /^(?:host|content-length|transfer-encoding|connection|keep-alive|upgrade|expect)$/i;

const RULES: OptionRules<CallOptions> = {
  signal: ABORT_SIGNAL,
  headers: {
    expected: "a plain object of names and values",
    fits: (value) => value === null || membersOf(value) !== undefined,
  },
  ...ATTEMPT_RULES,
};

/** @throws AtlasRequestError listing everything that cannot be used */
export function checkCallOptions(
  given: CallOptions | undefined,
  redact: Redact,
  operation?: OperationDescription,
): CallOptions {
  if (given === undefined || given === null) return {};
  const headers: [string, string][] = [];
  const { signal, timeoutMs, retry } = readOptions<CallOptions>(given, RULES, {
    summary: "Cannot use the call options",
    redact,
    ...(operation && { operation }),
    check(options, violations) {
      for (const [name, value] of Object.entries(membersOf(options.headers) ?? {})) {
        const argument = `headers.${shortName(name, redact)}`;
        // The client signs every request itself.
        const isReserved = HOP_BY_HOP.test(name) || name.toLowerCase() === "authorization";
        if (isReserved) violations.push({ argument, ...SET_BY_CLIENT });
        else if (typeof value === "string") {
          violations.push(...headerFaults(name, value, redact));
          headers.push([name, value]);
        } else violations.push(violation(argument, "a string", value, redact));
      }
    },
  });
  return { signal, headers: Object.fromEntries(headers), timeoutMs, retry };
}

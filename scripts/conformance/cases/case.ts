/** One request that is sent to the server, and how it must be responded to. */
import { withValueAt } from "../../../contract-tests/contract/json.js";
import { type Method, type Operation, successesOf } from "../../../contract-tests/contract/operations.js";
import { type Arguments, writeRequest } from "../../../contract-tests/contract/requests.js";
import { violationsOf } from "../../../contract-tests/contract/validation.js";
import type { SeededRandom } from "../../../src/testing/atlas/seeded-random.js";
import { type Basis, type CheckName, HOURS } from "../checks.js";
import type { Identity } from "../http/server.js";
import type { Untried } from "../report.js";

/** Which response a case must have for its check to pass. */
export interface Expectation {
  accepts(status: number): boolean;
  /** The right ones in words, as `400` or `any 4xx`. */
  readonly words: string;
  /** Whether a status may come that is not documented, as 405 is not. Default: none may. */
  undocumented?(status: number): boolean;
  /** What may be the reason for a refusal, if it may not be the server's fault. */
  readonly hint?: string;
  /** Default: what the check rests on. */
  readonly basis?: readonly Basis[];
}

export const isRefusal = (status: number): boolean => status >= 400 && status < 500;

export function oneOf(...statuses: readonly number[]): Expectation {
  const words = statuses.join(", ").replace(/, (\d+)$/, " or $1");
  return { accepts: (status) => statuses.includes(status), words };
}

export const ANY_REFUSAL: Expectation = { accepts: isRefusal, words: "any 4xx" };

/** An operation with everything that a valid request of it needs, but for the ids of what has to be created first. */
export interface Callable extends Arguments {
  readonly operation: Operation;
  readonly accept: string | undefined;
  readonly contentType: string | undefined;
  /** Path parameters whose values only stand in for the id of something, each with the operation that creates it. */
  readonly created: ReadonlyMap<string, Operation>;
}

export interface Case extends Callable {
  readonly check: CheckName;
  /** What is special about it, for people. */
  readonly title: string;
  /** Cases of one kind try the same thing with different values. */
  readonly kind: string;
  /** Other than the operation's own. */
  readonly method?: Method;
  /** A body that replaces the arguments' one as it is. */
  readonly rawBody?: string;
  readonly identity: Identity;
  /** Asks a mock for this documented response. */
  readonly prefer?: number;
  /** `undefined`: any documented response will do. */
  readonly expected: Expectation | undefined;
}

export type Derived = Iterable<Case | Untried>;

/** A case that differs from a valid request only by what is given. Each is a kind of its own, unless it says otherwise. */
export function caseOf(
  callable: Callable,
  check: CheckName,
  title: string,
  expected: Expectation | undefined,
  differing: Partial<Case> = {},
): Case {
  return { ...callable, check, title, expected, kind: title, identity: { kind: "given" }, ...differing };
}

/** The same request with other values of parameters, which stand in for nothing. */
export function withParameters(callable: Callable, values: Arguments["parameters"]): Callable {
  const created = [...callable.created].filter(([name]) => !(name in values));
  return { ...callable, parameters: { ...callable.parameters, ...values }, created: new Map(created) };
}

export function withHours(callable: Callable, hours: number): Callable {
  return { ...callable, body: withValueAt(callable.body, [HOURS], hours) };
}

/** Whether the contract admits the arguments, and they can be written. */
export function isValid(each: Callable): boolean {
  return brokenBy(each).length === 0;
}

/** What the arguments break: names of parameters, or `body`, with what is wrong. */
export function brokenBy({ operation, parameters, body, contentType }: Callable): readonly string[] {
  const ofParameters = operation.parameters.flatMap(({ name, schema, required }) => {
    const value = parameters[name];
    if (value === undefined) return required ? [`${name} is missing`] : [];
    return violationsOf(schema, value, "request").map((violation) => `${name}${violation}`);
  });
  const schema = operation.body?.mediaTypes.find(({ name }) => name === contentType)?.schema;
  const ofBody = body === undefined ? [] : violationsOf(schema, body, "request");
  const isWritten = writeRequest(operation, { parameters, body }, contentType) !== undefined;
  const unwritten = isWritten ? [] : ["a parameter's style is not known"];
  return [...ofParameters, ...ofBody.map((violation) => `body${violation}`), ...unwritten];
}

export function validCase(callable: Callable, title: string, differing: Partial<Case> = {}): Case {
  return caseOf(callable, "positive_data_acceptance", title, successOf(callable.operation), differing);
}

/** The documented success, whatever its exact status: that is for status_code_conformance to judge. */
export function successOf(operation: Operation): Expectation {
  const statuses = successesOf(operation).map(({ status }) => status);
  const roles = (operation.at.get("x-rolesRequirements")?.items() ?? []).map(({ text = "" }) => text);
  const role = roles.length > 0 ? [`Do the credentials of the check have the role ${roles.join(" or ")}?`] : [];
  const room = operation.method === "POST" ? ["Does the account under test hold as many already as it may?"] : [];
  return {
    accepts: (status) => status >= 200 && status < 300,
    words: statuses.join(" or ") || "any 2xx",
    hint: [...role, ...room].join(" "),
  };
}

const HEX_DIGITS = "0123456789abcdef";

/** An id with its last hexadecimal digits changed; what is before them may be a fixed beginning. */
export function withDigits(id: string, change: (digits: string) => string): string {
  return id.replace(/[0-9a-f]*$/, change);
}

/** The last hexadecimal digits drawn anew. */
export function otherId(id: string, random: SeededRandom): string {
  return withDigits(id, ({ length }) => random.text(HEX_DIGITS, length));
}

/**
 * One request that is sent to the server, and how it must be responded to.
 */
import type { Method, Operation } from "../../../contract-tests/contract/operations.js";
import { type Arguments, type RequestDraft, writeRequest } from "../../../contract-tests/contract/requests.js";
import { violationsOf } from "../../../contract-tests/contract/validation.js";
import { basisOf, type CheckName, type Statement } from "../checks.js";
import type { Identity } from "../http/sign-in.js";

/** Which response a case must have for its check to pass. */
export interface Expectation {
  /** Whether a status is the right one. */
  accepts(status: number): boolean;
  /** The right ones in words, as `400` or `any 4xx`. */
  readonly words: string;
  /** Whether a status may come that is not documented, as 405 is not. */
  undocumented(status: number): boolean;
  /** What may be the reason for a wrong one, if it may not be the server's fault. */
  hint?(status: number): string | undefined;
  readonly contract: readonly Statement[];
}

/** Any refusal that is a client's own fault. */
export function refusalBy(operation: Operation, check: CheckName, words: string): Expectation {
  const accepts = (status: number): boolean => status >= 400 && status < 500;
  return { accepts, words, undocumented: () => false, contract: basisOf(operation, check) };
}

/** One request. */
export interface Case extends Arguments {
  /** The check that this is a case of. */
  readonly check: CheckName;
  readonly operation: Operation;
  /** What is special about it, for people. */
  readonly title: string;
  /** Path parameters whose values only stand in for the id of something that has to be created first. */
  readonly created: ReadonlySet<string>;
  /** Other than the operation's own. */
  readonly method?: Method;
  /** A body that replaces the arguments' one as it is. */
  readonly rawBody?: string;
  readonly accept: string | undefined;
  readonly contentType: string | undefined;
  readonly identity: Identity;
  /** Asks a mock for this documented response. */
  readonly prefer?: number;
  /** `undefined`: any documented response will do. */
  readonly expected: Expectation | undefined;
}

/** Something that no case could be made of, or that was left out on purpose. */
export interface Untried {
  readonly what: string;
  readonly reason: string;
}

/** Cases of one kind, and what is missing from them. */
export interface Derived {
  readonly cases: readonly Case[];
  readonly untried: readonly Untried[];
}

/** Several of them as one. */
export function together(derived: readonly Derived[]): Derived {
  return { cases: derived.flatMap(({ cases }) => cases), untried: derived.flatMap(({ untried }) => untried) };
}

/** An operation with everything that a valid request of it needs, but for the ids of what has to be created first. */
export interface Callable extends Arguments {
  readonly operation: Operation;
  readonly accept: string | undefined;
  readonly contentType: string | undefined;
  /** Path parameters that take the id of something that was created. */
  readonly created: ReadonlySet<string>;
}

/** A case that differs from a valid request only by what is given. */
export function caseOf(
  callable: Callable,
  differing: Pick<Case, "check" | "title" | "expected"> & Partial<Case>,
): Case {
  const parameters = differing.parameters ?? callable.parameters;
  const standsIn = [...callable.created].filter((name) => parameters[name] === callable.parameters[name]);
  return { ...callable, identity: { kind: "given" }, ...differing, created: new Set(standsIn) };
}

/** The case as a request; `undefined` if it cannot be written. */
export function writeCase(each: Case): RequestDraft | undefined {
  const draft = writeRequest(each.operation, each, each.contentType);
  return draft && { ...draft, method: each.method ?? draft.method, body: each.rawBody ?? draft.body };
}

/** Whether the contract admits the arguments, and they can be written. */
export function isValid({ operation, parameters, body, contentType }: Case | Callable): boolean {
  return brokenBy({ operation, parameters, body, contentType }).length === 0;
}

/** What the arguments break: names of parameters, or `body`, with what is wrong. */
export function brokenBy({
  operation,
  parameters,
  body,
  contentType,
}: Pick<Callable, "operation" | "parameters" | "body" | "contentType">): readonly string[] {
  const ofParameters = operation.parameters.flatMap(({ name, schema, required }) => {
    const value = parameters[name];
    if (value === undefined) return required ? [`${name} is missing`] : [];
    return violationsOf(schema, value, "request").map((violation) => `${name}${violation}`);
  });
  const mediaType = operation.body?.mediaTypes.find(({ name }) => name === contentType);
  const ofBody = body === undefined ? [] : violationsOf(mediaType?.schema, body, "request");
  const isWritten = writeRequest(operation, { parameters, body }, contentType) !== undefined;
  return [
    ...ofParameters,
    ...ofBody.map((violation) => `body${violation}`),
    ...(isWritten ? [] : ["a parameter's style is not known"]),
  ];
}

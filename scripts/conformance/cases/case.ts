/**
 * One request that is sent to the server, and how it must be answered.
 */
import type { CheckName } from "../checks.js";
import type { Located } from "../contract/document.js";
import type { Method, Operation } from "../contract/operations.js";
import type { Identity } from "../http/sign-in.js";
import type { Arguments } from "./wire.js";

/** How a case must be answered for its check to pass. */
export interface Expectation {
  /** Whether a status is the right one. */
  accepts(status: number): boolean;
  /** The right ones in words, as `400` or `any 4xx`. */
  readonly words: string;
  /** Whether a status may come that is not documented, as 405 is not. */
  undocumented(status: number): boolean;
  /** What may be the reason for a wrong one, if it may not be the server's fault. */
  hint?(status: number): string | undefined;
  /** What the contract says, and where. */
  readonly contract: readonly { readonly says: string; readonly at: Located }[];
}

/** One request. */
export interface Case {
  /** The check that this is a case of. */
  readonly check: CheckName;
  readonly operation: Operation;
  /** What is special about it, for people. */
  readonly title: string;
  readonly args: Arguments;
  /** Path parameters whose values only stand in for the id of something that has to be made first. */
  readonly made: ReadonlySet<string>;
  /** Other than the operation's own. */
  readonly method?: Method;
  /** A body that replaces the arguments' one as it stands. */
  readonly rawBody?: string;
  readonly accept: string | undefined;
  readonly contentType: string | undefined;
  readonly identity: Identity;
  /** Asks a mock for this documented answer. */
  readonly prefer?: number;
  /** `undefined`: any documented answer will do. */
  readonly expected: Expectation | undefined;
}

/** What could not be made a case of, or was left out on purpose. */
export interface Untried {
  readonly operation: Operation;
  readonly what: string;
  readonly reason: string;
}

/** Cases of one kind, and what is missing from them. */
export interface Derived {
  readonly cases: readonly Case[];
  readonly untried: readonly Untried[];
}

/** An operation with everything that a valid request of it needs, but for the ids of what has to be made first. */
export interface Callable {
  readonly operation: Operation;
  readonly args: Arguments;
  readonly accept: string | undefined;
  readonly contentType: string | undefined;
  /** Path parameters that take the id of something that was made. */
  readonly made: ReadonlySet<string>;
}

/** A case that differs from a valid request only by what is given. */
export function caseOf(
  { operation, args, accept, contentType, made }: Callable,
  differing: Pick<Case, "check" | "title" | "expected"> & Partial<Case>,
): Case {
  const own = differing.args?.parameters ?? args.parameters;
  const standsIn = [...made].filter((name) => own[name] === args.parameters[name]);
  return {
    operation,
    args,
    accept,
    contentType,
    identity: { kind: "given" },
    ...differing,
    made: new Set(standsIn),
  };
}

/** What an operation says of one of its answers, if it documents it. */
export function documentedAs(operation: Operation, status: number): readonly { says: string; at: Located }[] {
  const response = operation.responses.find((each) => each.status === String(status));
  return response === undefined ? [] : [{ says: `documents ${status}`, at: response.at }];
}

/**
 * One reader for every object of options, by a table with a rule for each member. It reads each member once, and lists in one
 * error what breaks its rule, what is missing, and names without a rule: a misspelt option would silently do nothing.
 */
import type { OperationDescription } from "../../generated/operations.js";
import { AtlasRequestError, type RequestViolation } from "../errors.js";
import { tryTo } from "../safe/foreign-error.js";
import { quote, type Redact, redactByForm, shortName } from "../safe/redaction.js";
import { isAbortSignal } from "../signals.js";

export interface OptionRule {
  /** Follows "expected" in the error. */
  readonly expected: string;
  /** Never called with undefined: that is an option that is not given. */
  readonly fits: (value: unknown) => boolean;
  readonly required?: true;
  /** The rules of its own members, if the value is an object. */
  readonly members?: Readonly<Record<string, OptionRule>>;
}

/** One rule for every member, and none for any other name. */
export type OptionRules<Options> = { readonly [Name in keyof Options]-?: OptionRule };

/** The options that are given; none of them is undefined. */
export type Given<Options> = { readonly [Name in keyof Options]: Exclude<Options[Name], undefined> };

interface ReadSettings<Options> {
  /** Begins the error: "Cannot create the client". */
  readonly summary: string;
  /** How the error calls the object itself. */
  readonly name?: string;
  readonly redact?: Redact | undefined;
  readonly operation?: OperationDescription;
  /** Adds what the rules cannot say. It is given every member, those that break their rules included. */
  readonly check?: (options: Given<Options>, violations: RequestViolation[]) => void;
}

/** @throws AtlasRequestError listing everything that cannot be used */
export function readOptions<Options extends object>(
  given: unknown,
  rules: OptionRules<Options>,
  { summary, name = "options", redact = redactByForm, operation, check }: ReadSettings<Options>,
): Given<Options> {
  const violations: RequestViolation[] = [];
  const readMembers = (object: unknown, table: Readonly<Record<string, OptionRule>>, called: string, prefix = "") => {
    const members = membersOf(object);
    if (members === undefined) {
      violations.push(violation(called, "a plain object", object, redact));
      return undefined;
    }
    const names = Object.keys(table);
    for (const unknown of Object.keys(members).filter((each) => !names.includes(each))) {
      const argument = `${prefix}${shortName(unknown, redact)}`;
      violations.push({ argument, expected: `unknown option; the options are ${names.join(", ")}`, received: "" });
    }
    const read = Object.entries(table).map(([each, rule]): [string, unknown] => {
      const argument = `${prefix}${each}`;
      const value = Object.hasOwn(members, each) ? members[each] : undefined;
      if (value === undefined) {
        if (rule.required === true) violations.push(missing(argument));
      } else if (!rule.fits(value)) {
        violations.push(violation(argument, rule.expected, value, redact));
      } else if (rule.members !== undefined && typeof value === "object") {
        return [each, readMembers(value, rule.members, argument, `${argument}.`)];
      }
      return [each, value];
    });
    return defined(Object.fromEntries(read));
  };
  const members = readMembers(given, rules, name);
  // Every member fits its rule, or there is a violation, and nothing is returned.
  const options = members as Given<Options>;
  if (members !== undefined) check?.(options, violations);
  if (violations.length > 0) throw new AtlasRequestError(summary, violations, { operation });
  return options;
}

export function defined<Members extends object>(members: Members): Partial<Given<Members>> {
  // The same members, but for those that are undefined.
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Members;
}

export function violation(argument: string, expected: string, value: unknown, redact = redactByForm) {
  return { argument, expected, received: quote(value, redact) };
}

export function missing(argument: string): RequestViolation {
  return { argument, expected: "is missing", received: "" };
}

/**
 * The own members of an object, each read once; undefined for anything else. Of `Headers`, a `Map` or a signal in the place
 * of the options, nothing would be read, without a word: without members, an object has to be a plain one, of whatever realm.
 */
export function membersOf(value: unknown, mayBeEmpty = isPlain): Readonly<Record<string, unknown>> | undefined {
  try {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    const members = { ...value };
    return mayBeEmpty(value) || Object.keys(members).length > 0 ? members : undefined;
  } catch {
    // A getter or a proxy that throws: it cannot be read, which the caller says.
    return undefined;
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** What was given, as it is now: plain data is copied; what has a class or methods, or is unreadable, stays as it is. */
export function captured<Given>(given: Given): Given {
  const members = membersOf(given);
  // Not of a proxy inside of it that throws, or of data that holds itself, which no body can have.
  const copy = members && tryTo(() => withCopies(members));
  // The same members with the same values.
  return copy === undefined ? given : (copy as Given);
}

function withCopies(members: object): object {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, copyOf(value)]));
}

function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, copyOf);
  if (typeof value !== "object" || value === null || !isPlain(value)) return value;
  // `toJSON` is one wherever it stands: a copy would have other JSON.
  const members = [Reflect.get(value, "toJSON"), ...Object.values(value)];
  return members.some((member) => typeof member === "function") ? value : withCopies(value);
}

/** For a member that is looked at elsewhere, in `check` for example. */
export const ANYTHING: OptionRule = { expected: "", fits: () => true };
export const FUNCTION: OptionRule = { expected: "a function", fits: (value) => typeof value === "function" };
export const ABORT_SIGNAL: OptionRule = { expected: "an AbortSignal", fits: isAbortSignal };

/** Whole numbers, both ends included. */
export function integer(least: number, most = Number.MAX_SAFE_INTEGER): OptionRule {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  return {
    expected: `an integer ${range}`,
    fits: (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
  };
}

/** What a timer can hold; above it, Node fires at once. */
export function milliseconds(least: number): OptionRule {
  return integer(least, 2 ** 31 - 1);
}

export function matching(pattern: RegExp, expected = `a string that matches ${pattern.source}`): OptionRule {
  return { expected, fits: (value) => typeof value === "string" && pattern.test(value) };
}

export function oneOf(values: readonly unknown[]): OptionRule {
  return { expected: `one of ${values.join(", ")}`, fits: (value) => values.includes(value) };
}

export function required(rule: OptionRule): OptionRule {
  return { ...rule, required: true };
}

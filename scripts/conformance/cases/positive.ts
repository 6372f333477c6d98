/**
 * positive_data_acceptance: what the contract admits has to be accepted. Beside it, requests that are to show documented
 * responses which a valid request does not: ids that nobody created, and, if a mock can be asked, every documented error.
 */
import { constraintsOf } from "../../../contract-tests/contract/constraints.js";
import { memberOf, withValueAt } from "../../../contract-tests/contract/json.js";
import { type Operation, type Parameter, successesOf } from "../../../contract-tests/contract/operations.js";
import { admittedForParameter } from "../../../contract-tests/contract/values.js";
import type { SeededRandom } from "../../../src/testing/atlas/seeded-random.js";
import { HOURS } from "../checks.js";
import {
  type Callable,
  type Case,
  caseOf,
  type Derived,
  type Expectation,
  isJsonType,
  isValid,
  withParameters,
} from "./case.js";

/**
 * A value that turns the response into another one than the contract documents: with `envelope=true` Atlas responds with 200
 * and puts the documented response inside.
 *
 * @see https://www.mongodb.com/docs/atlas/api/api-response-object/
 */
const WRAPS_THE_RESPONSE = "envelope=true";

/** A valid request that its operation has to accept. */
export function validCase(callable: Callable, title: string, differing: Partial<Case> = {}): Case {
  const expected = successOf(callable.operation);
  return caseOf(callable, { check: "positive_data_acceptance", title, expected, ...differing });
}

/** A valid request, once with each documented version, body type and value of an optional parameter. */
export function* positiveCases(callable: Callable): Derived {
  const { operation } = callable;
  yield validCase(callable, "valid data");
  const versions = new Set(successesOf(operation).flatMap(({ mediaTypes }) => mediaTypes.map(({ name }) => name)));
  for (const accept of versions) {
    if (accept !== callable.accept) yield validCase(callable, `Accept: ${accept}`, { accept });
  }
  for (const { name } of operation.body?.mediaTypes ?? []) {
    const title = `Content-Type: ${name}`;
    if (name === callable.contentType) continue;
    if (isJsonType(name)) yield validCase(callable, title, { contentType: name });
    else yield { what: title, reason: "bodies of this type are not made up" };
  }
  for (const parameter of operation.parameters) if (!parameter.required) yield* optionalParameter(callable, parameter);
}

/** The values of an optional parameter that are worth trying: each one of a boolean or a list, else the likeliest. */
function* optionalParameter(callable: Callable, parameter: Parameter): Derived {
  const { name, schema } = parameter;
  const values = admittedForParameter(parameter);
  const all = schema?.get("type")?.text === "boolean" || schema?.has("enum") === true;
  let tried = false;
  for (const value of all ? values : values.slice(0, 1)) {
    const title = `${name}=${String(value)}`;
    if (title === WRAPS_THE_RESPONSE) {
      yield { what: title, reason: "it wraps the response, and the contract describes no wrapped one" };
      continue;
    }
    const found = validCase(withParameters(callable, { [name]: value }), title);
    if (!isValid(found)) continue;
    tried = true;
    yield found;
  }
  if (!tried) yield { what: name, reason: "no valid value is known for it" };
}

/** The documented success, whatever its exact status: that is for status_code_conformance to judge. */
export function successOf(operation: Operation): Expectation {
  const documented = successesOf(operation);
  return {
    accepts: (status) => status >= 200 && status < 300,
    words: documented.map(({ status }) => status).join(" or ") || "any 2xx",
    hint: (status) => hintFor(operation, status),
    contract: documented.map(({ status, at }) => ({ says: `documents ${status} for a valid request`, at })),
  };
}

/** Reasons for refusing a valid request that lie with whoever runs the check. */
function hintFor({ method, at }: Operation, status: number): string | undefined {
  const roles = (at.get("x-rolesRequirements")?.items() ?? []).map(({ text = "" }) => text);
  if (status === 401) return "Are the credentials of the check the right ones?";
  if (status === 403 && roles.length > 0) return `Do the credentials of the check have the role ${roles.join(" or ")}?`;
  if ([400, 409, 422].includes(status) && method === "POST") {
    return "Does the account under test hold as many already as it may?";
  }
  return undefined;
}

const LARGEST_INT32 = 2 ** 31 - 1;

/**
 * The largest integers that a body may have. A server may have bounds of its own and refuse them; what it says to them has
 * to be as documented.
 */
export function* largestCases(callable: Callable): Derived {
  const { operation, body } = callable;
  for (const { keyword, at, valueAt } of constraintsOf(operation.body?.mediaTypes[0]?.schema, "request")) {
    if (keyword !== "format" || at.value !== "int32") continue;
    const title = `body ${valueAt.join(".")} as large as can be`;
    const largest = withValueAt(body, valueAt, LARGEST_INT32);
    const found = caseOf(callable, { check: "status_code_conformance", title, body: largest });
    if (isValid(found)) yield found;
  }
}

/** Thirty days, and the year that Atlas allows: who takes days for hours, or has a silent bound, shows it. */
const MORE_HOURS = [720, 8760];

/** Other hours than the example's, the next ones first, which are most likely within a server's own bounds. */
export function* otherHours(callable: Callable): Derived {
  const hours = memberOf(callable.body, HOURS);
  if (typeof hours !== "number") return;
  for (const asked of [hours + 1, ...MORE_HOURS.filter((more) => more !== hours)]) {
    yield caseOf(withHours(callable, asked), { check: "secret_expiry", title: `${asked} hours` });
  }
}

/** The same request, for a secret that lives so long. */
export function withHours(callable: Callable, hours: number): Callable {
  return { ...callable, body: withValueAt(callable.body, [HOURS], hours) };
}

/** A valid request in which one id is another one of the same form; `undefined` if no other valid one is known. */
export function unknownIdCase(callable: Callable, parameter: string, random: SeededRandom): Case | undefined {
  const other = withParameters(callable, { [parameter]: otherId(String(callable.parameters[parameter]), random) });
  const title = `a ${parameter} that nobody created`;
  const found = caseOf(other, { check: "status_code_conformance", title });
  return isValid(found) ? found : undefined;
}

/** The same for each id in the path. */
export function* unknownIdCases(callable: Callable, random: SeededRandom): Derived {
  for (const { name, in: where } of callable.operation.parameters) {
    if (where !== "path") continue;
    yield unknownIdCase(callable, name, random) ?? {
      what: `unknown ${name}`,
      reason: "no other valid value is known",
    };
  }
}

/** Every documented error, by the header that Prism and mocks like it obey. */
export function* preferredCases(callable: Callable): Derived {
  for (const prefer of callable.operation.responses.map(({ status }) => Number(status))) {
    if (prefer < 300 || Number.isNaN(prefer)) continue;
    yield caseOf(callable, { check: "status_code_conformance", title: `Prefer: code=${prefer}`, prefer });
  }
}

const HEX_DIGITS = "0123456789abcdef";

/** The last hexadecimal digits of an id, and what is before them, which may be a fixed beginning. */
function partsOf(id: string): { fixed: string; digits: string } {
  const digits = /[0-9a-f]*$/.exec(id)?.[0] ?? "";
  return { fixed: id.slice(0, id.length - digits.length), digits };
}

/** The last hexadecimal digits drawn anew. */
export function otherId(id: string, random: SeededRandom): string {
  const { fixed, digits } = partsOf(id);
  return fixed + random.text(HEX_DIGITS, digits.length);
}

/** Ids that a careless comparison takes for the given one, by what is different about them. */
export function nearIds(id: string): readonly (readonly [difference: string, id: string])[] {
  const { fixed, digits } = partsOf(id);
  const next = (text: string): string => text.replace(/./g, (digit) => HEX_DIGITS.charAt(Number(`0x${digit}`) ^ 1));
  const [from, to] = [Math.floor(digits.length / 3), Math.ceil((digits.length * 2) / 3)];
  const ids = [
    ["with another end", digits.slice(0, -1) + next(digits.slice(-1))],
    ["with another beginning", next(digits.slice(0, 1)) + digits.slice(1)],
    ["with another middle", digits.slice(0, from) + next(digits.slice(from, to)) + digits.slice(to)],
    ["with its digits in another order", [...digits].reverse().join("")],
  ] as const;
  return ids.flatMap(([difference, near]) => (near === digits ? [] : [[difference, fixed + near] as const]));
}

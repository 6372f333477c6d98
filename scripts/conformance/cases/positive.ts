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
import { type Callable, type Case, caseOf, type Derived, type Expectation, isValid, type Untried } from "./case.js";

/**
 * A value that turns the response into another one than the contract documents: with `envelope=true` Atlas responds with 200
 * and puts the documented response inside.
 *
 * @see https://www.mongodb.com/docs/atlas/api/api-response-object/
 */
const WRAPS_THE_RESPONSE = { parameter: "envelope", value: true } as const;

/** A valid request, once with each documented version, body type and value of an optional parameter. */
export function positiveCases(callable: Callable): Derived {
  const { operation } = callable;
  const check = "positive_data_acceptance";
  const expected = successOf(operation);
  const cases: Case[] = [caseOf(callable, { check, title: "valid data", expected })];
  const untried: Untried[] = [];
  const versions = new Set(successesOf(operation).flatMap(({ mediaTypes }) => mediaTypes.map(({ name }) => name)));
  for (const accept of versions) {
    if (accept !== callable.accept)
      cases.push(caseOf(callable, { check, title: `Accept: ${accept}`, accept, expected }));
  }
  for (const { name } of operation.body?.mediaTypes ?? []) {
    const title = `Content-Type: ${name}`;
    if (name === callable.contentType) continue;
    if (/[/+]json\b/.test(name)) cases.push(caseOf(callable, { check, title, contentType: name, expected }));
    else untried.push({ what: title, reason: "bodies of this type are not made up" });
  }
  for (const parameter of operation.parameters.filter(({ required }) => !required)) {
    const derived = optionalParameter(callable, parameter, expected);
    cases.push(...derived.cases);
    untried.push(...derived.untried);
  }
  return { cases, untried };
}

/** The values of an optional parameter that are worth trying: each one of a boolean or a list, else the likeliest. */
function valuesToTry(parameter: Parameter): readonly unknown[] {
  const values = admittedForParameter(parameter);
  const all = parameter.schema?.get("type")?.text === "boolean" || parameter.schema?.has("enum") === true;
  return all ? values : values.slice(0, 1);
}

function optionalParameter(callable: Callable, parameter: Parameter, expected: Expectation): Derived {
  const { name } = parameter;
  const cases: Case[] = [];
  const untried: Untried[] = [];
  for (const value of valuesToTry(parameter)) {
    const title = `${name}=${String(value)}`;
    if (name === WRAPS_THE_RESPONSE.parameter && value === WRAPS_THE_RESPONSE.value) {
      untried.push({ what: title, reason: "it wraps the response, and the contract describes no wrapped one" });
      continue;
    }
    const parameters = { ...callable.parameters, [name]: value };
    const found = caseOf(callable, { check: "positive_data_acceptance", title, parameters, expected });
    if (isValid(found)) cases.push(found);
  }
  if (cases.length === 0) untried.push({ what: name, reason: "no valid value is known for it" });
  return { cases, untried };
}

/** The documented success, whatever its exact status: that is for status_code_conformance to judge. */
export function successOf(operation: Operation): Expectation {
  const documented = successesOf(operation);
  return {
    accepts: (status) => status >= 200 && status < 300,
    words: documented.map(({ status }) => status).join(" or ") || "any 2xx",
    undocumented: () => false,
    hint: (status) => hintFor(operation, status),
    contract: documented.map(({ status, at }) => ({ says: `documents ${status} for a valid request`, at })),
  };
}

/** Reasons for refusing a valid request that lie with whoever runs the check. */
function hintFor({ method, at }: Operation, status: number): string | undefined {
  const roles = (at.get("x-rolesRequirements")?.items() ?? []).map(({ text = "" }) => text);
  switch (status) {
    case 401:
      return "Are the credentials of the check the right ones?";
    case 403:
      return roles.length === 0 ? undefined : `Do the credentials of the check have the role ${roles.join(" or ")}?`;
    case 400:
    case 409:
    case 422:
      return method === "POST" ? "Does the account under test hold as many already as it may?" : undefined;
    default:
      return undefined;
  }
}

const LARGEST_INT32 = 2 ** 31 - 1;

/**
 * The largest integers that a body may have. A server may have bounds of its own and refuse them; what it says to them has
 * to be as documented.
 */
export function largestCases(callable: Callable): Derived {
  const { operation, body } = callable;
  const [media] = operation.body?.mediaTypes ?? [];
  const cases = constraintsOf(media?.schema, "request").flatMap((constraint) => {
    if (constraint.keyword !== "format" || constraint.at.value !== "int32") return [];
    const title = `body ${constraint.valueAt.join(".")} as large as can be`;
    const largest = withValueAt(body, constraint.valueAt, LARGEST_INT32);
    const found = caseOf(callable, { check: "status_code_conformance", title, body: largest, expected: undefined });
    return isValid(found) ? [found] : [];
  });
  return { cases: [...cases, ...otherHours(callable)], untried: [] };
}

/** Thirty days, and the year that Atlas allows: who takes days for hours, or has a silent bound, shows it. */
const MORE_HOURS = [720, 8760];

/** Other hours than the example's, the next ones first, which are most likely within a server's own bounds. */
function otherHours(callable: Callable): Case[] {
  const hours = memberOf(callable.body, HOURS);
  if (typeof hours !== "number") return [];
  return [hours + 1, ...MORE_HOURS.filter((more) => more !== hours)].map((asked) => {
    const body = withValueAt(callable.body, [HOURS], asked);
    return caseOf(callable, { check: "secret_expiry", title: `${asked} hours`, body, expected: undefined });
  });
}

/** A valid request in which one id is another one of the same form; `undefined` if no other valid one is known. */
export function unknownIdCase(callable: Callable, parameter: string, random: SeededRandom): Case | undefined {
  const id = otherId(String(callable.parameters[parameter]), random);
  const found = caseOf(callable, {
    check: "status_code_conformance",
    title: `a ${parameter} that nobody created`,
    parameters: { ...callable.parameters, [parameter]: id },
    expected: undefined,
  });
  return isValid(found) ? found : undefined;
}

/** The same for each id in the path. */
export function unknownIdCases(callable: Callable, random: SeededRandom): Derived {
  const cases: Case[] = [];
  const untried: Untried[] = [];
  for (const { name } of callable.operation.parameters.filter((parameter) => parameter.in === "path")) {
    const found = unknownIdCase(callable, name, random);
    if (found !== undefined) cases.push(found);
    else untried.push({ what: `unknown ${name}`, reason: "no other valid value is known" });
  }
  return { cases, untried };
}

/** Every documented error, by the header that Prism and mocks like it obey. */
export function preferredCases(callable: Callable): Derived {
  const statuses = callable.operation.responses.map(({ status }) => Number(status)).filter((status) => status >= 300);
  const cases = statuses.map((prefer) =>
    caseOf(callable, {
      check: "status_code_conformance",
      title: `Prefer: code=${prefer}`,
      prefer,
      expected: undefined,
    }),
  );
  return { cases, untried: [] };
}

const HEX_DIGITS = "0123456789abcdef";

/** The last hexadecimal digits drawn anew: what is before them may be a fixed beginning. */
export function otherId(id: string, random: SeededRandom): string {
  const digits = /[0-9a-f]*$/.exec(id)?.[0] ?? "";
  return id.slice(0, id.length - digits.length) + random.text(HEX_DIGITS, digits.length);
}

/** Ids that a careless comparison takes for the given one, by what is different about them. */
export function nearIds(id: string): readonly (readonly [difference: string, id: string])[] {
  const digits = /[0-9a-f]*$/.exec(id)?.[0] ?? "";
  const fixed = id.slice(0, id.length - digits.length);
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

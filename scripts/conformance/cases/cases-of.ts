/**
 * All cases of an operation, made from valid arguments: given ones, the contract's own examples and defaults, or the plainest
 * values that fit.
 */
import { constraintsOf } from "../../../contract-tests/contract/constraints.js";
import { memberOf, withValueAt } from "../../../contract-tests/contract/json.js";
import type { Operation, Parameter } from "../../../contract-tests/contract/operations.js";
import { isJsonType } from "../../../contract-tests/contract/requests.js";
import { admittedForParameter, admittedValues, requiredArguments } from "../../../contract-tests/contract/values.js";
import { type SeededRandom, seededRandom } from "../../../src/testing/atlas/seeded-random.js";
import { type CheckName, HOURS, successTypes } from "../checks.js";
import type { ResourceLink } from "../created-resources.js";
import type { Untried } from "../report.js";
import type { Target } from "../target.js";
import {
  brokenBy,
  type Callable,
  type Case,
  caseOf,
  type Derived,
  isValid,
  otherId,
  validCase,
  withHours,
  withParameters,
} from "./case.js";
import { negativeCases } from "./negative.js";
import { authenticationCases, mediaTypeCases, methodCases, versionCases } from "./refused.js";

interface CaseOptions extends Pick<Target, "local" | "credentials"> {
  readonly seed: number;
  readonly casesPerKind: (check: CheckName) => number;
}

const isCase = (each: Case | Untried): each is Case => "check" in each;

/** The cases of an operation, in the order in which they are sent; the same contract, values and seed give the same ones. */
export function casesOf(
  { seed, local, casesPerKind, credentials }: CaseOptions,
  callable: Callable,
): { readonly cases: readonly Case[]; readonly untried: readonly Untried[] } {
  const random = (purpose: string) => seededRandom(seed, `${callable.operation.operationId} ${purpose}`);
  const valid = [...positiveCases(callable)];
  const invalid = [...negativeCases(callable, random("negative"))];
  const unknown = [...unknownIdCases(callable, random("unknown ids"))];
  const others = { valid: [...valid.slice(1), ...unknown].filter(isCase), invalid: invalid.filter(isCase) };
  const all = [
    ...valid,
    ...authenticationCases(callable, others, credentials, random("authentication")),
    ...invalid,
    ...versionCases(callable, random("versions")),
    ...mediaTypeCases(callable),
    ...methodCases(callable),
    ...boundaryCases(callable),
    ...unknown,
    // Only what is on this machine may be a mock that obeys.
    ...(local ? preferredCases(callable) : []),
  ];
  const cases = all.filter(isCase).filter(({ check, kind }, index, every) => {
    const alike = every.slice(0, index).filter((each) => each.check === check && each.kind === kind);
    return alike.length < casesPerKind(check);
  });
  return { cases, untried: all.filter((each) => "reason" in each) };
}

/** Finds values for what an operation requires; or returns why it cannot be called. */
export function callableOf(
  operation: Operation,
  { ids, local }: Pick<Target, "ids" | "local">,
  links: readonly ResourceLink[],
): Callable | string {
  const own = links.filter(({ user }) => user === operation);
  const created = new Map(own.map(({ parameter, creator }) => [parameter, creator]));
  const { args, missing } = requiredArguments(operation);
  const given = Object.fromEntries(Object.entries(ids).filter(([, id]) => id !== undefined));
  const parameters = { ...args.parameters, ...given };
  const unknown = missing.filter((name) => (name === "body" ? operation.body?.required : !(name in parameters)));
  // The example stands in until the real one is created; no request goes out with it if it could be somebody else's.
  const examples = operation.parameters.filter(({ name, in: where }) => where === "path" && !(name in given));
  const foreign = local ? [] : examples.map(({ name }) => name).filter((name) => !created.has(name));
  const names = new Set([...unknown, ...foreign]);
  if (names.size > 0) return `no valid value is known for ${[...names].join(", ")}`;
  const accept = successTypes(operation)[0]?.name;
  const contentType = operation.body?.mediaTypes[0]?.name;
  const callable = { operation, parameters, body: args.body, accept, contentType, created };
  const broken = brokenBy(callable);
  return broken.length === 0 ? callable : `the values break the contract: ${broken.join(", ")}`;
}

/**
 * With it Atlas responds with 200 and puts the documented response inside.
 * @see https://www.mongodb.com/docs/atlas/api/api-response-object/
 */
const WRAPS_THE_RESPONSE = "envelope=true";

/** A valid request, once with each documented version, body type and value of an optional parameter. */
function* positiveCases(callable: Callable): Derived {
  const { operation } = callable;
  yield validCase(callable, "valid data");
  for (const accept of new Set(successTypes(operation).map(({ name }) => name))) {
    if (accept !== callable.accept) yield validCase(callable, `Accept: ${accept}`, { accept });
  }
  for (const { name, schema, at } of operation.body?.mediaTypes ?? []) {
    const title = `Content-Type: ${name}`;
    if (name === callable.contentType) continue;
    const found = validCase(callable, title, { contentType: name });
    // Versions of a body may differ.
    const [body] = isValid(found) ? [found.body] : admittedValues(schema, at, "request");
    if (isJsonType(name) && body !== undefined) yield { ...found, body };
    else yield { what: title, reason: "bodies of this type are not made up" };
  }
  for (const parameter of operation.parameters) if (!parameter.required) yield* optionalParameter(callable, parameter);
}

/** The values of an optional parameter that are worth trying: each one of a boolean or a list, else the likeliest. */
function* optionalParameter(callable: Callable, parameter: Parameter): Derived {
  const { name, schema } = parameter;
  const values = admittedForParameter(parameter);
  const isListed = schema?.get("type")?.text === "boolean" || schema?.has("enum") === true;
  const cases = (isListed ? values : values.slice(0, 1))
    .map((value) => validCase(withParameters(callable, { [name]: value }), `${name}=${String(value)}`))
    .filter(isValid);
  if (cases.length === 0) yield { what: name, reason: "no valid value is known for it" };
  const reason = "it wraps the response, and the contract describes no wrapped one";
  for (const each of cases) yield each.title === WRAPS_THE_RESPONSE ? { what: each.title, reason } : each;
}

const LARGEST_INT32 = 2 ** 31 - 1;

/** Thirty days, and the year that Atlas allows: who takes days for hours, or has a silent bound, shows it. */
const MORE_HOURS = [720, 8760];

/** Valid requests that a server may refuse; what it says to them has to be as documented. */
function* boundaryCases(callable: Callable): Derived {
  const { operation, body } = callable;
  for (const { keyword, at, valueAt } of constraintsOf(operation.body?.mediaTypes[0]?.schema, "request")) {
    if (keyword !== "format" || at.value !== "int32") continue;
    const largest = { ...callable, body: withValueAt(body, valueAt, LARGEST_INT32) };
    if (isValid(largest)) yield documentedCase(largest, `body ${valueAt.join(".")} as large as can be`);
  }
  const hours = memberOf(body, HOURS);
  if (typeof hours !== "number") return;
  // The next ones first, which are most likely within a server's own bounds.
  for (const asked of [hours + 1, ...MORE_HOURS.filter((more) => more !== hours)]) {
    yield caseOf(withHours(callable, asked), "secret_expiry", `${asked} hours`, undefined);
  }
}

/** One to which any documented response will do. */
function documentedCase(callable: Callable, title: string, differing: Partial<Case> = {}): Case {
  return caseOf(callable, "status_code_conformance", title, undefined, differing);
}

/** A valid request in which one id is another one of the same form; `undefined` if no other valid one is known. */
export function unknownIdCase(callable: Callable, parameter: string, random: SeededRandom): Case | undefined {
  const other = withParameters(callable, { [parameter]: otherId(String(callable.parameters[parameter]), random) });
  return isValid(other) ? documentedCase(other, `a ${parameter} that nobody created`) : undefined;
}

export function* unknownIdCases(callable: Callable, random: SeededRandom): Derived {
  const reason = "no other valid value is known";
  for (const { name } of callable.operation.parameters.filter(({ in: where }) => where === "path")) {
    yield unknownIdCase(callable, name, random) ?? { what: `unknown ${name}`, reason };
  }
}

/** Every documented error, by the header that Prism and mocks like it obey. */
function* preferredCases(callable: Callable): Derived {
  for (const prefer of callable.operation.responses.map(({ status }) => Number(status))) {
    if (prefer >= 300) yield documentedCase(callable, `Prefer: code=${prefer}`, { prefer });
  }
}

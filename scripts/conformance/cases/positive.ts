/**
 * positive_data_acceptance: what the contract admits has to be carried out.
 */
import type { Operation, Parameter } from "../contract/operations.js";
import { violationsOf } from "../prism/requests.js";
import { type Callable, type Case, caseOf, type Derived, type Expectation, type Untried } from "./case.js";
import { valuesOf } from "./valid-arguments.js";
import { written } from "./wire.js";

/**
 * A value that turns the answer into another one than the contract documents: with `envelope=true` Atlas answers 200 and
 * puts the documented answer inside.
 *
 * @see https://www.mongodb.com/docs/atlas/api/api-response-object/
 */
const WRAPS_THE_ANSWER = { parameter: "envelope", value: true } as const;

/** A valid request, once with each documented version, body type and value of an optional parameter. */
export function positiveCases(callable: Callable): Derived {
  const { operation } = callable;
  const check = "positive_data_acceptance";
  const expected = successOf(callable);
  const cases: Case[] = [caseOf(callable, { check, title: "valid data", expected })];
  const untried: Untried[] = [];
  const success = operation.responses.filter(({ status }) => status.startsWith("2"));
  const versions = new Set(success.flatMap(({ mediaTypes }) => mediaTypes.map(({ name }) => name)));
  for (const accept of versions) {
    if (accept !== callable.accept)
      cases.push(caseOf(callable, { check, title: `Accept: ${accept}`, accept, expected }));
  }
  for (const { name } of operation.body?.mediaTypes ?? []) {
    const title = `Content-Type: ${name}`;
    if (name === callable.contentType) continue;
    if (/[/+]json\b/.test(name)) cases.push(caseOf(callable, { check, title, contentType: name, expected }));
    else untried.push({ operation, what: title, reason: "bodies of this type are not made up" });
  }
  for (const parameter of operation.parameters.filter(({ required }) => !required)) {
    const derived = optionalParameter(callable, parameter, expected);
    cases.push(...derived.cases);
    untried.push(...derived.untried);
  }
  return { cases, untried };
}

function optionalParameter(callable: Callable, parameter: Parameter, expected: Expectation): Derived {
  const { operation } = callable;
  const cases: Case[] = [];
  const untried: Untried[] = [];
  for (const value of valuesToTry(parameter)) {
    const title = `${parameter.name}=${String(value)}`;
    if (parameter.name === WRAPS_THE_ANSWER.parameter && value === WRAPS_THE_ANSWER.value) {
      untried.push({
        operation,
        what: title,
        reason: "it wraps the answer, and the contract describes no wrapped one",
      });
      continue;
    }
    const args = { ...callable.args, parameters: { ...callable.args.parameters, [parameter.name]: value } };
    const draft = written(operation, args, callable.contentType);
    if (draft === undefined || violationsOf(operation, draft).length > 0) continue;
    cases.push(caseOf(callable, { check: "positive_data_acceptance", title, args, expected }));
  }
  if (cases.length > 0) return { cases, untried };
  return {
    cases,
    untried: [...untried, { operation, what: parameter.name, reason: "no valid value is known for it" }],
  };
}

function valuesToTry(parameter: Parameter): unknown[] {
  const values = valuesOf(parameter.schema, parameter.at);
  const all = parameter.schema?.get("type")?.text === "boolean" || parameter.schema?.get("enum") !== undefined;
  return all ? [...new Set(values)] : values.slice(0, 1);
}

/** The documented success, whatever its exact status: that is for status_code_conformance to judge. */
export function successOf({ operation }: Pick<Callable, "operation">): Expectation {
  const documented = operation.responses.filter(({ status }) => status.startsWith("2"));
  return {
    accepts: (status) => status >= 200 && status < 300,
    words: documented.map(({ status }) => status).join(" or ") || "any 2xx",
    undocumented: () => false,
    hint: (status) => hintFor(operation, status),
    contract: documented.map(({ status, at }) => ({ says: `answers a valid request with ${status}`, at })),
  };
}

/** Reasons for refusing a valid request that lie with whoever runs the check. */
function hintFor({ method, at }: Operation, status: number): string | undefined {
  const roles = (at.get("x-required-roles")?.entries() ?? []).map(([, role]) => role.text ?? "");
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

/**
 * negative_data_rejection: each constraint of the contract broken, one at a time, in the path, the query, the headers
 * and the body.
 */
import { breakingValues } from "../../../contract-tests/contract/breaking.js";
import { type Constraint, constraintsOf, nameOf } from "../../../contract-tests/contract/constraints.js";
import type { Place } from "../../../contract-tests/contract/document.js";
import type { Operation, Parameter } from "../../../contract-tests/contract/operations.js";
import { type Arguments, survivesAsText } from "../../../contract-tests/contract/requests.js";
import { admittedForParameter } from "../../../contract-tests/contract/values.js";
import type { Random } from "../random.js";
import { type Callable, type Case, caseOf, type Derived, type Expectation, together, writeCase } from "./case.js";

const CHECK = "negative_data_rejection";

/** Every way known here to break each constraint. */
export function negativeCases(callable: Callable, random: Random): Derived {
  return together([
    ...callable.operation.parameters.map((parameter) => breakingParameter(callable, parameter, random)),
    breakingBody(callable, random),
  ]);
}

/** 400 if the operation documents it, else any refusal. */
function refusal(operation: Operation, says: string, at: Place): Expectation {
  const documented = operation.responses.find(({ status }) => status === "400");
  const broken = { says, at };
  if (documented === undefined) {
    const accepts = (status: number): boolean => status >= 400 && status < 500;
    return { accepts, words: "any 4xx", undocumented: accepts, contract: [broken] };
  }
  const response = { says: "documents 400 for a request that breaks the schema", at: documented.at };
  return { accepts: (status) => status === 400, words: "400", undocumented: () => false, contract: [broken, response] };
}

function breakingParameter(callable: Callable, parameter: Parameter, random: Random): Derived {
  const { operation, parameters } = callable;
  const { name, schema, at } = parameter;
  const [fallback] = admittedForParameter(parameter);
  const valid = parameters[name] ?? fallback;
  const expressible = (value: unknown): boolean => survivesAsText(parameter, value);
  const derived = constraintsOf(schema, "request").map((constraint) =>
    breaking(callable, constraint, `${name} ${nameOf(constraint)}`, () =>
      schema === undefined
        ? []
        : breakingValues(schema, constraint, valid, "request", { expressible, random }).map((value) => ({
            shown: String(value),
            args: { parameters: { ...parameters, [name]: value }, body: callable.body },
          })),
    ),
  );
  if (parameter.required && (parameter.in === "query" || parameter.in === "header")) {
    const others = Object.fromEntries(Object.entries(parameters).filter(([other]) => other !== name));
    const expected = refusal(operation, `requires ${name}`, at.get("required") ?? at);
    const without = caseOf(callable, { check: CHECK, title: `without ${name}`, parameters: others, expected });
    derived.push({ cases: [without], untried: [] });
  }
  return together(derived);
}

function breakingBody(callable: Callable, random: Random): Derived {
  const { operation, parameters, body: valid, contentType } = callable;
  const { body } = operation;
  const [media] = body?.mediaTypes ?? [];
  if (body === undefined || media === undefined) return { cases: [], untried: [] };
  const { schema } = media;
  const derived = constraintsOf(schema, "request").map((constraint) =>
    breaking(callable, constraint, `body ${nameOf(constraint)}`, () =>
      schema === undefined
        ? []
        : breakingValues(schema, constraint, valid, "request", { random }).map((value) => ({
            shown: JSON.stringify(value),
            args: { parameters, body: value },
          })),
    ),
  );
  const cases: Case[] = [];
  if (valid !== undefined && /[/+]json\b/.test(contentType ?? "")) {
    const expected = refusal(operation, `takes a body of ${media.name}`, media.at);
    const cutOff = { title: "body cut off", rawBody: JSON.stringify(valid).slice(0, -1) };
    const notJson = { title: "body that is not JSON", rawBody: random.text("abcdefghij", 8) };
    cases.push(...[cutOff, notJson].map((raw) => caseOf(callable, { check: CHECK, expected, ...raw })));
  }
  if (body.required) {
    const expected = refusal(operation, "requires a body", body.at.get("required") ?? body.at);
    cases.push(caseOf(callable, { check: CHECK, title: "body left empty", rawBody: "", expected }));
  }
  return together([...derived, { cases, untried: [] }]);
}

/** Cases for one constraint. */
function breaking(
  callable: Callable,
  constraint: Constraint,
  name: string,
  values: () => readonly { readonly shown: string; readonly args: Arguments }[],
): Derived {
  const untried = (reason: string): Derived => ({ cases: [], untried: [{ what: name, reason }] });
  if (constraint.stricter !== undefined) {
    return untried(`left out: stricter than the documentation on purpose. ${constraint.stricter}`);
  }
  const says = `${name}: ${abridged(JSON.stringify(constraint.at.value))}`;
  const expected = refusal(callable.operation, says, constraint.at);
  const cases = values()
    .map(({ shown, args }) =>
      caseOf(callable, { check: CHECK, title: `${name}: ${abridged(shown)}`, ...args, expected }),
    )
    .filter((each) => writeCase(each) !== undefined);
  return cases.length > 0 ? { cases, untried: [] } : untried("no value that could be sent is known to break it");
}

function abridged(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

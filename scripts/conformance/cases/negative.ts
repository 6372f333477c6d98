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
import type { SeededRandom } from "../../../src/testing/atlas/seeded-random.js";
import { http } from "../checks.js";
import { type Callable, type Case, caseOf, type Derived, type Expectation, together, writeCase } from "./case.js";

const CHECK = "negative_data_rejection";

/** Every way known here to break each constraint. */
export function negativeCases(callable: Callable, random: SeededRandom): Derived {
  return together([
    ...callable.operation.parameters.map((parameter) => breakingParameter(callable, parameter, random)),
    breakingBody(callable, random),
  ]);
}

/**
 * 400 if the operation documents it, else any refusal. An id in the path that is none may be refused like one that is not
 * known, before anybody looks at its form.
 */
function refusal(operation: Operation, says: string, at: Place, inPath = false): Expectation {
  const documented = operation.responses.find(({ status }) => status === "400");
  const broken = { says, at };
  if (documented === undefined) {
    const accepts = (status: number): boolean => status >= 400 && status < 500;
    const clients = { says: "a client's mistake has a status of 4xx", at: http("15.5") };
    return { accepts, words: "any 4xx", undocumented: accepts, contract: [broken, clients] };
  }
  const response = { says: "documents 400 for a request that breaks the schema", at: documented.at };
  return {
    accepts: (status) => status === 400 || (inPath && (status === 404 || status === 403)),
    words: inPath ? "400, 404 or 403" : "400",
    undocumented: () => false,
    contract: [broken, response],
  };
}

function breakingParameter(callable: Callable, parameter: Parameter, random: SeededRandom): Derived {
  const { operation, parameters } = callable;
  const { name, schema, at } = parameter;
  const [fallback] = admittedForParameter(parameter);
  const valid = parameters[name] ?? fallback;
  const expressible = (value: unknown): boolean => survivesAsText(parameter, value);
  const derived = constraintsOf(schema, "request").map((constraint) =>
    breaking(callable, constraint, `${name} ${nameOf(constraint)}`, parameter.in === "path", () =>
      breakingValues(constraint, valid, { expressible, random }).map((value) => ({
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

function breakingBody(callable: Callable, random: SeededRandom): Derived {
  const { operation, parameters, body: valid, contentType } = callable;
  const { body } = operation;
  const [media] = body?.mediaTypes ?? [];
  if (body === undefined || media === undefined) return { cases: [], untried: [] };
  const { schema } = media;
  const derived = constraintsOf(schema, "request").map((constraint) =>
    breaking(callable, constraint, `body ${nameOf(constraint)}`, false, () =>
      breakingValues(constraint, valid, { random }).map((value) => ({
        shown: JSON.stringify(value),
        args: { parameters, body: value },
      })),
    ),
  );
  const cases: Case[] = [];
  if (valid !== undefined && /[/+]json\b/.test(contentType ?? "")) {
    const expected = refusal(operation, `takes a body of ${media.name}`, media.at);
    const grammar = { says: "describes what JSON is", at: JSON_GRAMMAR };
    const contract = [...expected.contract, grammar];
    for (const [what, rawBody] of malformed(JSON.stringify(valid), random)) {
      cases.push(
        caseOf(callable, { check: CHECK, title: `body ${what}`, rawBody, expected: { ...expected, contract } }),
      );
    }
  }
  if (body.required) {
    const expected = refusal(operation, "requires a body", body.at.get("required") ?? body.at);
    cases.push(caseOf(callable, { check: CHECK, title: "body left empty", rawBody: "", expected }));
  }
  return together([...derived, { cases, untried: [] }]);
}

const JSON_GRAMMAR = { name: "RFC 8259, section 2", url: "https://www.rfc-editor.org/rfc/rfc8259#section-2" };

/** What a lenient parser takes for JSON, and JSON's grammar does not. */
function malformed(whole: string, random: SeededRandom): readonly (readonly [what: string, text: string])[] {
  const withoutEnd = whole.slice(0, -1);
  return [
    ["cut off", withoutEnd],
    ["that is not JSON", random.text("abcdefghij", 8)],
    ["with something behind it", `${whole} ${random.text("abcdefghij", 4)}`],
    ["twice", `${whole}${whole}`],
    ["with one bracket too many", whole + whole.slice(-1)],
    ["with a comment", `${withoutEnd}/* ${random.text("abcdefghij", 4)} */${whole.slice(-1)}`],
    ["with a comment behind it", `${whole}\n// ${random.text("abcdefghij", 4)}`],
    ["with a comma before its end", `${withoutEnd},${whole.slice(-1)}`],
    ["in single quotes", whole.replaceAll('"', "'")],
    ["with names without quotes", whole.replaceAll(/"(\w+)":/g, "$1:")],
    ["with a leading zero", whole.replaceAll(/:(\d)/g, ":0$1")],
    ["with a plus sign", whole.replaceAll(/:(\d)/g, ":+$1")],
    ["with a dot behind a number", whole.replaceAll(/:(\d+)/g, ":$1.")],
    ["with a hexadecimal number", whole.replaceAll(/:(\d)/g, ":0x$1")],
    ["with TRUE in capitals", whole.replace("{", `{"${random.text("abcdefghij", 8)}":TRUE,`)],
    ["with a comment behind #", `${whole}\n# ${random.text("abcdefghij", 4)}`],
    ["with Infinity", whole.replace("{", `{"${random.text("abcdefghij", 8)}":Infinity,`)],
    ["with NaN", whole.replace("{", `{"${random.text("abcdefghij", 8)}":NaN,`)],
  ].flatMap(([what = "", text = ""]) => (isJson(text) ? [] : [[what, text] as const]));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Cases for one constraint. */
function breaking(
  callable: Callable,
  constraint: Constraint,
  name: string,
  inPath: boolean,
  values: () => readonly { readonly shown: string; readonly args: Arguments }[],
): Derived {
  const untried = (reason: string): Derived => ({ cases: [], untried: [{ what: name, reason }] });
  if (constraint.stricter !== undefined) {
    return untried(`left out: stricter than the documentation on purpose. ${constraint.stricter}`);
  }
  const says = `${name}: ${abridged(JSON.stringify(constraint.at.value))}`;
  const expected = refusal(callable.operation, says, constraint.at, inPath);
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

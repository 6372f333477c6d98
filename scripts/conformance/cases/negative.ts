/**
 * negative_data_rejection: each constraint of the contract broken, one at a time, in the path, the query, the headers
 * and the body.
 */
import { breakingValues, constraintsOf, nameOf } from "../../../contract-tests/contract/constraints.js";
import type { Place } from "../../../contract-tests/contract/document.js";
import { parsedJson } from "../../../contract-tests/contract/json.js";
import type { Operation, Parameter } from "../../../contract-tests/contract/operations.js";
import { isJsonType, survivesAsText, writeRequest } from "../../../contract-tests/contract/requests.js";
import { admittedForParameter } from "../../../contract-tests/contract/values.js";
import type { SeededRandom } from "../../../src/testing/atlas/seeded-random.js";
import { A_CLIENTS_MISTAKE, documentedAs, inContract, inRfc } from "../checks.js";
import { ANY_REFUSAL, type Callable, caseOf, type Derived, type Expectation, oneOf, withParameters } from "./case.js";

const CHECK = "negative_data_rejection";

export function* negativeCases(callable: Callable, random: SeededRandom): Derived {
  const { operation } = callable;
  for (const parameter of operation.parameters) {
    const { name, at, required, in: where } = parameter;
    yield* breaking(callable, random, parameter);
    if (required && (where === "query" || where === "header")) {
      const expected = refusal(operation, `requires ${name}`, at.get("required") ?? at);
      yield caseOf(withParameters(callable, { [name]: undefined }), CHECK, `without ${name}`, expected);
    }
  }
  const { body } = operation;
  const [media] = body?.mediaTypes ?? [];
  if (body === undefined || media === undefined) return;
  yield* breaking(callable, random, undefined);
  if (callable.body !== undefined && isJsonType(callable.contentType)) {
    const { basis = [], ...right } = refusal(operation, `takes a body of ${media.name}`, media.at);
    const expected = { ...right, basis: [...basis, inRfc(8259, "2", "describes what JSON is")] };
    for (const [what, rawBody] of malformed(JSON.stringify(callable.body), random)) {
      yield caseOf(callable, CHECK, `body ${what}`, expected, { kind: "body that is no JSON", rawBody });
    }
  }
  if (body.required) {
    const expected = refusal(operation, "requires a body", body.at.get("required") ?? body.at);
    yield caseOf(callable, CHECK, "body left empty", expected, { rawBody: "" });
  }
}

function* breaking(callable: Callable, random: SeededRandom, parameter: Parameter | undefined): Derived {
  const { operation } = callable;
  const name = parameter?.name ?? "body";
  const expressible = (value: unknown): boolean => parameter === undefined || survivesAsText(parameter, value);
  for (const constraint of constraintsOf(schemaOf(operation, parameter), "request")) {
    const kind = `${name} ${nameOf(constraint)}`;
    if (constraint.stricter !== undefined) {
      yield { what: kind, reason: `left out: stricter than the documentation on purpose. ${constraint.stricter}` };
      continue;
    }
    const says = `${kind}: ${abridged(JSON.stringify(constraint.at.value))}`;
    const expected = refusal(operation, says, constraint.at, parameter?.in === "path");
    const valid = parameter ? (callable.parameters[name] ?? admittedForParameter(parameter)[0]) : callable.body;
    const cases = breakingValues(constraint, valid, expressible, random)
      .map((broken) => {
        const title = `${kind}: ${abridged(parameter ? String(broken) : JSON.stringify(broken))}`;
        const other = parameter ? withParameters(callable, { [name]: broken }) : { ...callable, body: broken };
        return caseOf(other, CHECK, title, expected, { kind });
      })
      .filter(({ parameters }) => writeRequest(operation, { parameters }) !== undefined);
    yield* cases;
    if (cases.length === 0) yield { what: kind, reason: "no value that could be sent is known to break it" };
  }
}

/** Only of what is looked into: a `content` describes a text that holds the value, and in a form every value is a text. */
function schemaOf({ body }: Operation, parameter: Parameter | undefined): Place | undefined {
  if (parameter !== undefined) return parameter.at.has("content") ? undefined : parameter.schema;
  const [media] = body?.mediaTypes ?? [];
  return isJsonType(media?.name) ? media?.schema : undefined;
}

function abridged(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/**
 * 400 if the operation documents it, else any refusal. An id in the path that is none may be refused like one that is not
 * known, before anybody looks at its form.
 */
function refusal(operation: Operation, says: string, at: Place, inPath = false): Expectation {
  const broken = inContract(says, at);
  const [documented] = documentedAs(operation, 400);
  if (documented === undefined) {
    return { ...ANY_REFUSAL, undocumented: ANY_REFUSAL.accepts, basis: [broken, A_CLIENTS_MISTAKE] };
  }
  const response = { ...documented, says: "documents 400 for a request that breaks the schema" };
  return { ...(inPath ? oneOf(400, 404, 403) : oneOf(400)), basis: [broken, response] };
}

/** What a lenient parser takes for JSON, and JSON's grammar does not. */
function malformed(whole: string, random: SeededRandom): readonly (readonly [what: string, text: string])[] {
  const withoutEnd = whole.slice(0, -1);
  const word = (length: number): string => random.text("abcdefghij", length);
  const variants: readonly (readonly [what: string, text: string])[] = [
    ["cut off", withoutEnd],
    ["that is not JSON", word(8)],
    ["with something behind it", `${whole} ${word(4)}`],
    ["twice", `${whole}${whole}`],
    ["with one bracket too many", whole + whole.slice(-1)],
    ["with a comment", `${withoutEnd}/* ${word(4)} */${whole.slice(-1)}`],
    ["with a comment behind it", `${whole}\n// ${word(4)}`],
    ["with a comma before its end", `${withoutEnd},${whole.slice(-1)}`],
    ["in single quotes", whole.replaceAll('"', "'")],
    ["with names without quotes", whole.replaceAll(/"(\w+)":/g, "$1:")],
    ["with a leading zero", whole.replaceAll(/:(\d)/g, ":0$1")],
    ["with a plus sign", whole.replaceAll(/:(\d)/g, ":+$1")],
    ["with a dot behind a number", whole.replaceAll(/:(\d+)/g, ":$1.")],
    ["with a hexadecimal number", whole.replaceAll(/:(\d)/g, ":0x$1")],
    ["with TRUE in capitals", whole.replace("{", `{"${word(8)}":TRUE,`)],
    ["with a comment behind #", `${whole}\n# ${word(4)}`],
    ["with Infinity", whole.replace("{", `{"${word(8)}":Infinity,`)],
    ["with NaN", whole.replace("{", `{"${word(8)}":NaN,`)],
  ];
  return variants.filter(([, text]) => parsedJson(text) === undefined);
}

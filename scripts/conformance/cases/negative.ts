/**
 * negative_data_rejection: each constraint of the contract broken, one at a time, in the path, the query, the headers
 * and the body.
 */
import { breakingValues } from "../../../contract-tests/contract/breaking.js";
import { constraintsOf, nameOf } from "../../../contract-tests/contract/constraints.js";
import type { Place } from "../../../contract-tests/contract/document.js";
import type { Operation } from "../../../contract-tests/contract/operations.js";
import { isJsonType, survivesAsText, writeRequest } from "../../../contract-tests/contract/requests.js";
import { admittedForParameter } from "../../../contract-tests/contract/values.js";
import type { SeededRandom } from "../../../src/testing/atlas/seeded-random.js";
import { documentedAs, http } from "../checks.js";
import { type Callable, caseOf, type Derived, type Expectation, isRefusal, withParameters } from "./case.js";

const CHECK = "negative_data_rejection";

/** Every way known here to break each constraint. */
export function* negativeCases(callable: Callable, random: SeededRandom): Derived {
  const { operation, parameters } = callable;
  for (const parameter of operation.parameters) {
    const { name, schema, at, required, in: where } = parameter;
    yield* breaking(callable, random, {
      name,
      // What a `content` describes is a text that holds the value.
      schema: at.has("content") ? undefined : schema,
      valid: parameters[name] ?? admittedForParameter(parameter)[0],
      inPath: where === "path",
      expressible: (value) => survivesAsText(parameter, value),
      exchangedFor: (value) => withParameters(callable, { [name]: value }),
      shown: String,
    });
    if (required && (where === "query" || where === "header")) {
      const without = withParameters(callable, { [name]: undefined });
      const expected = refusal(operation, `requires ${name}`, at.get("required") ?? at);
      yield caseOf(without, { check: CHECK, title: `without ${name}`, expected });
    }
  }
  yield* breakingBody(callable, random);
}

/**
 * 400 if the operation documents it, else any refusal. An id in the path that is none may be refused like one that is not
 * known, before anybody looks at its form.
 */
function refusal(operation: Operation, says: string, at: Place, inPath = false): Expectation {
  const broken = { says, at };
  const [documented] = documentedAs(operation, 400);
  if (documented === undefined) {
    const clients = { says: "a client's mistake has a status of 4xx", at: http("15.5") };
    return { accepts: isRefusal, words: "any 4xx", undocumented: isRefusal, contract: [broken, clients] };
  }
  const response = { ...documented, says: "documents 400 for a request that breaks the schema" };
  return {
    accepts: (status) => status === 400 || (inPath && (status === 404 || status === 403)),
    words: inPath ? "400, 404 or 403" : "400",
    contract: [broken, response],
  };
}

function* breakingBody(callable: Callable, random: SeededRandom): Derived {
  const { operation, body: valid, contentType } = callable;
  const { body } = operation;
  const [media] = body?.mediaTypes ?? [];
  if (body === undefined || media === undefined) return;
  yield* breaking(callable, random, {
    name: "body",
    // Text and bytes are not looked into, and in a form every value is a text.
    schema: isJsonType(media.name) ? media.schema : undefined,
    valid,
    exchangedFor: (value) => ({ ...callable, body: value }),
    shown: JSON.stringify,
  });
  if (valid !== undefined && isJsonType(contentType)) {
    const { contract, ...expected } = refusal(operation, `takes a body of ${media.name}`, media.at);
    const grammar = { says: "describes what JSON is", at: JSON_GRAMMAR };
    for (const [what, rawBody] of malformed(JSON.stringify(valid), random)) {
      yield caseOf(callable, {
        check: CHECK,
        title: `body ${what}`,
        kind: "body that is no JSON",
        rawBody,
        expected: { ...expected, contract: [...contract, grammar] },
      });
    }
  }
  if (body.required) {
    const expected = refusal(operation, "requires a body", body.at.get("required") ?? body.at);
    yield caseOf(callable, { check: CHECK, title: "body left empty", rawBody: "", expected });
  }
}

const JSON_GRAMMAR = { name: "RFC 8259, section 2", url: "https://www.rfc-editor.org/rfc/rfc8259#section-2" };

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
  return variants.filter(([, text]) => !isJson(text));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A value in a request, and how it is exchanged for another one. */
interface Exchangeable {
  readonly name: string;
  readonly schema: Place | undefined;
  readonly valid: unknown;
  readonly inPath?: boolean;
  readonly expressible?: (value: unknown) => boolean;
  exchangedFor(value: unknown): Callable;
  shown(value: unknown): string;
}

/** Cases for each constraint on one value. */
function* breaking(callable: Callable, random: SeededRandom, value: Exchangeable): Derived {
  const { schema, valid, inPath = false, expressible = () => true, exchangedFor, shown } = value;
  for (const constraint of constraintsOf(schema, "request")) {
    const kind = `${value.name} ${nameOf(constraint)}`;
    if (constraint.stricter !== undefined) {
      const reason = `left out: stricter than the documentation on purpose. ${constraint.stricter}`;
      yield { what: kind, reason };
      continue;
    }
    const says = `${kind}: ${abridged(JSON.stringify(constraint.at.value))}`;
    const expected = refusal(callable.operation, says, constraint.at, inPath);
    const cases = breakingValues(constraint, valid, { expressible, random })
      .map((broken) => {
        const title = `${kind}: ${abridged(shown(broken))}`;
        return caseOf(exchangedFor(broken), { check: CHECK, title, kind, expected });
      })
      .filter(({ operation, parameters }) => writeRequest(operation, { parameters }) !== undefined);
    yield* cases;
    if (cases.length === 0) yield { what: kind, reason: "no value that could be sent is known to break it" };
  }
}

function abridged(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

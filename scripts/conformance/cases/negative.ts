/**
 * negative_data_rejection: each constraint of the contract broken, one at a time, in the path, the query, the headers
 * and the body.
 */
import { type Constraint, constraintsOf, nameOf } from "../contract/constraints.js";
import type { Located } from "../contract/document.js";
import type { Operation, Parameter } from "../contract/operations.js";
import { violationsOf } from "../prism/requests.js";
import type { Random } from "../random.js";
import { brokenValues } from "./breaking.js";
import { type Callable, type Case, caseOf, type Derived, type Expectation } from "./case.js";
import { valuesOf } from "./valid-arguments.js";
import { type Arguments, survivesAsText, written } from "./wire.js";

const CHECK = "negative_data_rejection";

/** Every way known here to break each constraint. */
export function negativeCases(callable: Callable, random: Random): Derived {
  const derived = [
    ...callable.operation.parameters.map((parameter) => breakingParameter(callable, parameter, random)),
    breakingBody(callable, random),
  ];
  return { cases: derived.flatMap(({ cases }) => cases), untried: derived.flatMap(({ untried }) => untried) };
}

/** 400 where the operation documents it, else any refusal. */
function refusal(operation: Operation, says: string, at: Located): Expectation {
  const documented = operation.responses.find(({ status }) => status === "400");
  const broken = { says, at };
  if (documented === undefined) {
    const accepts = (status: number): boolean => status >= 400 && status < 500;
    return { accepts, words: "any 4xx", undocumented: accepts, contract: [broken] };
  }
  const answer = { says: "answers a request that breaks the schema with 400", at: documented.at };
  return { accepts: (status) => status === 400, words: "400", undocumented: () => false, contract: [broken, answer] };
}

function breakingParameter(callable: Callable, parameter: Parameter, random: Random): Derived {
  const { args } = callable;
  const { name } = parameter;
  const [fallback] = valuesOf(parameter.schema, parameter.at);
  const valid = args.parameters[name] ?? fallback;
  const place = [parameter.in, name.toLowerCase()];
  const derived: Derived[] = constraintsOf(parameter.schema).map((constraint) =>
    attempt(callable, constraint, `${name} ${nameOf(constraint)}`, place, () =>
      brokenValues(constraint, valueAt(valid, constraint.instance), random)
        .map((value) => withValueAt(valid, constraint.instance, value))
        .filter((value) => survivesAsText(parameter, value))
        .map((value) => ({ ...args, parameters: { ...args.parameters, [name]: value } })),
    ),
  );
  const canBeLeftOut = parameter.required && (parameter.in === "query" || parameter.in === "header");
  if (canBeLeftOut) derived.push(leavingOut(callable, parameter));
  return { cases: derived.flatMap(({ cases }) => cases), untried: derived.flatMap(({ untried }) => untried) };
}

function leavingOut(callable: Callable, { name, at }: Parameter): Derived {
  const { operation, args } = callable;
  const others = Object.entries(args.parameters).filter(([other]) => other !== name);
  const expected = refusal(operation, `requires ${name}`, at.get("required") ?? at);
  const changed = { ...args, parameters: Object.fromEntries(others) };
  return {
    cases: [caseOf(callable, { check: CHECK, title: `without ${name}`, args: changed, expected })],
    untried: [],
  };
}

function breakingBody(callable: Callable, random: Random): Derived {
  const { operation, args, contentType } = callable;
  const { body } = operation;
  const media = body?.mediaTypes[0];
  if (body === undefined || media === undefined) return { cases: [], untried: [] };
  const derived = constraintsOf(media.schema).map((constraint) =>
    attempt(callable, constraint, `body ${nameOf(constraint)}`, ["body", ...constraint.instance], () =>
      brokenValues(constraint, valueAt(args.body, constraint.instance), random).map((value) => ({
        ...args,
        body: withValueAt(args.body, constraint.instance, value),
      })),
    ),
  );
  const cases = derived.flatMap((each) => each.cases);
  if (args.body !== undefined && /[/+]json\b/.test(contentType ?? "")) {
    const expected = refusal(operation, `takes a body of ${media.name}`, media.at);
    const whole = JSON.stringify(args.body);
    for (const [title, rawBody] of [
      ["body cut off", whole.slice(0, -1)],
      ["body that is not JSON", random.text("abcdefghij", 8)],
    ] as const) {
      cases.push(caseOf(callable, { check: CHECK, title, rawBody, expected }));
    }
  }
  if (body.required) {
    const expected = refusal(operation, "requires a body", body.at.get("required") ?? body.at);
    cases.push(caseOf(callable, { check: CHECK, title: "body left empty", rawBody: "", expected }));
  }
  return { cases, untried: derived.flatMap((each) => each.untried) };
}

/** Cases for one constraint: of the candidates, those which break it where it stands and nothing anywhere else. */
function attempt(
  callable: Callable,
  constraint: Constraint,
  name: string,
  place: readonly string[],
  candidates: () => readonly Arguments[],
): Derived {
  const { operation, contentType } = callable;
  const untried = (reason: string): Derived => ({ cases: [], untried: [{ operation, what: name, reason }] });
  if (constraint.stricter !== undefined) {
    return untried(`left out: stricter than the documentation on purpose. ${constraint.stricter}`);
  }
  const expected = refusal(operation, `${name}: ${shown(constraint.at)}`, constraint.at);
  const cases = new Map<string, Case>();
  for (const args of candidates()) {
    const draft = written(operation, args, contentType);
    if (draft === undefined || !breaksOnly(operation, draft, constraint, place)) continue;
    const sent = draft.body ?? decodeURIComponent(draft.target);
    cases.set(
      `${draft.target} ${draft.body ?? ""}`,
      caseOf(callable, { check: CHECK, title: titleOf(name, args, place, sent), args, expected }),
    );
  }
  return cases.size > 0
    ? { cases: [...cases.values()], untried: [] }
    : untried("no value that could be sent is known to break it");
}

function breaksOnly(
  operation: Operation,
  draft: NonNullable<ReturnType<typeof written>>,
  { keyword }: Constraint,
  place: readonly string[],
): boolean {
  const violations = violationsOf(operation, draft);
  const here = violations.every(({ path }) => path.join("/").startsWith(place.join("/")));
  return here && violations.some((violation) => meansTheSame(violation.keyword, keyword));
}

/** Prism's validator speaks JSON Schema draft 7, in which bounds stand for OpenAPI's integer formats. */
function meansTheSame(reported: string, keyword: string): boolean {
  const synonyms: Readonly<Record<string, readonly string[]>> = {
    format: ["maximum", "minimum"],
    minimum: ["exclusiveMinimum"],
    maximum: ["exclusiveMaximum"],
    // A body of `null` is none to Prism.
    type: ["required"],
  };
  return reported === keyword || (synonyms[keyword] ?? []).includes(reported);
}

function titleOf(name: string, args: Arguments, [root = "", parameter = ""]: readonly string[], sent: string): string {
  if (root === "body") return `${name}: ${abridged(sent)}`;
  const entry = Object.entries(args.parameters).find(([key]) => key.toLowerCase() === parameter);
  return `${name}: ${abridged(String(entry?.[1]))}`;
}

function shown(at: Located): string {
  return abridged(JSON.stringify(at.value) ?? "");
}

function abridged(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function valueAt(value: unknown, keys: readonly string[]): unknown {
  let found = value;
  for (const key of keys) found = typeof found === "object" && found !== null ? Reflect.get(found, key) : undefined;
  return found;
}

function withValueAt(value: unknown, keys: readonly string[], replacement: unknown): unknown {
  const [key, ...others] = keys;
  if (key === undefined) return replacement;
  const inner = withValueAt(valueAt(value, [key]), others, replacement);
  if (Array.isArray(value) || (value === undefined && key === "0")) return [inner];
  return { ...(typeof value === "object" ? value : {}), [key]: inner };
}

/**
 * Secrets in responses. The response to a creation has the value, once and nowhere but in its own property, and says when it
 * expires; no other response ever has it.
 */
import type { Place } from "../../../contract-tests/contract/document.js";
import { type JsonObject, memberOf, objectOf, parsedJson } from "../../../contract-tests/contract/json.js";
import type { DocumentedResponse } from "../../../contract-tests/contract/operations.js";
import { createRedactor, type Redactor } from "../../../src/safe/redaction.js";
import type { Case } from "../cases/case.js";
import { type Finding, HOURS, inContract, secretProperty } from "../checks.js";
import type { HttpResponse } from "../http/exchange.js";

/** Shorter values would turn up by chance. */
const SHORTEST = 8;
/** No header could carry longer ones, and looking for them in every response takes minutes. */
const LONGEST = 8192;
const MASK = /\.\.\.|…|\*\*\*|•••/;
const HOUR_MS = 3_600_000;
/** A server may round to whole minutes. */
const TOLERANCE_MS = HOUR_MS / 2;
/** How wrong a server's clock may be. */
const MOST_WRONG_MS = 48 * HOUR_MS;
/** What begins every value, by which it is recognized: `mdb_sa_sk_`. */
const BEGINNING = 10;

/** Remembers secrets, recognizes them, and judges the responses that have them. */
export class Secrets {
  /** Each value with the place that describes it. */
  readonly #values = new Map<string, Place>();
  /** Knows the values, plain and encoded. */
  readonly #known = createRedactor((text) => text);

  constructor(private readonly mask: Redactor) {}

  /**
   * @param how - `stateful`: whether the server keeps state; a recorded response has the same value and the same dates every
   * time. `isMeant`: whether it is the response that the contract describes for this request.
   */
  *inspect(
    each: Case,
    documented: DocumentedResponse | undefined,
    response: HttpResponse,
    { stateful, isMeant }: { readonly stateful: boolean; readonly isMeant: boolean },
  ): Iterable<Finding> {
    const described = documented?.mediaTypes.flatMap(({ schema }) => schema?.get("properties", "secret") ?? []) ?? [];
    const [property] = described;
    if (property === undefined) return yield* this.#leaks(response);
    const members = objectOf(parsedJson(response.text));
    const problems = this.#problemsOf(members, response, property, stateful);
    if (!isMeant) return;
    yield "secret_value";
    for (const problem of problems) yield { check: "secret_value", problem };
    if (!stateful) return;
    yield "secret_expiry";
    yield* dateFaults(each, members);
  }

  *#leaks({ text, headers }: HttpResponse): Iterable<Finding> {
    const [at] = this.#values.values();
    if (at === undefined || !this.#holdsValue([text, ...Object.values(headers)].join("\n"))) return;
    const problem = "the response holds a secret that only the response to its creation may hold";
    yield { check: "response_schema_conformance", problem, basis: [inContract("describes the secret", at)] };
  }

  /** Takes up the value of a new secret; returns what is wrong with it. */
  #problemsOf(members: JsonObject, { headers }: HttpResponse, property: Place, stateful: boolean): string[] {
    const { secret: value, maskedSecretValue, id } = members;
    if (typeof value !== "string" || value.trim() === "") {
      return ["the response to the creation has no value in `secret`"];
    }
    // Recorded responses have the secret masked, and the same every time.
    if (MASK.test(value)) return stateful ? ["the response to the creation has a masked value in `secret`"] : [];
    const isRepeated = stateful && this.#values.has(value);
    const problems = isRepeated ? ["the value is that of a secret that was created before"] : [];
    this.#values.set(value, property);
    if (value.length < SHORTEST || value.length > LONGEST) return problems;
    this.mask.protect(value);
    this.#known.protect(value);
    const isId = typeof id === "string" && value.endsWith(id) && value.length - id.length <= BEGINNING;
    if (isId) problems.push("the value is the id");
    if (shows(String(maskedSecretValue), value)) problems.push("most of the value is in `maskedSecretValue` too");
    if (Object.values(headers).some((text) => this.#holdsValue(text))) problems.push("the value is in a header too");
    return problems;
  }

  #holdsValue(text: string): boolean {
    return this.#known.redact(text) !== text;
  }
}

/** Whether a mask hides less than half of a value, apart from its beginning. */
function shows(masked: string, value: string): boolean {
  const shown = masked.split(/[.…*•]+/).filter((part) => value.includes(part));
  return masked.includes(value) || 2 * shown.join("").length > value.length + BEGINNING;
}

function* dateFaults({ operation, body, rawBody }: Case, members: JsonObject): Iterable<Finding> {
  const [createdAt, expiresAt, lastUsedAt] = ["createdAt", "expiresAt", "lastUsedAt"].map((name) =>
    timeOf(members[name]),
  );
  const hours = memberOf(body, HOURS);
  if (createdAt === undefined || expiresAt === undefined) return;
  if (typeof hours !== "number" || rawBody !== undefined) return;
  if (lastUsedAt !== undefined && Math.abs(lastUsedAt - createdAt) > TOLERANCE_MS) {
    const problem = "`lastUsedAt` is far from `createdAt`, though the secret has just been created";
    return yield { check: "response_schema_conformance", problem, basis: secretProperty(operation, "lastUsedAt") };
  }
  const problems = {
    "the secret expires before it is created, or just then": expiresAt <= createdAt,
    "the secret is created days before now, or days after": Math.abs(createdAt - Date.now()) > MOST_WRONG_MS,
    "the secret does not expire after the hours that were asked for":
      Math.abs(expiresAt - createdAt - hours * HOUR_MS) > TOLERANCE_MS,
  };
  const [problem] = Object.entries(problems).find(([, isFound]) => isFound) ?? [];
  if (problem !== undefined) yield { check: "secret_expiry", problem };
}

/** In milliseconds; `undefined` for what is no date, which the schema's check reports. */
function timeOf(value: unknown): number | undefined {
  const time = typeof value === "string" ? Date.parse(value.toUpperCase()) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

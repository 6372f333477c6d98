/**
 * version_negotiation, unsupported_media_type and unsupported_method: what HTTP says of a request for what is
 * not there. Their responses are not in the contract and are judged by status alone.
 */
import { METHODS, type Method, type Operation } from "../../../contract-tests/contract/operations.js";
import type { SeededRandom } from "../../../src/testing/atlas/seeded-random.js";
import { basisOf, versionIn, versionRule } from "../checks.js";
import { type Callable, caseOf, type Derived, type Expectation } from "./case.js";

/** What names no version that the contract lists: nothing, anything, no version, and versions before, between and after. */
export function* versionCases(callable: Callable, random: SeededRandom): Derived {
  const rule = versionRule(callable.operation);
  const versioned = rule?.listed.find((name) => versionIn(name) !== undefined);
  if (rule === undefined || versioned === undefined) return;
  const { listed, unlisted, required, basis } = rule;
  const accepts = (status: number): boolean => unlisted.includes(status);
  const expected: Expectation = {
    accepts,
    words: unlisted.length > 3 ? "any 4xx" : unlisted.join(" or "),
    undocumented: (status) => isNegotiationStatus(status) || accepts(status),
    contract: basis,
  };
  const others = unlistedDates(listed, random).map((date) => versioned.replace(versionIn(versioned) ?? "", date));
  const unversioned = [undefined, "*/*", "application/*", "application/json"];
  for (const accept of [...(required ? unversioned : []), ...others]) {
    const title = accept === undefined ? "no Accept" : `Accept: ${accept}`;
    yield caseOf(callable, { check: "version_negotiation", title, accept, expected });
  }
  const reason = "the contract does not say that a version has to be named";
  if (!required) yield { what: "no Accept, or one without a version", reason };
}

/** Dates before the first listed version, after the last, and between two. */
function unlistedDates(listed: readonly string[], random: SeededRandom): readonly string[] {
  const dates = listed.flatMap((name) => versionIn(name) ?? []).sort();
  const day = String(1 + random.integer(28)).padStart(2, "0");
  const between = dates.slice(1).map((date, index) => middleOf(dates[index] ?? date, date));
  const all = [`${2000 + random.integer(20)}-01-${day}`, ...between, `${2090 + random.integer(10)}-01-${day}`];
  return all.filter((date) => !dates.includes(date));
}

function middleOf(one: string, other: string): string {
  return new Date((Date.parse(one) + Date.parse(other)) / 2).toISOString().slice(0, 10);
}

const OTHER_TYPES = ["text/plain", "application/xml", "application/x-www-form-urlencoded"];

/** 415 or 400 for a body that says that it is something else. */
export function* mediaTypeCases(callable: Callable): Derived {
  const listed = callable.operation.body?.mediaTypes.map(({ name }) => name) ?? [];
  if (callable.body === undefined || listed.some((name) => name.includes("*"))) return;
  const check = "unsupported_media_type";
  const expected: Expectation = {
    accepts: (status) => status === 415 || status === 400,
    words: "415 or 400",
    undocumented: (status) => status === 400 || isNegotiationStatus(status),
    contract: basisOf(callable.operation, check),
  };
  for (const contentType of OTHER_TYPES.filter((name) => !listed.includes(name))) {
    yield caseOf(callable, { check, title: `Content-Type: ${contentType}`, contentType, expected });
  }
}

/** Left out, because many proxies stop it. */
const NOT_ASKED: readonly string[] = ["TRACE"];

/** The methods that the path of an operation has. */
export function methodsOf({ pathItem }: Operation): readonly Method[] {
  return METHODS.filter((method) => pathItem.has(method.toLowerCase()));
}

/** 405 or 404 for a method that the path does not have. */
export function* methodCases(callable: Callable): Derived {
  const check = "unsupported_method";
  const documented = methodsOf(callable.operation);
  const expected: Expectation = {
    // A server may look at the method last, or know it as little as the path: 403 and 501 (RFC 9110, section 15.6.2).
    accepts: (status) => [405, 404, 403, 501].includes(status),
    words: "405 or 404",
    undocumented: () => true,
    contract: basisOf(callable.operation, check),
  };
  // Whatever allows browsers in responds to it, as it likes.
  const ofOptions: Expectation = { ...expected, accepts: (status) => status < 500 || status === 501 };
  const withoutBody = { ...callable, body: undefined, contentType: undefined };
  for (const method of METHODS.filter((each) => !documented.includes(each) && !NOT_ASKED.includes(each))) {
    yield caseOf(withoutBody, { check, title: method, method, expected: method === "OPTIONS" ? ofOptions : expected });
  }
}

/** Whether a status is only for one of these checks to judge. */
export function isNegotiationStatus(status: number): boolean {
  return status === 405 || status === 406 || status === 415;
}

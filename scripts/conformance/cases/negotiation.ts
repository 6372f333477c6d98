/**
 * version_negotiation, unsupported_media_type and unsupported_method: what HTTP says of a request for what is
 * not there. Their responses are not in the contract and are judged by status alone.
 */
import { METHODS, type Method, type Operation } from "../../../contract-tests/contract/operations.js";
import type { SeededRandom } from "../../../src/testing/atlas/seeded-random.js";
import { basisOf, versionIn, versionRule } from "../checks.js";
import { type Callable, caseOf, type Derived, type Expectation } from "./case.js";

/** What names no version that the contract lists: nothing, anything, no version, and versions before, between and after. */
export function versionCases(callable: Callable, random: SeededRandom): Derived {
  const rule = versionRule(callable.operation);
  const [versioned] = rule?.listed.filter((name) => versionIn(name) !== undefined) ?? [];
  if (rule === undefined || versioned === undefined) return { cases: [], untried: [] };
  const { listed, unlisted, required, basis } = rule;
  const words = unlisted.length > 3 ? "any 4xx" : unlisted.join(" or ");
  const accepts = (status: number): boolean => unlisted.includes(status);
  const undocumented = (status: number): boolean => isNegotiationStatus(status) || unlisted.includes(status);
  const expected: Expectation = { accepts, words, undocumented, contract: basis };
  const others = unlistedDates(listed, random).map((date) => versioned.replace(versionIn(versioned) ?? "", date));
  const unversioned = [undefined, "*/*", "application/*", "application/json"];
  const check = "version_negotiation";
  const cases = [...(required ? unversioned : []), ...others].map((accept) => {
    const title = accept === undefined ? "no Accept" : `Accept: ${accept}`;
    return caseOf(callable, { check, title, accept, expected });
  });
  const reason = "the contract does not say that a version has to be named";
  return { cases, untried: required ? [] : [{ what: "no Accept, or one without a version", reason }] };
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

/** 415 or 400 for a body that says that it is something else. */
export function mediaTypeCases(callable: Callable): Derived {
  const { body } = callable.operation;
  if (body === undefined || callable.body === undefined) return { cases: [], untried: [] };
  const listed = body.mediaTypes.map(({ name }) => name);
  if (listed.some((name) => name.includes("*"))) return { cases: [], untried: [] };
  const expected: Expectation = {
    accepts: (status) => status === 415 || status === 400,
    words: "415 or 400",
    undocumented: (status) => status === 400 || isNegotiationStatus(status),
    contract: basisOf(callable.operation, "unsupported_media_type"),
  };
  const wrong = ["text/plain", "application/xml", "application/x-www-form-urlencoded"].filter(
    (name) => !listed.includes(name),
  );
  const cases = wrong.map((contentType) =>
    caseOf(callable, { check: "unsupported_media_type", title: `Content-Type: ${contentType}`, contentType, expected }),
  );
  return { cases, untried: [] };
}

/** Left out, because many proxies stop it. */
const NOT_ASKED: readonly string[] = ["TRACE"];

/** The methods that the path of an operation has. */
export function methodsOf({ pathItem }: Operation): readonly Method[] {
  return METHODS.filter((method) => pathItem.has(method.toLowerCase()));
}

/** 405 or 404 for a method that the path does not have. */
export function methodCases(callable: Callable): Derived {
  const { operation } = callable;
  const documented = methodsOf(operation);
  const expected: Expectation = {
    // A server may look at the method last, or know it as little as the path: 403 and 501 (RFC 9110, section 15.6.2).
    accepts: (status) => [405, 404, 403, 501].includes(status),
    words: "405 or 404",
    undocumented: () => true,
    contract: basisOf(operation, "unsupported_method"),
  };
  // Whatever allows browsers in responds to it, as it likes.
  const ofOptions: Expectation = { ...expected, accepts: (status) => status < 500 || status === 501 };
  const cases = METHODS.filter((method) => !documented.includes(method) && !NOT_ASKED.includes(method)).map((method) =>
    caseOf(callable, {
      check: "unsupported_method",
      title: method,
      method,
      body: undefined,
      contentType: undefined,
      expected: method === "OPTIONS" ? ofOptions : expected,
    }),
  );
  return { cases, untried: [] };
}

/** Whether a status is only for one of these checks to judge. */
export function isNegotiationStatus(status: number): boolean {
  return status === 405 || status === 406 || status === 415;
}

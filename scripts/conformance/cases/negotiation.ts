/**
 * version_negotiation, unsupported_media_type and unsupported_method: what HTTP says of a request that asks for what is
 * not there. Their answers are not in the contract and are judged by status alone.
 */
import { METHODS, successesOf } from "../../../contract-tests/contract/operations.js";
import type { Random } from "../random.js";
import { type Callable, caseOf, contentOf, type Derived, type Expectation } from "./case.js";

const VERSION = /\d{4}-\d{2}-\d{2}/;

/** 406 for a request that names no version, or one that the contract does not list. */
export function versionCases(callable: Callable, random: Random): Derived {
  const { operation } = callable;
  const success = successesOf(operation);
  const mediaTypes = success.flatMap((response) => response.mediaTypes);
  const [versioned] = mediaTypes.filter(({ name }) => VERSION.test(name));
  if (versioned === undefined) return { cases: [], untried: [] };
  const expected: Expectation = {
    accepts: (status) => status === 406,
    words: "406",
    undocumented: isNegotiationStatus,
    contract: success.map((response) => ({
      says: `lists ${response.mediaTypes.map(({ name }) => name).join(", ")}`,
      at: contentOf(response),
    })),
  };
  const listed = new Set(mediaTypes.map(({ name }) => name));
  const day = String(1 + random.integer(28)).padStart(2, "0");
  const unlisted = [`${2000 + random.integer(20)}-01-${day}`, `${2090 + random.integer(10)}-01-${day}`]
    .map((date) => versioned.name.replace(VERSION, date))
    .filter((name) => !listed.has(name));
  const check = "version_negotiation";
  const cases = [undefined, ...unlisted].map((accept) => {
    const title = accept === undefined ? "no Accept" : `Accept: ${accept}`;
    return caseOf(callable, { check, title, accept, expected });
  });
  return { cases, untried: [] };
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
    contract: [{ says: `takes a body of ${listed.join(" or ")}`, at: contentOf(body) }],
  };
  const wrong = ["text/plain", "application/xml", "application/x-www-form-urlencoded"].filter(
    (name) => !listed.includes(name),
  );
  const cases = wrong.map((contentType) =>
    caseOf(callable, { check: "unsupported_media_type", title: `Content-Type: ${contentType}`, contentType, expected }),
  );
  return { cases, untried: [] };
}

/** Left out: whatever allows browsers in responds to `OPTIONS`, and many proxies stop `TRACE`. */
const NOT_ASKED: readonly string[] = ["OPTIONS", "TRACE"];

/** 405 or 404 for a method that the path does not have. */
export function methodCases(callable: Callable): Derived {
  const { operation } = callable;
  const documented = METHODS.filter((method) => operation.pathItem.has(method.toLowerCase()));
  const expected: Expectation = {
    accepts: (status) => status === 405 || status === 404,
    words: "405 or 404",
    undocumented: () => true,
    contract: [{ says: `documents no method but ${documented.join(", ")} here`, at: operation.pathItem }],
  };
  const cases = METHODS.filter((method) => !documented.includes(method) && !NOT_ASKED.includes(method)).map((method) =>
    caseOf(callable, {
      check: "unsupported_method",
      title: method,
      method,
      body: undefined,
      contentType: undefined,
      expected,
    }),
  );
  return { cases, untried: [] };
}

/** Whether a status is only for one of these checks to judge. */
export function isNegotiationStatus(status: number): boolean {
  return status === 405 || status === 406 || status === 415;
}

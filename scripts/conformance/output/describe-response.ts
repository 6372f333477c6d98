/**
 * A response in a few lines.
 */
import type { Operation } from "../../../contract-tests/contract/operations.js";
import { type HttpResponse, NoResponse } from "../http/exchange.js";

const LONGEST_BODY = 400;
const LONGEST_VALUE = 120;

/**
 * Status, the headers that are judged, and the beginning of the body; or why there is no response.
 *
 * @param mask - Applied before anything is cut, so that no half of a secret is left.
 */
export function describeResponse(
  { responses }: Operation,
  outcome: HttpResponse | NoResponse,
  mask: (text: string) => string,
): string {
  if (outcome instanceof NoResponse) return `none: ${outcome.message}`;
  const documented = responses.flatMap(({ headers }) => headers.map(({ name }) => name));
  const names = new Map(["Content-Type", ...documented].map((name) => [name.toLowerCase(), name]));
  const headers = [...names].flatMap(([name, shown]) => {
    const value = outcome.headers[name];
    return value === undefined ? [] : [`${shown}: ${bounded(mask(value), LONGEST_VALUE)}`];
  });
  const body = outcome.text === "" ? "(no body)" : bounded(mask(outcome.text), LONGEST_BODY);
  return [[String(outcome.status), ...headers].join(", "), body].join("\n");
}

/** On one line, without control characters. */
function bounded(text: string, length: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const line = text.replace(/[\0-\x1f\x7f]+/g, " ").trim();
  return line.length > length ? `${line.slice(0, length)}… (${text.length} characters)` : line;
}

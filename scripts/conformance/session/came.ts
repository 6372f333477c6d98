/**
 * An answer in a few lines.
 */
import type { Operation } from "../contract/operations.js";
import { type Answer, NoAnswer } from "../http/answer.js";

const LONGEST_BODY = 400;
const LONGEST_VALUE = 120;

/**
 * Status, the headers that somebody judges, and the beginning of the body; or why there is no answer.
 *
 * @param mask - Applied before anything is cut, so that no half of a secret is left.
 */
export function came(operation: Operation, outcome: Answer | NoAnswer, mask: (text: string) => string): string {
  if (outcome instanceof NoAnswer) return `nothing: ${outcome.message}`;
  const documented = operation.responses.flatMap(({ at }) => at.get("headers")?.entries() ?? []);
  const names = new Map([
    ["content-type", "Content-Type"],
    ...documented.map(([name]) => [name.toLowerCase(), name] as const),
  ]);
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

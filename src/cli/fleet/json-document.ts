/** JSON that somebody has written by hand: the value, the line of everything in it, and what is in it twice. */
import { UsageError } from "../terminal/exit-code.js";

/** White space, and behind it a mark, a string, or a number or name, if there is one. */
const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON does not allow them in a string
  /[ \t\r\n]*([{}[\]:,]|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)?/y;
/** Far more than any file of ours needs, and far less than the stack holds. */
const DEEPEST = 100;

/** @throws UsageError that begins with the line of the first fault */
export function parseJsonDocument(text: string) {
  /** Line of the value that a JSON pointer names, from 1. */
  const lineOf = new Map<string, number>();
  /** Pointers of members whose name an object has more than once; `JSON.parse` takes the last and says nothing. */
  const repeated: string[] = [];
  const tokens = new RegExp(TOKEN);
  let line = 1;
  let token = "";
  const advance = () => {
    const [all = "", found = ""] = tokens.exec(text) ?? [];
    line += all.split("\n").length - 1;
    token = found;
  };
  const fail = (expected: string): never => {
    // What was found may be anything, a secret too.
    throw new UsageError(`${line}: not JSON: expected ${expected}`);
  };
  const take = (mark: string): boolean => {
    if (token !== mark) return false;
    advance();
    return true;
  };
  const readAll = (end: string, read: () => void) => {
    if (take(end)) return;
    do read();
    while (take(","));
    if (!take(end)) fail(JSON.stringify(end));
  };
  const readValue = (pointer: string, depth: number): void => {
    if (depth > DEEPEST) fail(`no more than ${DEEPEST} levels`);
    lineOf.set(pointer, line);
    if (take("[")) {
      let index = 0;
      readAll("]", () => readValue(`${pointer}/${index++}`, depth + 1));
    } else if (take("{")) {
      const names = new Set<string>();
      readAll("}", () => {
        const name = token;
        if (!name.startsWith('"')) fail("the name of a member in double quotes");
        advance();
        const inside = pointer + pointerSegment(JSON.parse(name));
        if (names.has(inside)) repeated.push(inside);
        names.add(inside);
        if (!take(":")) fail('":"');
        readValue(inside, depth + 1);
      });
    } else if (/^[^}\]:,]/.test(token)) advance();
    else fail("a value");
  };
  advance();
  readValue("", 0);
  if (token !== "" || tokens.lastIndex < text.length) fail("nothing more");
  const value: unknown = JSON.parse(text);
  return { value, lineOf, repeated };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const pointerSegment = (name: string) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;

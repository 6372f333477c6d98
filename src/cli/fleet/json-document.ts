/**
 * JSON that somebody has written by hand: the value, the line of everything in it, and what is in it twice.
 */

export interface JsonDocument {
  readonly value: unknown;
  /** Line of the value that a JSON pointer names, from 1. */
  readonly lineOf: ReadonlyMap<string, number>;
  /** Pointers of members whose name an object has more than once; `JSON.parse` takes the last and says nothing. */
  readonly repeated: readonly string[];
}

/** The text is not JSON. */
export class JsonSyntaxError extends Error {
  override readonly name = "JsonSyntaxError";
  readonly line: number;

  /** @param expected the text that was found may be anything, a secret too, and is not quoted */
  constructor(expected: string, line: number) {
    super(`expected ${expected}`);
    this.line = line;
  }
}

const WHITE_SPACE = /[ \t\r\n]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON does not allow them in a string
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const NUMBER_OR_NAME = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
/** Far more than any file of ours needs, and far less than the stack holds. */
const DEEPEST = 100;

/** @throws JsonSyntaxError with the line of the first fault */
export function parseJsonDocument(text: string): JsonDocument {
  const reader = new Reader(text);
  const value = reader.value("", 0);
  reader.expectEnd();
  return { value, lineOf: reader.lineOf, repeated: reader.repeated };
}

/** Whether it is what JSON calls an object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function pointerSegment(name: string | number): string {
  return `/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

class Reader {
  readonly lineOf = new Map<string, number>();
  readonly repeated: string[] = [];
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  value(pointer: string, depth: number): unknown {
    if (depth > DEEPEST) throw new JsonSyntaxError(`no more than ${DEEPEST} levels`, this.#line);
    this.#skipWhiteSpace();
    this.lineOf.set(pointer, this.#line);
    if (this.#take("{")) return this.#object(pointer, depth);
    if (this.#take("[")) return this.#array(pointer, depth);
    const scalar = this.#match(STRING) ?? this.#match(NUMBER_OR_NAME);
    if (scalar === undefined) throw new JsonSyntaxError("a value", this.#line);
    return JSON.parse(scalar);
  }

  expectEnd(): void {
    this.#skipWhiteSpace();
    if (this.#at < this.#text.length) throw new JsonSyntaxError("nothing more", this.#line);
  }

  #object(pointer: string, depth: number): object {
    const members = new Map<string, unknown>();
    this.#skipWhiteSpace();
    if (this.#take("}")) return {};
    do {
      this.#skipWhiteSpace();
      const text = this.#match(STRING);
      if (text === undefined) throw new JsonSyntaxError("the name of a member in double quotes", this.#line);
      const name: string = JSON.parse(text);
      const inside = `${pointer}${pointerSegment(name)}`;
      if (members.has(name)) this.repeated.push(inside);
      this.#expect(":");
      members.set(name, this.value(inside, depth + 1));
      this.#skipWhiteSpace();
    } while (this.#take(","));
    this.#expect("}");
    return Object.fromEntries(members);
  }

  #array(pointer: string, depth: number): unknown[] {
    const items: unknown[] = [];
    this.#skipWhiteSpace();
    if (this.#take("]")) return items;
    do {
      items.push(this.value(`${pointer}${pointerSegment(items.length)}`, depth + 1));
      this.#skipWhiteSpace();
    } while (this.#take(","));
    this.#expect("]");
    return items;
  }

  #expect(character: string): void {
    this.#skipWhiteSpace();
    if (!this.#take(character)) throw new JsonSyntaxError(JSON.stringify(character), this.#line);
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #skipWhiteSpace(): void {
    for (const character of this.#match(WHITE_SPACE) ?? "") if (character === "\n") this.#line += 1;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    if (found === undefined) return undefined;
    this.#at += found.length;
    return found;
  }
}

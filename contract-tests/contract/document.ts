/**
 * An OpenAPI document as a tree of places. References are followed where they are met, and lines are counted if somebody
 * asks: of hundreds of operations only what is looked at costs anything, and schemas that lead in a circle are no trouble.
 */
import { isObject, type JsonObject, keysOf, memberOf, pointerOf, pointerTo, valueAt } from "./json.js";

/** The document cannot be used; the message is one line for the person who gave it. */
export class ContractError extends Error {
  override readonly name = "ContractError";
}

/** What a parser or compiler says of a text can have many lines. */
export function firstLineOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1).join("");
}

/** Values of these keywords are data, whatever they look like. */
const DATA: ReadonlySet<string> = new Set(["example", "examples", "default", "enum"]);

/** The members of these are named by whoever writes the document. */
const NAMES: ReadonlySet<string> = new Set(["properties", "responses", "schemas"]);

/** As JSON Schema reads a pattern, or, if that refuses one, as JavaScript always has. @throws SyntaxError if both do. */
export function regExpOf(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "u");
  } catch {
    return new RegExp(pattern);
  }
}

/** More hops than any honest chain of references has. */
const MAX_REFERENCES = 50;

export class ContractDocument {
  readonly root: Place;
  /** Whether keywords beside a `$ref` count (OpenAPI 3.1 on), or are ignored (3.0). */
  readonly #keepsReferenceSiblings: boolean;

  /**
   * @param source - What to call it in messages: the path or URL as it was given.
   * @param lineOf - The 1-based line of what a pointer names, or of its nearest parent that is there.
   */
  constructor(
    readonly source: string,
    root: JsonObject,
    readonly lineOf: (pointer: string) => number,
  ) {
    this.root = new Place(this, root, "#");
    this.#keepsReferenceSiblings = !String(root["openapi"]).startsWith("3.0");
  }

  /** Follows references. @throws ContractError if one leads out of the document, nowhere, or in a circle. */
  follow(value: unknown, pointer: string): Place {
    const siblings: Place[] = [];
    let target = value;
    let at = pointer;
    for (let hops = 0; isObject(target) && typeof target["$ref"] === "string"; hops++) {
      if (this.#keepsReferenceSiblings && Object.keys(target).length > 1) siblings.push(new Place(this, target, at));
      const reference: string = target["$ref"];
      const refuse = (problem: string) => this.#error(pointer, `the reference "${reference}" ${problem}`);
      if (!reference.startsWith("#")) throw refuse("leads out of the document; only local ones are followed");
      if (hops === MAX_REFERENCES) throw refuse("goes in a circle");
      const keys = keysOf(reference);
      at = pointerOf(keys);
      target = valueAt(this.root.value, keys);
      if (target === undefined) throw refuse("leads nowhere");
    }
    return new Place(this, target, at, pointer, siblings);
  }

  /** @throws ContractError if any reference leads nowhere or out of the document, or a pattern is no regular expression. */
  check(): void {
    const visit = (value: unknown, pointer: string, holdsNames = false): void => {
      if (typeof value !== "object" || value === null) return;
      this.follow(value, pointer);
      for (const [key, member] of Object.entries(value)) {
        const at = pointerTo(pointer, key);
        if (key === "pattern" && !holdsNames && typeof member === "string") this.#checkPattern(member, at);
        if (holdsNames || !DATA.has(key)) visit(member, at, !holdsNames && NAMES.has(key));
      }
    };
    visit(this.root.value, "#");
  }

  #checkPattern(pattern: string, at: string): void {
    try {
      regExpOf(pattern);
    } catch {
      throw this.#error(at, `${JSON.stringify(pattern)} is no regular expression`);
    }
  }

  #error(pointer: string, problem: string): ContractError {
    return new ContractError(`${this.source}: ${problem} (line ${this.lineOf(pointer)}, ${pointer})`);
  }
}

/** A value in a document. */
export class Place {
  /**
   * @param pointer - JSON pointer of the value itself, behind all references.
   * @param usedAt - Pointer of its use: the first reference on the way, or the same as `pointer`.
   * @param siblings - The reference objects on the way whose other keywords count too (OpenAPI 3.1).
   */
  constructor(
    readonly document: ContractDocument,
    readonly value: unknown,
    readonly pointer: string,
    readonly usedAt = pointer,
    readonly siblings: readonly Place[] = [],
  ) {}

  get line(): number {
    return this.document.lineOf(this.pointer);
  }

  get text(): string | undefined {
    return typeof this.value === "string" ? this.value : undefined;
  }

  /** The names of an object's members; none of anything else. */
  keys(): readonly string[] {
    return isObject(this.value) ? Object.keys(this.value) : [];
  }

  /** Whether the member is there, even if it is null. */
  has(key: string): boolean {
    return memberOf(this.value, key) !== undefined;
  }

  /** What stands under the keys, each reference on the way followed; `undefined` if it is absent or null. */
  get(...keys: readonly string[]): Place | undefined {
    let found: Place | undefined = this;
    for (const key of keys) {
      const member: unknown = memberOf(found.value, key);
      if (member === undefined || member === null) return undefined;
      found = this.document.follow(member, pointerTo(found.pointer, key));
    }
    return found;
  }

  /** What an object or array under these keys holds, by its own keys and behind its references; none of anything else. */
  entries(...keys: readonly string[]): readonly (readonly [string, Place])[] {
    const { value, pointer } = this.get(...keys) ?? { value: null, pointer: "" };
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).map(([key, member]: [string, unknown]) => [
      key,
      this.document.follow(member, pointerTo(pointer, key)),
    ]);
  }

  /** The items of an array under these keys, behind their references; none of anything else. */
  items(...keys: readonly string[]): readonly Place[] {
    return Array.isArray(this.get(...keys)?.value) ? this.entries(...keys).map(([, item]) => item) : [];
  }

  flag(key: string): boolean {
    return this.get(key)?.value === true;
  }
}

/**
 * The contract as a document in which every value knows where it stands, so that a failure can name the pointer and
 * the line of what was broken.
 */
import { readFile } from "node:fs/promises";
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";

/** The contract cannot be used; one line, for the person who gave it. */
export class ContractError extends Error {
  static {
    ContractError.prototype.name = "ContractError";
  }
}

/** A place in the contract's file. */
export interface Place {
  /** JSON pointer in the form that `$ref` uses, references already followed. */
  readonly pointer: string;
  /** Line of the file, counted from 1. */
  readonly line: number;
}

/** One value of the contract, and where it stands. */
export class Located {
  readonly value: unknown;
  readonly #document: ContractDocument;
  readonly #segments: readonly string[];

  constructor(document: ContractDocument, segments: readonly string[], value: unknown) {
    this.#document = document;
    this.#segments = segments;
    this.value = value;
  }

  /** Where it stands. */
  get place(): Place {
    return { pointer: pointerOf(this.#segments), line: this.#document.lineOf(this.#segments) };
  }

  /** What stands under the keys, each reference on the way followed; `undefined` where there is nothing. */
  get(...keys: readonly string[]): Located | undefined {
    let found: Located = this;
    for (const key of keys) {
      const next = found.#step(key);
      if (next === undefined) return undefined;
      found = next;
    }
    return found;
  }

  /** The members of an object or the items of an array; none of anything else. */
  entries(): readonly (readonly [string, Located])[] {
    if (typeof this.value !== "object" || this.value === null) return [];
    return Object.keys(this.value).flatMap((key) => {
      const member = this.get(key);
      return member === undefined ? [] : [[key, member] as const];
    });
  }

  /** The value as text; `undefined` where it is none. */
  get text(): string | undefined {
    return typeof this.value === "string" ? this.value : undefined;
  }

  #step(key: string): Located | undefined {
    const member = memberOf(this.value, key);
    return member === undefined
      ? undefined
      : this.#document.resolved(new Located(this.#document, [...this.#segments, key], member));
  }
}

/** A contract that has been read. */
export class ContractDocument {
  /** Path of the file as it was given. */
  readonly file: string;
  readonly #yaml: Document.Parsed;
  readonly #lines: LineCounter;
  readonly #root: unknown;

  constructor(file: string, yaml: Document.Parsed, lines: LineCounter) {
    this.file = file;
    this.#yaml = yaml;
    this.#lines = lines;
    this.#root = yaml.toJS();
  }

  get root(): Located {
    return new Located(this, [], this.#root);
  }

  /**
   * What a value refers to, or the value itself where it is no reference.
   *
   * @throws ContractError where a reference leads nowhere, in a circle or out of the document.
   */
  resolved(located: Located): Located {
    const visited = new Set<string>();
    for (let current = located; ; ) {
      const reference = memberOf(current.value, "$ref");
      if (typeof reference !== "string") return current;
      const { pointer } = current.place;
      if (!reference.startsWith("#/")) throw new ContractError(`${pointer}: ${reference} leads out of the document`);
      if (visited.has(reference)) throw new ContractError(`${pointer}: ${reference} leads in a circle`);
      visited.add(reference);
      const segments = segmentsOf(reference);
      const value = segments.reduce(memberOf, this.#root);
      if (value === undefined) throw new ContractError(`${pointer}: ${reference} leads nowhere`);
      current = new Located(this, segments, value);
    }
  }

  /** Line of what stands under the segments, or of what comes nearest to it. */
  lineOf(segments: readonly string[]): number {
    let node: unknown = this.#yaml.contents;
    let offset = 0;
    for (const segment of segments) {
      if (isAlias(node)) node = node.resolve(this.#yaml);
      const pair = isMap(node)
        ? node.items.find(({ key }) => isScalar(key) && String(key.value) === segment)
        : undefined;
      const next: unknown = pair?.value ?? (isSeq(node) ? node.items[Number(segment)] : undefined);
      const start: unknown = pair?.key ?? next;
      offset = startOf(start) ?? offset;
      node = next;
    }
    return this.#lines.linePos(offset).line;
  }
}

/**
 * Reads a contract from a file.
 *
 * @throws ContractError where it cannot be read or is not OpenAPI 3.0.
 */
export async function readContractDocument(file: string): Promise<ContractDocument> {
  const lines = new LineCounter();
  const yaml = parseDocument(await readText(file), { lineCounter: lines, logLevel: "silent" });
  const [problem] = yaml.errors;
  if (problem !== undefined) throw new ContractError(`${file} is not YAML: ${problem.message.split("\n", 1)[0]}`);
  const document = new ContractDocument(file, yaml, lines);
  const version = document.root.get("openapi")?.text ?? "";
  if (!version.startsWith("3.0.")) throw new ContractError(`${file} is not an OpenAPI 3.0 document`);
  return document;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new ContractError(`${file} cannot be read (${code})`);
  }
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

function startOf(node: unknown): number | undefined {
  if (typeof node !== "object" || node === null || !("range" in node) || !Array.isArray(node.range)) return undefined;
  const start: unknown = node.range[0];
  return typeof start === "number" ? start : undefined;
}

function pointerOf(segments: readonly string[]): string {
  return `#${segments.map((segment) => `/${segment.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("")}`;
}

function segmentsOf(reference: string): string[] {
  const escaped = reference.slice(2).split("/");
  return escaped.map((segment) => decodeURIComponent(segment).replaceAll("~1", "/").replaceAll("~0", "~"));
}

/**
 * An OpenAPI document as a tree whose references are followed where they are met, never all at once: of an official
 * document with hundreds of operations only what is looked at costs anything, and cycles are no trouble.
 */
import { pointerTo, segmentsOf } from "./pointer.js";

/** The comparison cannot be carried out; the message is one line for whoever ran it. */
export class SpecDiffError extends Error {
  override readonly name = "SpecDiffError";
}

/** Finds the line of what a pointer names, or of the deepest part of it that is there. */
export type LineOf = (segments: readonly string[]) => number | undefined;

/** More hops than any honest chain of references has. */
const maxReferences = 50;

/** One OpenAPI document and where it came from. */
export class SpecDocument {
  /** What to call it in messages: the path or URL as it was given, without credentials. */
  readonly source: string;
  readonly root: SpecNode;
  /** Whether keywords beside a `$ref` count (OpenAPI 3.1 on), or are ignored (3.0). */
  readonly keepsReferenceSiblings: boolean;
  readonly #lineOf: LineOf;

  constructor(source: string, root: Readonly<Record<string, unknown>>, lineOf: LineOf) {
    this.source = source;
    this.keepsReferenceSiblings = !String(root["openapi"]).startsWith("3.0");
    this.#lineOf = lineOf;
    this.root = new SpecNode(this, root, "#");
  }

  /** The 1-based line of what `pointer` names, or of its nearest parent that is there. */
  lineOf(pointer: string): number | undefined {
    return this.#lineOf(segmentsOf(pointer));
  }

  /**
   * The node at `pointer`, its references followed.
   * @throws SpecDiffError for a reference that leads out of the document, nowhere or in a circle
   */
  follow(value: unknown, pointer: string): SpecNode {
    const siblings: SpecNode[] = [];
    let target = value;
    let at = pointer;
    for (let hops = 0; isRecord(target) && typeof target["$ref"] === "string"; hops++) {
      if (this.keepsReferenceSiblings && Object.keys(target).length > 1) siblings.push(new SpecNode(this, target, at));
      const reference: string = target["$ref"];
      if (!reference.startsWith("#")) {
        throw this.#error(
          pointer,
          `the reference "${reference}" leads out of the document; only local ones are followed`,
        );
      }
      if (hops === maxReferences) throw this.#error(pointer, `the reference "${reference}" goes in a circle`);
      at = segmentsOf(reference).reduce(pointerTo, "#");
      target = this.#valueAt(segmentsOf(reference));
      if (target === undefined) throw this.#error(pointer, `the reference "${reference}" leads nowhere`);
    }
    return new SpecNode(this, target, at, pointer, siblings);
  }

  #valueAt(segments: readonly string[]): unknown {
    let value: unknown = this.root.value;
    for (const segment of segments) {
      if (Array.isArray(value)) value = value[Number(segment)];
      else if (isRecord(value) && Object.hasOwn(value, segment)) value = value[segment];
      else return undefined;
    }
    return value;
  }

  #error(pointer: string, problem: string): SpecDiffError {
    return new SpecDiffError(`${this.source}: ${problem} (at ${pointer})`);
  }
}

/** A value in a document and where it stands. */
export class SpecNode {
  readonly document: SpecDocument;
  readonly value: unknown;
  /** Where the value itself stands, behind all references. */
  readonly pointer: string;
  /** Where it is used: the first reference on the way, or the same as `pointer`. */
  readonly usedAt: string;
  /** The reference objects on the way whose other keywords count too (OpenAPI 3.1). */
  readonly siblings: readonly SpecNode[];

  constructor(
    document: SpecDocument,
    value: unknown,
    pointer: string,
    usedAt = pointer,
    siblings: readonly SpecNode[] = [],
  ) {
    this.document = document;
    this.value = value;
    this.pointer = pointer;
    this.usedAt = usedAt;
    this.siblings = siblings;
  }

  /** The member names; none where this is no object. */
  keys(): readonly string[] {
    return isRecord(this.value) ? Object.keys(this.value) : [];
  }

  /** The member `key` behind its references; `undefined` where it is absent or null. */
  get(key: string): SpecNode | undefined {
    const value = this.has(key) && isRecord(this.value) ? this.value[key] : undefined;
    return value === undefined || value === null
      ? undefined
      : this.document.follow(value, pointerTo(this.pointer, key));
  }

  /** Whether the member is there, even if it is null. */
  has(key: string): boolean {
    return isRecord(this.value) && Object.hasOwn(this.value, key);
  }

  /** The items behind their references; none where this is no array. */
  items(): readonly SpecNode[] {
    if (!Array.isArray(this.value)) return [];
    return this.value.map((item: unknown, index) => this.document.follow(item, pointerTo(this.pointer, index)));
  }

  /** The member `key` where it is a string. */
  text(key: string): string | undefined {
    const value = this.get(key)?.value;
    return typeof value === "string" ? value : undefined;
  }

  /** Whether the member `key` is `true`. */
  flag(key: string): boolean {
    return this.get(key)?.value === true;
  }
}

/** Whether a value is an object with members. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A JSON document, places in it (RFC 6901 pointers) and references between them.
 */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [name: string]: Json;
}

/** Something to say about a place of the contract. */
export interface Remark {
  /** JSON pointer (RFC 6901) of the place, "" for the document itself. */
  readonly pointer: string;
  /** One line. */
  readonly message: string;
}

/** Thrown for a contract that cannot be generated from; lists every reason. */
export class ContractError extends Error {
  override readonly name = "ContractError";

  constructor(
    readonly problems: readonly Remark[],
    options?: ErrorOptions,
  ) {
    super(problems.map(({ pointer, message }) => `#${pointer}: ${message}`).join("\n"), options);
  }
}

/** @throws {ContractError} with this one problem */
export function refuse(pointer: string, message: string, cause?: unknown): never {
  const problem = { pointer, message: message.replaceAll(/\s*\n\s*/g, " ") };
  throw new ContractError([problem], cause === undefined ? undefined : { cause });
}

/** Collects what checks throw, so that all of it can be said at once. */
export class Problems {
  readonly #found = new Map<string, Remark>();

  /** Runs one check. */
  collect(check: () => void): void {
    try {
      check();
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      this.add(error.problems);
    }
  }

  add(problems: readonly Remark[]): void {
    for (const problem of problems) this.#found.set(`${problem.pointer} ${problem.message}`, problem);
  }

  /** Whether one was collected at a place, inside it or around it. */
  areNear(pointer: string): boolean {
    const isInside = (one: string, other: string) => `${one}/`.startsWith(`${other}/`);
    return [...this.#found.values()].some((each) => isInside(each.pointer, pointer) || isInside(pointer, each.pointer));
  }

  /** @throws {ContractError} with all that was collected */
  throwIfAny(): void {
    if (this.#found.size > 0) throw new ContractError([...this.#found.values()]);
  }
}

/** A value together with its place in the document. */
export interface Place<Value = Json> {
  readonly value: Value;
  readonly pointer: string;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Appends one name to a pointer, escaped. */
export function childPointer(pointer: string, name: string | number): string {
  return `${pointer}/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** The names of a pointer, unescaped. */
export function namesIn(pointer: string): string[] {
  const escaped = pointer.split("/").slice(1);
  return escaped.map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** An own member; undefined for anything inherited, such as `toString`. */
export function member(value: Json | undefined, name: string): Json | undefined {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** The members of an object as places; none for anything else. Specification extensions (`x-…`) are left in. */
export function membersOf({ value, pointer }: Place): { readonly name: string; readonly place: Place }[] {
  if (!isObject(value)) return [];
  return Object.entries(value).map(([name, child]) => ({
    name,
    place: { value: child, pointer: childPointer(pointer, name) },
  }));
}

/** The elements of an array as places; none for anything else. */
export function elementsOf({ value, pointer }: Place): Place[] {
  if (!Array.isArray(value)) return [];
  return value.map((child, index) => ({ value: child, pointer: childPointer(pointer, index) }));
}

/** The member of that name as a place. */
export function memberPlace({ value, pointer }: Place, name: string): Place | undefined {
  const child = member(value, name);
  return child === undefined ? undefined : { value: child, pointer: childPointer(pointer, name) };
}

/**
 * Where a chain of `$ref`s ends; the place itself if it is no reference.
 * @throws {ContractError} at the reference that leads nowhere, out of the document or in a circle.
 */
export function follow(document: Json, place: Place): Place {
  const seen = new Set<string>();
  let current = place;
  for (;;) {
    const reference = member(current.value, "$ref");
    if (typeof reference !== "string") return current;
    const at = childPointer(current.pointer, "$ref");
    if (seen.has(reference)) refuse(at, `the reference ${reference} leads in a circle`);
    seen.add(reference);
    current = resolve(document, reference, at);
  }
}

/**
 * What a reference points to, which may be a further reference.
 * @param at pointer of the reference
 * @throws {ContractError} if it leads nowhere or out of the document
 */
export function resolve(document: Json, reference: string, at: string): Place {
  const pointer = pointerOf(reference, at);
  let value: Json | undefined = document;
  for (const name of namesIn(pointer)) {
    value = Array.isArray(value) ? value[/^\d+$/.test(name) ? Number(name) : -1] : member(value, name);
  }
  if (value === undefined) refuse(at, `the reference ${reference} leads nowhere`);
  return { value, pointer };
}

function pointerOf(reference: string, at: string): string {
  if (reference !== "#" && !reference.startsWith("#/")) {
    refuse(at, `the reference ${reference} leaves the document; only references into it are supported`);
  }
  try {
    return decodeURIComponent(reference.slice(1));
  } catch (cause) {
    return refuse(at, `the reference ${reference} is not a JSON pointer`, cause);
  }
}

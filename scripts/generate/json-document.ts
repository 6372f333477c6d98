/**
 * A JSON document, places in it (RFC 6901 pointers) and references between them.
 */
/** Thrown for every contract that cannot be generated from. The message is one line. */
export class ContractError extends Error {
  override readonly name = "ContractError";
  /** JSON pointer (RFC 6901) of the place, "" for the document itself. */
  readonly pointer: string;

  constructor(pointer: string, message: string, options?: ErrorOptions) {
    super(message.replaceAll(/\s*\n\s*/g, " "), options);
    this.pointer = pointer;
  }
}

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [name: string]: Json;
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
    if (seen.has(reference)) throw new ContractError(at, `the reference ${reference} leads in a circle`);
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
  for (const part of pointer.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    value = Array.isArray(value) ? value[/^\d+$/.test(name) ? Number(name) : -1] : member(value, name);
  }
  if (value === undefined) throw new ContractError(at, `the reference ${reference} leads nowhere`);
  return { value, pointer };
}

function pointerOf(reference: string, at: string): string {
  if (reference !== "#" && !reference.startsWith("#/")) {
    throw new ContractError(
      at,
      `the reference ${reference} leaves the document; only references into it are supported`,
    );
  }
  try {
    return decodeURIComponent(reference.slice(1));
  } catch (cause) {
    throw new ContractError(at, `the reference ${reference} is not a JSON pointer`, { cause });
  }
}

/** Members that hold a map from names to further objects: their keys are names, not keywords. */
const MAPS = new Set([
  "callbacks",
  "content",
  "encoding",
  "examples",
  "headers",
  "links",
  "parameters",
  "paths",
  "properties",
  "requestBodies",
  "responses",
  "schemas",
  "securitySchemes",
  "variables",
]);

/** Members that hold data, in which words such as `pattern` mean nothing. */
const DATA = new Set(["default", "enum", "example", "value"]);

/** What `walkDocument` calls for each object and array, with whether it is data or a specification extension. */
export type Visit = (place: Place, isData: boolean) => void;

/** Visits the document and all that is in it, in document order. */
export function walkDocument(document: Json, visit: Visit): void {
  walk({ value: document, pointer: "" }, false, visit);
}

function walk(place: Place, isData: boolean, visit: Visit): void {
  visit(place, isData);
  for (const element of elementsOf(place)) walk(element, isData, visit);
  for (const { name, place: child } of membersOf(place)) {
    if (MAPS.has(name) && !isData && !Array.isArray(child.value)) {
      for (const entry of membersOf(child)) walk(entry.place, false, visit);
    } else {
      walk(child, isData || DATA.has(name) || name.startsWith("x-"), visit);
    }
  }
}

/** A JSON document: places in it (RFC 6901 pointers), references between them, and what is to be said of a place. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [name: string]: Json;
}

/** One line about a place of the contract; the pointer of the document itself is "". */
export interface Remark {
  readonly pointer: string;
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

export function refuse(pointer: string, message: string, options?: ErrorOptions): never {
  throw new ContractError([{ pointer, message: oneLine(message) }], options);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ");
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Collects what is to be said, so that all of it can be said at once. */
export class Remarks {
  readonly #found = new Map<string, Remark>();

  report(pointer: string, message: string): void {
    this.#found.set(`${pointer} ${message}`, { pointer, message: oneLine(message) });
  }

  /** Runs what may throw a `ContractError`, and reports what that says. @returns whether it threw none */
  collect(check: () => void): boolean {
    try {
      check();
      return true;
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      for (const { pointer, message } of error.problems) this.report(pointer, message);
      return false;
    }
  }

  /** Reports those that are about other places than what is known: neither inside one of them nor around it. */
  addApart(problems: readonly Remark[]): void {
    // A reference is of the place that it stands for.
    const known = this.all.map(({ pointer }) => pointer.replace(/\/\$ref$/, ""));
    for (const { pointer, message } of problems) {
      const isNear = known.some((each) => isInside(each, pointer) || isInside(pointer, each));
      if (!isNear) this.report(pointer, message);
    }
  }

  get all(): readonly Remark[] {
    return [...this.#found.values()];
  }

  throwIfAny(): void {
    if (this.#found.size > 0) throw new ContractError(this.all);
  }
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a place is another one, or inside it. */
export function isInside(pointer: string, outer: string): boolean {
  return `${pointer}/`.startsWith(`${outer}/`);
}

export function childPointer(pointer: string, name: string): string {
  return `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

export function namesIn(pointer: string): string[] {
  const [, ...escaped] = pointer.split("/");
  return escaped.map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** An element, or an own member; undefined for anything inherited, such as `toString`. */
function member(value: Json | undefined, name: string): Json | undefined {
  if (Array.isArray(value)) return /^\d+$/.test(name) ? value[Number(name)] : undefined;
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** A value together with its place in the document. */
export class Place {
  constructor(
    /** The whole, into which references lead. */
    readonly document: JsonObject,
    readonly value: Json = document,
    readonly pointer = "",
    readonly name = "",
  ) {}

  read(name: string): Json | undefined {
    return member(this.value, name);
  }

  /** A blank text is none. */
  text(name: string): string | undefined {
    const found = this.read(name);
    return typeof found === "string" && found.trim() !== "" ? found : undefined;
  }

  flag(name: string): boolean {
    return this.read(name) === true;
  }

  /** What is under these names, each within the one before. */
  at(...names: readonly string[]): Place | undefined {
    const value = names.reduce(member, this.value);
    return value === undefined
      ? undefined
      : new Place(this.document, value, names.reduce(childPointer, this.pointer), names.at(-1));
  }

  /** The members and elements of a value, or of those under these names; none of a value that has no such. */
  children(...names: readonly string[]): Place[] {
    if (names.length > 0) return names.flatMap((name) => this.at(name)?.children() ?? []);
    const isCompound = typeof this.value === "object" && this.value !== null;
    return isCompound ? Object.keys(this.value).flatMap((name) => this.at(name) ?? []) : [];
  }

  /** Where a chain of `$ref`s ends; the place itself if it is no reference. @throws {ContractError} if it does not end */
  get target(): Place {
    const seen = new Set<string>();
    let place: Place = this;
    for (;;) {
      const reference = place.read("$ref");
      if (typeof reference !== "string") return place;
      const at = childPointer(place.pointer, "$ref");
      if (seen.has(reference)) refuse(at, `the reference ${reference} leads in a circle`);
      seen.add(reference);
      place = place.refer(reference, at);
    }
  }

  /** What a reference, which is at that pointer, leads to: it may be a further one. @throws {ContractError} if nowhere */
  refer(reference: string, at = this.pointer): Place {
    if (!/^#(\/|$)/.test(reference)) {
      refuse(at, `the reference ${reference} leaves the document; only references into it are supported`);
    }
    let pointer: string;
    try {
      pointer = decodeURIComponent(reference.slice(1));
    } catch (cause) {
      return refuse(at, `the reference ${reference} is not a JSON pointer`, { cause });
    }
    return new Place(this.document).at(...namesIn(pointer)) ?? refuse(at, `the reference ${reference} leads nowhere`);
  }
}

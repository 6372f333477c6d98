/**
 * HTML and XML in which every value is escaped.
 */

/** Text that is markup already. */
export class Markup {
  constructor(readonly text: string) {}
}

type Value = string | number | Markup | readonly Value[];

/** A template: lists are joined, markup stays as it is, all else is escaped. */
export function markup(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(String.raw({ raw: strings }, ...values.map(escaped)));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(value: Value): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map(escaped).join("");
  // XML 1.0 has no way to write most control characters, so they become spaces.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const writable = String(value).replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, " ");
  return writable.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

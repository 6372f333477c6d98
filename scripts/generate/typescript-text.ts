/** TypeScript source as text: names, literals and documentation comments, with whatever the contract says escaped. */

export function literal(value: string): string {
  return JSON.stringify(value).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

/** A property name, quoted if it is not an identifier. */
export function propertyName(name: string): string {
  return isIdentifier(name) ? name : literal(name);
}

export function isIdentifier(name: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u.test(name);
}

/** The name in PascalCase, for the types of an operation. */
export function typeName(operationId: string): string {
  return operationId.charAt(0).toUpperCase() + operationId.slice(1);
}

/** Data as a literal on one line, without the members that are undefined. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return literal(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{ ${members.map(([name, member]) => `${propertyName(name)}: ${valueText(member)}`).join(", ")} }`;
}

/** Greatest width of a line that can be broken. */
export const COLUMNS = 120;

/** First line of every generated file. The same for every contract and machine: output is deterministic. */
export const HEADER =
  "// Generated from the OpenAPI contract by `npm run generate`. Do not edit: change the contract instead.\n";

export function seeAlso(url: string, description: string | undefined): string {
  const address = encodeURI(url)
    .replaceAll(/%25(?=[\dA-Fa-f]{2})/g, "%")
    .replaceAll("|", "%7C");
  const label = description?.replaceAll(/[{}|\s]+/g, " ").trim();
  return label === undefined ? `@see {@link ${address}}` : `@see {@link ${address} | ${label}}`;
}

/** A comment of these paragraphs, what is undefined or empty left out; "" if there is nothing to say. */
export function docComment(paragraphs: readonly (string | undefined)[], indent: string): string {
  const said = paragraphs.flatMap((paragraph) => paragraph?.trim() || []);
  const lines = said.flatMap((paragraph, index) => {
    const own = linesOf(paragraph, COLUMNS - indent.length - 3);
    // Tags follow each other; paragraphs are set apart.
    const areTags = [said[index - 1], paragraph].every((each) => each?.startsWith("@"));
    return index === 0 || areTags ? own : ["", ...own];
  });
  const [first] = lines;
  if (first === undefined) return "";
  if (lines.length === 1 && indent.length + first.length + 7 <= COLUMNS) return `${indent}/** ${first} */\n`;
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`, ""].join("\n");
}

/** Breaks long lines at spaces, but leaves links and what Markdown would read as code or a table. */
function linesOf(paragraph: string, width: number): string[] {
  let inFence = false;
  // As much as fits, or one longer word.
  const part = new RegExp(`(.{1,${width}}|\\S+)(?: |$)`, "g");
  const text = paragraph.replaceAll("*/", "*\\/").replaceAll(/\r\n?|[\u2028\u2029]/g, "\n");
  return text.split("\n").flatMap((line) => {
    const trimmed = line.trimEnd();
    if (/^\s*(```|~~~)/.test(trimmed)) inFence = !inFence;
    const isWhole = inFence || /^( {4}|\t|\s*\||@see |$)/.test(trimmed);
    return isWhole ? [trimmed] : [...trimmed.matchAll(part)].map(([, words = ""]) => words.trimEnd());
  });
}

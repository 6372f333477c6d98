// TypeScript source as text: names, literals and documentation comments, with whatever the contract says escaped.

/** A string literal. */
export function literal(value: string): string {
  return JSON.stringify(value).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

/** A property name, quoted where it is not an identifier. */
export function propertyName(name: string): string {
  return isIdentifier(name) ? name : literal(name);
}

/** Whether a name can stand in TypeScript without quotes. */
export function isIdentifier(name: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u.test(name);
}

/** The name in PascalCase, for the types of an operation. */
export function typeName(operationId: string): string {
  return operationId.charAt(0).toUpperCase() + operationId.slice(1);
}

/** `[ "a", "b" ]` on one line. */
export function literalList(values: readonly (string | number)[]): string {
  return `[${values.map((value) => (typeof value === "number" ? value : literal(value))).join(", ")}]`;
}

const columns = 120;

/** A TSDoc comment of these paragraphs; nothing where there is nothing to say. */
export function docComment(paragraphs: readonly (string | undefined)[], indent: string): string {
  const said = paragraphs.filter((paragraph) => paragraph !== undefined && paragraph.trim() !== "");
  if (said.length === 0) return "";
  const lines = said.flatMap((paragraph, index) => [
    // Tags follow each other; paragraphs are set apart.
    ...(index > 0 && !(isTag(paragraph) && isTag(said[index - 1])) ? [""] : []),
    ...wrap(inComment(paragraph ?? ""), columns - indent.length - 3),
  ]);
  const [only] = lines;
  if (lines.length === 1 && only !== undefined && indent.length + only.length + 7 <= columns) {
    return `${indent}/** ${only} */\n`;
  }
  return `${indent}/**\n${lines.map((line) => `${indent} *${line === "" ? "" : ` ${line}`}\n`).join("")}${indent} */\n`;
}

function isTag(paragraph: string | undefined): boolean {
  return /^@\w+/.test(paragraph ?? "");
}

function inComment(text: string): string {
  return text
    .trim()
    .replaceAll("*/", "*\\/")
    .replaceAll(/\r\n?|[\u2028\u2029]/g, "\n");
}

/** Breaks long lines at spaces, but leaves what Markdown would read as code. */
function wrap(text: string, width: number): string[] {
  let inFence = false;
  return text.split("\n").flatMap((line) => {
    const trimmed = line.trimEnd();
    if (/^\s*(```|~~~)/.test(trimmed)) inFence = !inFence;
    return inFence || /^( {4}|\t|\s*\|)/.test(trimmed) ? [trimmed] : wrapLine(trimmed, width);
  });
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const space = rest.lastIndexOf(" ", width);
    const cut = space > 0 ? space : rest.indexOf(" ", width);
    if (cut <= 0) break;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut + 1);
  }
  return [...lines, rest];
}

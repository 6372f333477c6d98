// TSDoc comments of what the contract says, with whatever would end the comment or begin a tag escaped.
import { columns } from "./typescript-text.js";

/** Text of the contract as a paragraph; undefined where there is none. */
export function prose(text: string | undefined): string | undefined {
  // A word that begins with @ would be a tag of TSDoc.
  return text?.trim().replaceAll(/(^|\s)@(?=\w)/g, "$1\\@");
}

/** Markdown code that may itself hold backticks. */
export function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return longest > 0 ? `${fence} ${text} ${fence}` : `${fence}${text}${fence}`;
}

/** A `@see` tag. */
export function seeAlso(url: string, description: string | undefined): string {
  const address = encodeURI(url)
    .replaceAll(/%25(?=[\dA-Fa-f]{2})/g, "%")
    .replaceAll("|", "%7C");
  const label = description?.replaceAll(/[{}|\s]+/g, " ").trim();
  return label === undefined ? `@see {@link ${address}}` : `@see {@link ${address} | ${label}}`;
}

/** A comment of these paragraphs, what is undefined or empty left out; "" where there is nothing to say. */
export function docComment(paragraphs: readonly (string | undefined)[], indent: string): string {
  const said = paragraphs.filter((paragraph) => paragraph !== undefined && paragraph !== "");
  const lines = said.flatMap((paragraph, index) => [
    // Tags follow each other; paragraphs are set apart.
    ...(index > 0 && !(isTag(said[index - 1]) && isTag(paragraph)) ? [""] : []),
    ...linesOf(paragraph ?? "", columns - indent.length - 3),
  ]);
  const [first] = lines;
  if (first === undefined) return "";
  if (lines.length === 1 && indent.length + first.length + 7 <= columns) return `${indent}/** ${first} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} *${line === "" ? "" : ` ${line}`}\n`).join("")}${indent} */\n`;
}

function isTag(paragraph: string | undefined): boolean {
  return paragraph?.startsWith("@") ?? false;
}

/** Breaks long lines at spaces, but leaves links and what Markdown would read as code or a table. */
function linesOf(paragraph: string, width: number): string[] {
  let inFence = false;
  const text = paragraph.replaceAll("*/", "*\\/").replaceAll(/\r\n?|[\u2028\u2029]/g, "\n");
  return text.split("\n").flatMap((line) => {
    const trimmed = line.trimEnd();
    if (/^\s*(```|~~~)/.test(trimmed)) inFence = !inFence;
    return inFence || /^( {4}|\t|\s*\||@see )/.test(trimmed) ? [trimmed] : wrap(trimmed, width);
  });
}

function wrap(line: string, width: number): string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const before = rest.lastIndexOf(" ", width);
    const cut = before > 0 ? before : rest.indexOf(" ", width);
    if (cut <= 0) break;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut + 1);
  }
  return [...lines, rest];
}

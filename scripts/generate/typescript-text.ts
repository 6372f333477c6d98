/** TypeScript source as text: names, literals and documentation comments, with whatever the contract says escaped. */

/** @param indent if it is to take several lines */
export function literal(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

/** The name in PascalCase, for the types of an operation. */
export function typeName(operationId: string): string {
  return operationId.charAt(0).toUpperCase() + operationId.slice(1);
}

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

/** A comment of these paragraphs, with the lines that they have; "" if there is nothing to say. */
export function docComment(indent: string, paragraphs: readonly (string | false | undefined)[]): string {
  const text = paragraphs.flatMap((paragraph) => (paragraph || "").trim() || []).join("\n\n");
  const lines = text.replaceAll("*/", "*\\/").split(/\r\n?|[\n\u2028\u2029]/);
  if (lines.length === 1) return text && `${indent}/** ${lines[0]} */\n`;
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`, ""].join("\n");
}

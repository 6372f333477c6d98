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

/** Greatest width of a line, where it can be broken. */
export const columns = 120;

/**
 * The contract's path templates: a URL is made by filling one in, and one that was made elsewhere must fit one.
 */
import { type OperationDescription, operations } from "../../generated/operations.js";

interface PathTemplate {
  /** What stands around the placeholders: one more than there are of them. */
  readonly literals: readonly string[];
  readonly placeholders: readonly Placeholder[];
  readonly expression: RegExp;
}

interface Placeholder {
  readonly name: string;
  /** What the contract wants of the value, if it says so. */
  readonly pattern: RegExp | undefined;
}

const templates = new WeakMap<OperationDescription, PathTemplate>();

function templateOf(operation: OperationDescription): PathTemplate {
  const known = templates.get(operation);
  if (known !== undefined) return known;
  const literals = operation.path.split(/\{[^{}]+\}/);
  const escaped = literals.map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const template = {
    literals,
    placeholders: [...operation.path.matchAll(/\{([^{}]+)\}/g)].map(([, name = ""]) => {
      const pattern = operation.parameters.find((each) => each.in === "path" && each.name === name)?.pattern;
      return { name, pattern: pattern === undefined ? undefined : expressionOf(pattern) };
    }),
    expression: new RegExp(`^${escaped.join("([^/]+)")}$`),
  };
  templates.set(operation, template);
  return template;
}

/** Read as the validators read it: by Unicode's rules, unless it is a regular expression only without them. */
function expressionOf(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "u");
  } catch {
    return new RegExp(pattern);
  }
}

/**
 * The path with the values in place; undefined where one of them would lead to another resource.
 *
 * Written as OpenAPI's style `simple`, the only one that the generator lets through.
 */
export function filledPath(
  operation: OperationDescription,
  values: Readonly<Record<string, unknown>>,
): string | undefined {
  const { literals, placeholders } = templateOf(operation);
  let path = literals[0] ?? "";
  for (const [index, placeholder] of placeholders.entries()) {
    const value = values[placeholder.name] ?? "";
    const text = Array.isArray(value) ? value.join(",") : String(value);
    if (!isAllowed(text, placeholder)) return undefined;
    const encoded = Array.isArray(value) ? value.map(encodeURIComponent).join(",") : encodeURIComponent(text);
    path += encoded + literals[index + 1];
  }
  return path;
}

/** The operation that a method and a path (without the base URL) belong to; undefined where the contract has none. */
export function operationAt(method: string, path: string): OperationDescription | undefined {
  return Object.values<OperationDescription>(operations).find(
    (operation) => operation.method === method && fits(templateOf(operation), path),
  );
}

function fits({ expression, placeholders }: PathTemplate, path: string): boolean {
  const values = expression.exec(path)?.slice(1);
  return (
    values !== undefined &&
    placeholders.every((placeholder, index) => isAllowed(decode(values[index] ?? ""), placeholder))
  );
}

/** Whatever the contract says of a value: it must not be one that changes which resource is meant. */
function isAllowed(value: string, { pattern }: Placeholder): boolean {
  if (value === "" || value === "." || value === "..") return false;
  return pattern?.test(value) ?? !/[/\\\0]/.test(value);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // Malformed percent-encoding: looked at as it stands, it fits no pattern that a decoded value fits.
    return segment;
  }
}

/**
 * No value of a path may change which resource is meant, and no request goes to a path that the contract does not have.
 */
import { type OperationDescription, operations } from "../../generated/operations.js";

interface PathTemplate {
  readonly expression: RegExp;
  /** The pattern of each placeholder, in their order; undefined if the contract gives it none. */
  readonly patterns: readonly (RegExp | undefined)[];
}

const templates = new WeakMap<OperationDescription, PathTemplate>();

function templateOf(operation: OperationDescription): PathTemplate {
  const known = templates.get(operation);
  if (known !== undefined) return known;
  const literals = operation.path.split(/\{[^{}]+\}/);
  const escaped = literals.map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const template = {
    expression: new RegExp(`^${escaped.join("([^/]+)")}$`),
    patterns: [...operation.path.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => {
      const pattern = operation.parameters.find((each) => each.in === "path" && each.name === name)?.pattern;
      return pattern === undefined ? undefined : expressionOf(pattern);
    }),
  };
  templates.set(operation, template);
  return template;
}

/** Read as the validators read it: with Unicode's rules, unless it is a regular expression only without them. */
function expressionOf(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "u");
  } catch {
    return new RegExp(pattern);
  }
}

/** The operation that a method and a path (without the base URL) belong to; undefined if the contract has none. */
export function operationAt(
  method: string,
  path: string,
  contract: readonly OperationDescription[] = Object.values(operations),
): OperationDescription | undefined {
  return contract.find((operation) => operation.method === method && matches(templateOf(operation), path));
}

function matches({ expression, patterns }: PathTemplate, path: string): boolean {
  const values = expression.exec(path)?.slice(1).map(decoded);
  const isAllowed = (value: string, index: number) =>
    staysInPlace(value, patterns[index]) && patterns[index]?.test(value) !== false;
  return values?.every(isAllowed) === true;
}

/**
 * Whether a value leads to no other resource, once it stands in a path: it is not empty, no dot segment and, unless
 * the contract's pattern speaks for it, without a separator.
 */
export function staysInPlace(value: string, pattern: unknown): boolean {
  if (value === "" || value === "." || value === "..") return false;
  return pattern !== undefined || !/[/\\\0]/.test(value);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // Malformed percent-encoding: as it stands, it matches no pattern that a decoded value matches.
    return segment;
  }
}

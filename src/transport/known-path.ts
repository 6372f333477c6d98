/**
 * Lets through only what the contract describes: whatever built a URL, one whose path fits no template is refused.
 */
import { type OperationDescription, operations } from "../../generated/operations.js";

interface PathTemplate {
  readonly operation: OperationDescription;
  readonly expression: RegExp;
  /** For each placeholder, in order, the pattern that its value must match. */
  readonly patterns: readonly (RegExp | undefined)[];
}

const PLACEHOLDER = /\{([^{}]+)\}/g;

function templateOf(operation: OperationDescription): PathTemplate {
  const names = [...operation.path.matchAll(PLACEHOLDER)].map((match) => match[1]);
  const literals = operation.path.split(/\{[^{}]+\}/).map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return {
    operation,
    expression: new RegExp(`^${literals.join("([^/]+)")}$`),
    patterns: names.map((name) => {
      const pattern = operation.parameters.find((each) => each.in === "path" && each.name === name)?.pattern;
      return pattern === undefined ? undefined : new RegExp(pattern, "u");
    }),
  };
}

const TEMPLATES: readonly PathTemplate[] = Object.values(operations).map(templateOf);

/** The operation that a method and a path (without the base URL) belong to; undefined where the contract has none. */
export function operationAt(method: string, path: string): OperationDescription | undefined {
  return TEMPLATES.find((template) => template.operation.method === method && fits(template, path))?.operation;
}

function fits({ expression, patterns }: PathTemplate, path: string): boolean {
  const values = expression.exec(path)?.slice(1);
  return values?.every((value, index) => patterns[index]?.test(decode(value)) ?? isPlainSegment(value)) ?? false;
}

/** A segment without a pattern of its own is at least not one that changes which resource is meant. */
function isPlainSegment(value: string): boolean {
  return !/^\.{1,2}$/.test(decode(value)) && !/[/\\\0]/.test(decode(value));
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // Malformed percent-encoding: looked at as it stands, it fits no pattern that a decoded value fits.
    return segment;
  }
}

/** Constraints that no test can break, and why; everything else has to be broken. */
import type { Constraint } from "../contract/constraints.js";
import type { Parameter } from "../contract/contract.js";

/** Why no value at all breaks the constraint, if that is so. */
export function unbreakable({ keyword, schema }: Constraint): string | undefined {
  if (keyword === "format" && ["password", "binary", "float", "double"].includes(String(schema["format"]))) {
    return "the format forbids nothing";
  }
  if (["minLength", "minItems", "minProperties"].includes(keyword) && schema[keyword] === 0)
    return "it forbids nothing";
  return undefined;
}

/** Why no text in a URL or header breaks the constraint, if that is so. */
export function inexpressible(parameter: Parameter, constraint: Constraint): string | undefined {
  const { keyword, schema } = constraint;
  if (keyword === "type" && schema["type"] === "string") return "in a URL or header every value is a string";
  if (keyword === "type" && schema["type"] === "array") return "in a URL or header one value is a list of one";
  if (keyword === "minItems" && schema["minItems"] === 1) return "in a URL or header an empty list is no value";
  if (keyword === "minLength" && schema["minLength"] === 1 && parameter.in === "path") {
    return "a path without the value is another path";
  }
  return unknownToPrism(constraint);
}

export function unknownToPrism({ keyword, schema }: Constraint): string | undefined {
  return keyword === "format" && schema["format"] === "int64" ? "Prism takes any whole number for an int64" : undefined;
}

/**
 * Valid arguments of each operation: given ones, the contract's own examples and defaults, or the plainest values that fit.
 */
import { type Operation, type Parameter, successesOf } from "../../../contract-tests/contract/operations.js";
import { admittedForParameter, admittedValues } from "../../../contract-tests/contract/values.js";
import type { ResourceLink } from "../resource-links.js";
import type { Target } from "../target.js";
import { brokenBy, type Callable } from "./case.js";

/** Finds values for what an operation requires; or returns why it cannot be called. */
export function callableOf(
  operation: Operation,
  target: Pick<Target, "ids" | "local">,
  links: readonly ResourceLink[],
): Callable | string {
  const created = new Set(links.filter(({ user }) => user === operation).map(({ parameter }) => parameter));
  const parameters: Record<string, unknown> = {};
  const missing: string[] = [];
  for (const parameter of operation.parameters.filter(({ required }) => required)) {
    const [value] = valuesFor(parameter, target, created);
    if (value === undefined) missing.push(parameter.name);
    else parameters[parameter.name] = value;
  }
  const [mediaType] = operation.body?.mediaTypes ?? [];
  const [body] = mediaType === undefined ? [] : admittedValues(mediaType.schema, mediaType.at, "request");
  if (operation.body?.required === true && body === undefined) missing.push("body");
  if (missing.length > 0) return `no valid value is known for ${missing.join(", ")}`;
  const accept = successesOf(operation).flatMap(({ mediaTypes }) => mediaTypes)[0]?.name;
  const callable = { operation, parameters, body, accept, contentType: mediaType?.name, created };
  const broken = brokenBy(callable);
  return broken.length === 0 ? callable : `the values break the contract: ${broken.join(", ")}`;
}

/** Values that a parameter can have, the likeliest first. */
function valuesFor(
  parameter: Parameter,
  { ids, local }: Pick<Target, "ids" | "local">,
  created: ReadonlySet<string>,
): readonly unknown[] {
  const given = ids[parameter.name];
  if (given !== undefined) return [given];
  // The example stands in until the real one is created; no request goes out with it if it could be somebody else's.
  const standsForOthers = parameter.in === "path" && !local && !created.has(parameter.name);
  return standsForOthers ? [] : admittedForParameter(parameter);
}

/** The values of an optional parameter that are worth trying: each one of a boolean or a list, else the likeliest. */
export function valuesToTry(parameter: Parameter): readonly unknown[] {
  const values = admittedForParameter(parameter);
  const all = parameter.schema?.get("type")?.text === "boolean" || parameter.schema?.has("enum") === true;
  return all ? values : values.slice(0, 1);
}

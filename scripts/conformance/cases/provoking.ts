/**
 * Requests that are to show documented answers which a valid request does not: ids that nobody made, and, where a mock can
 * be asked, every documented error. They belong to status_code_conformance; whatever is documented will do.
 */
import { violationsOf } from "../prism/requests.js";
import type { Random } from "../random.js";
import { type Callable, type Case, caseOf, type Derived, type Untried } from "./case.js";
import { written } from "./wire.js";

const CHECK = "status_code_conformance";

/** A valid request in which one id is another one of the same form; `undefined` where no other valid one is known. */
export function unknownIdCase(callable: Callable, parameter: string, random: Random): Case | undefined {
  const { operation, args, contentType } = callable;
  const id = otherId(String(args.parameters[parameter]), random);
  const changed = { ...args, parameters: { ...args.parameters, [parameter]: id } };
  const draft = written(operation, changed, contentType);
  if (draft === undefined || violationsOf(operation, draft).length > 0) return undefined;
  return caseOf(callable, {
    check: CHECK,
    title: `a ${parameter} that nobody made`,
    args: changed,
    expected: undefined,
  });
}

/** The same for each id in the path. */
export function unknownIdCases(callable: Callable, random: Random): Derived {
  const { operation } = callable;
  const cases: Case[] = [];
  const untried: Untried[] = [];
  for (const { name } of operation.parameters.filter((parameter) => parameter.in === "path")) {
    const found = unknownIdCase(callable, name, random);
    if (found !== undefined) cases.push(found);
    else untried.push({ operation, what: `unknown ${name}`, reason: "no other valid value is known" });
  }
  return { cases, untried };
}

/** Every documented error, by the header that Prism and mocks like it obey. */
export function preferredCases(callable: Callable): Derived {
  const statuses = callable.operation.responses.map(({ status }) => Number(status)).filter((status) => status >= 300);
  const cases = statuses.map((prefer) =>
    caseOf(callable, { check: CHECK, title: `Prefer: code=${prefer}`, prefer, expected: undefined }),
  );
  return { cases, untried: [] };
}

/** The last hexadecimal digits drawn anew: what stands before them may be a fixed beginning. */
function otherId(id: string, random: Random): string {
  const digits = /[0-9a-f]*$/.exec(id)?.[0].length ?? 0;
  return id.slice(0, id.length - digits) + random.text("0123456789abcdef", digits);
}

/**
 * What Prism's validators say of a request, before it is sent: whether a case that is to be refused really breaks the
 * contract, and one that is to be accepted does not.
 */
import { parse as parseQuery } from "node:querystring";
import { validateInput } from "@stoplight/prism-http/dist/validator/index.js";
import type { RequestDraft } from "../cases/wire.js";
import type { Operation } from "../contract/operations.js";

/** One constraint that a request breaks. */
export interface RequestViolation {
  /** `path`, `query`, `header` or `body`, and the keys from there; a parameter's name is in lower case. */
  readonly path: readonly string[];
  readonly keyword: string;
}

/** What a request breaks. */
export function violationsOf(operation: Operation, draft: RequestDraft): RequestViolation[] {
  const [path = "", query = ""] = draft.target.split("?", 2);
  const length = draft.body === undefined ? {} : { "content-length": String(Buffer.byteLength(draft.body)) };
  const body: unknown = draft.body === undefined ? undefined : JSON.parse(draft.body);
  const url = { path, query: queryOf(query) };
  const element = { method: PRISM_METHODS[operation.method], url, headers: { ...draft.headers, ...length }, body };
  const result = validateInput({ resource: operation.prism, element });
  if (result._tag === "Right") return [];
  return result.left.map(({ path = ["body"], code = "" }) => ({ path: path.map(String), keyword: String(code) }));
}

const PRISM_METHODS = {
  GET: "get",
  PUT: "put",
  POST: "post",
  DELETE: "delete",
  OPTIONS: "options",
  HEAD: "head",
  PATCH: "patch",
  TRACE: "trace",
} as const;

function queryOf(text: string): Record<string, string | string[]> {
  const given = Object.entries(parseQuery(text));
  return Object.fromEntries(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

// Generated from the OpenAPI contract by `npm run generate`. Do not edit: change the contract instead.

import type { OperationId } from "./operations.js";

/** One thing that is wrong with a value, as ajv reports it. */
export interface Violation {
  /** JSON pointer of the place in the value, "" for the value itself. */
  readonly instancePath: string;
  /** The keyword of the schema that is broken. */
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** Says whether a value fits; `errors` then lists all that is wrong, until the next call. Never changes the value. */
export interface Validate {
  (data: unknown): boolean;
  errors?: readonly Violation[] | null;
}

/** The whole flat argument object of an operation: path, query and header values by name, and `body`. */
export const argumentValidators: Readonly<Record<OperationId, Validate>>;

/**
 * The bodies of the success responses by status; a status is absent if the contract gives its response no schema, or one
 * that is not JSON. `format` is not checked in responses.
 */
export const responseValidators: Readonly<Record<OperationId, Readonly<Record<number | "2XX", Validate>>>>;

/** As `validate(data)`, but any string matches any `pattern`. */
export function withoutPatterns(validate: Validate, data: unknown): boolean;

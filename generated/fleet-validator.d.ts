// Generated from fleet.schema.json by `npm run generate`. Do not edit: change the schema instead.

import type { Violation } from "./validators.js";

/** One thing that is wrong with a fleet file, as ajv reports it. */
export interface FleetViolation extends Violation {
  /** The value in question. */
  readonly data?: unknown;
  /** The schema that has the keyword. */
  readonly parentSchema?: { readonly title?: string; readonly properties?: object };
}

/** Says whether a value fits the schema; `errors` then lists all that is wrong, until the next call. */
export const validateFleet: { (data: unknown): boolean; errors?: readonly FleetViolation[] | null };

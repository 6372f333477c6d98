/**
 * Generated validators, tried.
 */
import { expect } from "vitest";

export interface Validate {
  (data: unknown): boolean;
  errors?: readonly { instancePath: string; keyword: string; params: object; message?: string }[] | null;
}
export interface Validators {
  argumentValidators: Record<string, Validate>;
  responseValidators: Record<string, Record<number | "2XX", Validate>>;
}

/** `instancePath keyword` of every violation; none for a value that fits. */
export function violations(validate: Validate | undefined, data: unknown): string[] {
  if (validate === undefined) expect.fail("there is no such validator");
  const before = JSON.stringify(data);
  const fits = validate(data);
  expect(JSON.stringify(data)).toBe(before);
  expect(fits).toBe((validate.errors ?? []).length === 0);
  // That a value breaks a branch of a discriminator is said by what it breaks there.
  const errors = (validate.errors ?? []).filter(({ keyword }) => keyword !== "if");
  return errors.map(({ instancePath, keyword }) => `${instancePath} ${keyword}`.trim()).sort();
}

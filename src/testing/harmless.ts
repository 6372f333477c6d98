/**
 * For tests: searches everything that can be seen of an error for the value of the secret.
 */
import { inspect } from "node:util";
import { expect } from "vitest";
import type { AtlasError } from "../index.js";
import { secretValue } from "./scripted-client.js";

/** Nothing that a program, a logger or a debugger prints of the error may hold the secret, nor be long. */
export function expectHarmless(error: AtlasError): void {
  const printed = [
    error.message,
    error.stack ?? "",
    inspect(error, { depth: 9, showHidden: true }),
    JSON.stringify(error),
  ];
  for (const text of printed) {
    // Characters between the characters do not hide it: somebody could still read it.
    const legible = text.replace(/[^\w-]/g, "");
    expect(legible).not.toContain(secretValue.slice("mdb_sa_sk_".length));
  }
  expect(error.message.length).toBeLessThan(2000);
}

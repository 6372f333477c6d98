/** Wrong argument names, missing arguments and misuse of results do not compile, each for the reason that is named. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { typeErrors } from "../../src/testing/type-errors.js";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const directive = /^ *\/\/ @ts-expect-error TS(\d+): .+$/;

test("every misuse is an error of the named kind, and nothing else is one", async () => {
  const source = readFileSync(new URL("testing/misuse.ts", import.meta.url), "utf8");
  const expected = source.split("\n").flatMap((line, index) => {
    const code = directive.exec(line)?.[1];
    return code === undefined ? [] : [`line ${index + 2}: TS${code}`];
  });
  expect(expected.length).toBeGreaterThan(40);
  expect(source.match(/@ts-expect-error/g)).toHaveLength(expected.length);
  // Without the directives the compiler says what it has to say.
  expect(await errorsIn(source.replaceAll("@ts-expect-error", "an error:"))).toStrictEqual(expected);
});

/** One entry for each line and code. */
async function errorsIn(text: string): Promise<string[]> {
  const file = text.replaceAll(/"(?:\.\.\/)+src\//g, `"${PROJECT}src/`);
  const errors = await typeErrors(new Map([["misuse.ts", file]]));
  return [
    ...new Set(errors.map((error) => error.replace(/^misuse\.ts\((\d+),\d+\): error (TS\d+):.*$/s, "line $1: $2"))),
  ];
}

/** Wrong argument names, missing arguments and misuse of results do not compile, each for the reason that is named. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const directive = /^ *\/\/ @ts-expect-error TS(\d+): .+$/;

test("every misuse is an error of the named kind, and nothing else is one", () => {
  const source = readFileSync(new URL("testing/misuse.ts", import.meta.url), "utf8");
  const expected = source.split("\n").flatMap((line, index) => {
    const code = directive.exec(line)?.[1];
    return code === undefined ? [] : [`line ${index + 2}: TS${code}`];
  });
  expect(expected.length).toBeGreaterThan(40);
  expect(source.match(/@ts-expect-error/g)).toHaveLength(expected.length);
  // Without the directives the compiler says what it has to say.
  expect(errorsIn(source.replaceAll("@ts-expect-error", "an error:"))).toStrictEqual(expected);
});

/** The errors of a file with this text, compiled as the project is; one entry for each line and code. */
function errorsIn(text: string): string[] {
  const directory = mkdtempSync(join(tmpdir(), "misuse-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  symlinkSync(join(PROJECT, "node_modules"), join(directory, "node_modules"), "junction");
  const compilerOptions = { typeRoots: [join(PROJECT, "node_modules/@types")] };
  const config = { extends: join(PROJECT, "tsconfig.json"), compilerOptions, files: ["misuse.ts"], include: [] };
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(config));
  writeFileSync(join(directory, "package.json"), '{ "type": "module" }');
  writeFileSync(join(directory, "misuse.ts"), text.replaceAll(/"(?:\.\.\/)+src\//g, `"${PROJECT}src/`));
  const args = [join(PROJECT, "node_modules/typescript-7/bin/tsc"), "--project", directory, "--singleThreaded"];
  const { stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const found = stdout.matchAll(/^(.*)\((\d+),\d+\): error (TS\d+):/gm);
  return [...new Set([...found].map(([, , line, code]) => `line ${line}: ${code}`))];
}

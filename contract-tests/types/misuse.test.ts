/** Wrong argument names, missing arguments and misuse of results do not compile, each for the reason that is named. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const file = fileURLToPath(new URL("testing/misuse.ts", import.meta.url));
const configFile = fileURLToPath(new URL("../../tsconfig.json", import.meta.url));
const directive = /^ *\/\/ @ts-expect-error TS(\d+): .+$/;

test("every misuse is an error of the named kind, and nothing else is one", () => {
  const source = ts.sys.readFile(file) ?? "";
  const expected = source.split("\n").flatMap((line, index) => {
    const code = directive.exec(line)?.[1];
    return code === undefined ? [] : [`line ${index + 2}: TS${code}`];
  });
  expect(expected.length).toBeGreaterThan(40);
  expect(source.match(/@ts-expect-error/g)).toHaveLength(expected.length);
  // Without the directives the compiler says what it has to say.
  expect(errorsIn(source.replaceAll("@ts-expect-error", "an error:"))).toStrictEqual(expected);
});

/** The errors of the file with this text, compiled as the project is; one entry for each line and code. */
function errorsIn(text: string): string[] {
  const { config } = ts.readConfigFile(configFile, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, dirname(configFile));
  const host = ts.createCompilerHost(options);
  const readFromDisk = host.getSourceFile.bind(host);
  host.getSourceFile = (name, language, ...others) =>
    name === file ? ts.createSourceFile(name, text, language) : readFromDisk(name, language, ...others);
  const program = ts.createProgram([file], options, host);
  const found = ts.getPreEmitDiagnostics(program, program.getSourceFile(file)).map(({ code, start }) => {
    const position = program.getSourceFile(file)?.getLineAndCharacterOfPosition(start ?? 0);
    return `line ${(position?.line ?? 0) + 1}: TS${code}`;
  });
  return [...new Set(found)];
}

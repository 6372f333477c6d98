/**
 * `npm run test:mutation`: changes the code of src/ in thousands of small ways (with Stryker) and counts how many of
 * them no test notices.
 *
 * One folder after the other, each on the tests beside it and those few of other folders that hold its promises. What
 * Stryker found out about a folder is kept in .stryker-tmp/, so that the next run, or the one after Ctrl-C, tries again
 * only the mutants whose own code or tests have changed.
 */
import { readdirSync, rmSync } from "node:fs";
import { posix } from "node:path";
import { Stryker } from "@stryker-mutator/core";
import { type CommandIo, command, EXIT, flag, integer, names, runMain, withDefault } from "./command.js";

/** Percent of the mutants of all folders together. */
const LEAST_SCORE = 90;

/** Tests outside a folder that hold what the folder promises. */
const TESTS_ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  src: [
    "src/auth/{service-account-tokens,token-endpoint}.test.ts",
    "src/operation/{call-options,error-hint,hostile-arguments,hostile-error-responses,operation}.test.ts",
    "src/options/client-options.test.ts",
    "src/safe/identity.test.ts",
    "src/transport/{caller-abort,network-failure,outcome,versions}.test.ts",
  ],
  "src/auth": [
    "src/auth/digest/digest-authentication.test.ts",
    "src/options/{client-options,options-from-env}.test.ts",
    "src/safe/secrecy.test.ts",
  ],
  "src/operation": ["src/client.test.ts", "src/raw/raw.test.ts", "src/transport/{envelope,outcome}.test.ts"],
  "src/options": ["src/client.test.ts", "src/transport/observe.test.ts"],
  "src/raw": [
    "src/client.test.ts",
    "src/operation/hostile-responses.test.ts",
    "src/safe/secrecy.test.ts",
    "src/transport/{caller-abort,observe,outcome}.test.ts",
  ],
  "src/transport": [
    "src/client.test.ts",
    "src/operation/{file-response,hostile-responses}.test.ts",
    "src/raw/raw.test.ts",
  ],
  "src/safe": ["src/transport/network-failure.test.ts"],
};

type Mutant = Awaited<ReturnType<Stryker["runMutationTest"]>>[number];

const COLUMNS = ["Killed", "Timeout", "Survived", "NoCoverage", "RuntimeError", "Ignored"] as const;

await runMain(
  command({
    name: "test:mutation",
    about:
      "Changes the code of src/ (without cli/) in thousands of small ways and tries on each the tests that reach it. " +
      "Prints the share that was noticed, for each folder and over all, and lists the mutants that survived. Takes about " +
      "an hour; a second run tries only what has changed, also after Ctrl-C (the folder that it was in starts again).",
    options: {
      only: names("folders", "these folders of src/, separated by commas", foldersToMutate()),
      force: flag("try all mutants again: an earlier result does not know what changed in other folders"),
      concurrency: withDefault(integer("n", "how many mutants at a time", 1, 64), 1),
    },
    afterHelp: `Exit codes: 0 at least ${LEAST_SCORE} % are noticed, 1 fewer are, 2 wrong usage.`,
    async run({ only = foldersToMutate(), force, concurrency }, io) {
      const tempDirName = `.stryker-tmp/sandbox-${process.pid}`;
      process.once("exit", () => rmSync(tempDirName, { recursive: true, force: true }));
      const rows: string[][] = [];
      const all: Mutant[] = [];
      for (const folder of only) {
        io.err(`test:mutation: ${folder}`);
        const start = performance.now();
        const mutants = await new Stryker({
          mutate: [`${folder}/*.ts`, "!**/*.test.ts"],
          testFiles: [`${folder}/*.test.ts`, ...(TESTS_ELSEWHERE[folder] ?? [])],
          incremental: true,
          incrementalFile: `.stryker-tmp/${folder.replaceAll("/", "-")}.json`,
          force,
          tempDirName,
          concurrency,
        }).runMutationTest();
        listSurvivors(mutants, io);
        all.push(...mutants);
        rows.push(row(folder, mutants, `${Math.round((performance.now() - start) / 1000)}`));
      }
      rows.push(row("all", all, ""));
      io.out(table([["", "mutants", ...COLUMNS, "score", "seconds"], ...rows]));
      return scoreOf(all) < LEAST_SCORE ? EXIT.found : EXIT.ok;
    },
  }),
);

/** Every folder with code of its own, without the command line. */
function foldersToMutate(): readonly string[] {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).map((file) => file.replaceAll("\\", "/"));
  const code = files.filter((file) => /\.ts$/.test(file) && !/\.test\.ts$|(^|\/)testing\/|^cli\//.test(file));
  return [...new Set(code.map((file) => posix.join("src", posix.dirname(file))))].sort();
}

function listSurvivors(mutants: readonly Mutant[], { out }: CommandIo): void {
  for (const { fileName, location, mutatorName, replacement, status } of mutants) {
    if (status !== "Survived" && status !== "NoCoverage") continue;
    const { line, column } = location.start;
    const text = (replacement ?? "").replaceAll(/\s+/g, " ").slice(0, 100);
    out(`${posix.relative(process.cwd(), fileName)}:${line}:${column} ${status} ${mutatorName}: ${text}`);
  }
}

function row(name: string, mutants: readonly Mutant[], seconds: string): string[] {
  const counts = COLUMNS.map((status) => `${count(mutants, status)}`);
  return [name, `${mutants.length}`, ...counts, scoreOf(mutants).toFixed(2), seconds];
}

/** Percent of the mutants that are noticed, of those that were tried and those that no test reaches. */
function scoreOf(mutants: readonly Mutant[]): number {
  const noticed = count(mutants, "Killed", "Timeout");
  return (100 * noticed) / (noticed + count(mutants, "Survived", "NoCoverage"));
}

function count(mutants: readonly Mutant[], ...statuses: readonly string[]): number {
  return mutants.filter(({ status }) => statuses.includes(status)).length;
}

function table(rows: readonly string[][]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0))) ?? [];
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)));
  return rows.map((cells) => line(cells).join("  ")).join("\n");
}

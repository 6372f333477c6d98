/**
 * Who may import whom: one direction, from top to bottom of the drawing in CONTRIBUTING, and no circles.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FILES = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts"], { cwd: ROOT })
  .toString()
  .trim()
  .split("\n");

/** `src/` from top to bottom: each row imports from itself and from those above it. */
const ROWS = [
  "src/platform.ts",
  "src/signals.ts",
  "src/safe/",
  "src/errors.ts",
  "src/load.ts",
  "src/transport/",
  "src/auth/",
  "src/options/",
  "src/operation/",
  "src/raw/",
  "src/calls.ts",
  "src/client.ts",
  "src/rotation/",
  "src/index.ts",
];

interface Import {
  readonly from: string;
  /** A path inside the repository, or a package. */
  readonly to: string;
}

const IMPORTS: readonly Import[] = FILES.flatMap((from) => {
  const text = readFileSync(posix.join(ROOT, from), "utf8");
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => ({
    from,
    to: fileName.startsWith(".") ? posix.join(posix.dirname(from), fileName).replace(/\.js$/, ".ts") : fileName,
  }));
});

const isTest = (file: string) => /\.test\.ts$|(^|\/)testing\//.test(file);
const isOwn = (file: string) => /^(src|generated|contract-tests|scripts|openapi)\//.test(file);
const rowOf = (file: string) => ROWS.findIndex((row) => file.startsWith(row));
const within = (...folders: string[]) => {
  return (file: string) => folders.some((folder) => file.startsWith(folder));
};

/** The imports that break a rule, one a line, so that a failure names them. */
function breaking(applies: (file: string) => boolean, allowed: (to: string, from: string) => boolean): string[] {
  return IMPORTS.filter(({ from, to }) => applies(from) && !allowed(to, from)).map(({ from, to }) => `${from} → ${to}`);
}
const product = (folder: string) => (file: string) => file.startsWith(folder) && !isTest(file);
const outside = (to: string) => !isOwn(to);

describe("imports", () => {
  it("are found", () => {
    expect(IMPORTS).toContainEqual({ from: "src/index.ts", to: "src/client.ts" });
    expect(IMPORTS.length).toBeGreaterThan(FILES.length);
  });

  it("of a product never lead into its tests; scripts and the mock may use the fake Atlas", () => {
    const isProduct = (file: string) => !isTest(file) && !/^contract-tests\/(?!mock\/)/.test(file);
    const allowed = (to: string, from: string) =>
      outside(to) || !isTest(to) || (to.startsWith("src/testing/atlas/") && !from.startsWith("src/"));
    expect(breaking(isProduct, allowed)).toEqual([]);
  });

  it("of src/ lead upward in the drawing", () => {
    const library = (file: string) => product("src/")(file) && !file.startsWith("src/cli/");
    const unplaced = FILES.filter((file) => library(file) && rowOf(file) === -1);
    expect(unplaced).toEqual([]);
    const upward = (to: string, from: string) =>
      outside(to) || to.startsWith("generated/") || (rowOf(to) !== -1 && rowOf(to) <= rowOf(from));
    expect(breaking(library, upward)).toEqual([]);
  });

  it("of the command line lead to the public face alone", () => {
    const allowed = (to: string) =>
      outside(to) || within("src/index.ts", "src/cli/", "generated/fleet-validator.ts")(to);
    expect(breaking(product("src/cli/"), allowed)).toEqual([]);
  });

  it("of commander are the command lines' alone", () => {
    const isCommandLine = (file: string) => file.startsWith("src/cli/") || file === "scripts/command.ts";
    expect(
      breaking(
        (file) => !isTest(file) && !isCommandLine(file),
        (to) => to !== "commander",
      ),
    ).toEqual([]);
  });

  it("of generated/ stay inside", () => {
    expect(breaking(within("generated/"), (to) => outside(to) || to.startsWith("generated/"))).toEqual([]);
  });

  it("of the fake Atlas stay inside, without the test runner", () => {
    const allowed = (to: string) => within("src/testing/atlas/", "generated/", "node:")(to);
    const isFake = (file: string) => file.startsWith("src/testing/atlas/") && !file.endsWith(".test.ts");
    expect(breaking(isFake, allowed)).toEqual([]);
  });

  it("of the tests' reader of the contract stay inside", () => {
    const allowed = (to: string) => outside(to) || within("contract-tests/contract/")(to);
    expect(breaking(product("contract-tests/contract/"), allowed)).toEqual([]);
  });

  it("of contract-tests/ lead to src/ and contract/, and never to scripts/", () => {
    expect(breaking(within("contract-tests/"), (to) => !to.startsWith("scripts/"))).toEqual([]);
  });

  it("of scripts/ lead to the mock and the reader among the contract tests, and not from one script into another", () => {
    const allowed = (to: string, from: string) => {
      if (to.startsWith("contract-tests/")) return within("contract-tests/mock/", "contract-tests/contract/")(to);
      const folder = /^scripts\/[^/]+\//.exec(to)?.[0];
      const isMain = /^scripts\/[^/]+$/.test(from);
      return folder === undefined || isMain || from.startsWith(folder);
    };
    expect(breaking(product("scripts/"), allowed)).toEqual([]);
  });

  it("of the generator lead to no contract test", () => {
    expect(breaking(within("scripts/generate/"), (to) => !to.startsWith("contract-tests/"))).toEqual([]);
  });

  it("go in no circles", () => {
    const importsOf = importsByFile();
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]) => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" → "));
      if (path.includes(file) || done.has(file)) return;
      for (const to of importsOf.get(file) ?? []) visit(to, [...path, file]);
      done.add(file);
    };
    for (const file of FILES) visit(file, []);
    expect(circles).toEqual([]);
  });
});

function importsByFile(): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { from, to } of IMPORTS) if (isOwn(to)) groups.set(from, [...(groups.get(from) ?? []), to]);
  return groups;
}

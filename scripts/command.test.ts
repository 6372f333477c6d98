/**
 * What every `npm run` command does with its arguments, its streams and its exit code.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it, test } from "vitest";
import { CONTRACT_FILE } from "../contract-tests/contract/operations.js";
import {
  CommandError,
  command,
  EXIT,
  flag,
  integer,
  names,
  seconds,
  suggestion,
  text,
  UsageError,
  withDefault,
} from "./command.js";
import { type Finished, runCommand } from "./testing/run-command.js";

const options = {
  seed: withDefault(integer("n", "the same seed makes the same cases", 0, 99), 7),
  timeout: seconds("seconds", "how long a response may take", 600),
  only: names("parts", "these parts", ["weight", "fleet", "growth"]),
  spec: text("file", "the contract"),
  json: flag("print JSON"),
};

interface Ran extends Finished {
  /** What `run` was called with, if it was. */
  readonly values?: unknown;
}

async function ran(args: readonly string[], fail?: () => unknown): Promise<Ran> {
  let called: { values: unknown } | undefined;
  const sample = command({
    name: "sample",
    about: "Does something.",
    positionals: { file: "the file" },
    options,
    afterHelp: "Example\n  npm run sample -- x",
    run: async (values) => {
      called = { values };
      const failure = fail?.();
      if (failure !== undefined) throw failure;
      return EXIT.found;
    },
  });
  return { ...(await runCommand(sample, args)), ...called };
}

test("values arrive read, what is not given with its default, and the exit code is what run returns", async () => {
  const nothing = { seed: 7, timeout: undefined, only: undefined, spec: undefined, json: false };
  expect(await ran(["a.yaml"])).toEqual({ exitCode: 1, out: "", err: "", values: { ...nothing, file: "a.yaml" } });
  const args = ["--seed=0", "--timeout", "0.5", "--only", "fleet,weight, fleet", "--json", "--spec", "b", "a"];
  const given = { seed: 0, timeout: 0.5, only: ["fleet", "weight"], json: true, spec: "b", file: "a" };
  expect((await ran(args)).values).toEqual(given);
  expect((await ran(["--json", "--", "--a"])).values).toMatchObject({ json: true, file: "--a" });
});

test.each(["--help", "-h"])("%s prints the usage to stdout", async (help) => {
  const { exitCode, out, err, values } = await ran(["--seed", "1", "--nonsense", help]);
  expect({ exitCode, err, values }).toEqual({ exitCode: 0, err: "", values: undefined });
  expect(out).toMatch(/^Usage: npm run sample -- \[options\] <file>\n\nDoes something\.\n/);
  for (const name of [...Object.keys(options), "help"]) expect(out).toMatch(new RegExp(`^ .*--${name}\\b`, "m"));
  expect(out).toContain("the same seed makes the same cases (default: 7)");
  expect(out).toMatch(/\n\nExample\n {2}npm run sample -- x\n$/);
});

describe("wrong usage exits with 2 before anything is done and says on stderr", () => {
  it.each([
    [["a", "--sed", "1"], "unknown option '--sed' (Did you mean --seed?)"],
    [["a", "--client-secret=mdb_sa_sk_'fake'"], "unknown option '--client-secret=…'"],
    [["a", "-j"], "unknown option '-j'"],
    [["a", "--json=yes"], "unknown option '--json=…'"],
    [["a", "b"], "too many arguments. Expected 1 argument but got 2."],
    [[], "missing required argument 'file'"],
    [[""], "missing required argument 'file'"],
    [["a", "--spec"], "option '--spec <file>' argument missing"],
    [["a", "--spec", "--json"], "option '--spec <file>' argument missing"],
    [["a", "--spec", ""], '--spec: expected a value, got ""'],
    [["a", "--json", "--json"], "--json is given more than once"],
    [["a", "--spec", "x", "--spec=x"], "--spec is given more than once"],
    [["a", "--seed", "1e1"], '--seed: expected an integer from 0 to 99, got "1e1"'],
    [["a", "--seed", "-1"], '--seed: expected an integer from 0 to 99, got "-1"'],
    [["a", "--seed", "100"], '--seed: expected an integer from 0 to 99, got "100"'],
    [["a", "--timeout", "0"], '--timeout: expected seconds up to 600, got "0"'],
    [["a", "--timeout", "soon"], '--timeout: expected seconds up to 600, got "soon"'],
    [["a", "--only", "wieght"], '--only: expected weight, fleet, growth, got "wieght"'],
  ])("%j: %s", async (args, problem) => {
    const err = `sample: ${problem}\nsample: see npm run sample -- --help\n`;
    expect(await ran(args)).toEqual({ exitCode: 2, out: "", err });
  });
});

describe("what run throws", () => {
  it("is usage if it is a UsageError: each problem a line, and where to look", async () => {
    const err = "sample: --a is for --b\nsample: two\nsample: see npm run sample -- --help\n";
    expect(await ran(["a"], () => new UsageError("--a is for\n  --b", "two"))).toMatchObject({
      exitCode: 2,
      out: "",
      err,
    });
  });

  it("is one line without a stack if it is a CommandError, with its exit code", async () => {
    const failure = () => new CommandError(["the port is taken"], EXIT.found);
    expect(await ran(["a"], failure)).toMatchObject({ exitCode: 1, out: "", err: "sample: the port is taken\n" });
  });

  it("is shown without control characters, whatever it quotes", async () => {
    const failure = () => new CommandError(["no \u001b[2J\u009b31m\r\nhere"]);
    expect(await ran(["a"], failure)).toMatchObject({ err: "sample: no [2J 31m here\n" });
  });

  it("is shown with its stack if it is a defect", async () => {
    const { exitCode, err } = await ran(["a"], () => new TypeError("x is not a function"));
    expect(exitCode).toBe(2);
    expect(err).toMatch(/^sample: TypeError: x is not a function\n {4}at .*command\.test\.ts/);
  });
});

test("what cannot be written to stdout is exit code 2, which says of nothing that it was found", () => {
  const main = fileURLToPath(new URL("spec-diff/main.ts", import.meta.url));
  const full = openSync("/dev/full", "w");
  const { status, stderr } = spawnSync(process.execPath, ["--import", "tsx", main, CONTRACT_FILE], {
    stdio: ["ignore", full, "pipe"],
    encoding: "utf8",
  });
  closeSync(full);
  expect([status, stderr]).toEqual([2, "cannot write to stdout (ENOSPC)\n"]);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("a temporary folder goes with %s", async (signal, exitCode) => {
  const module = new URL("tarball.ts", import.meta.url).href;
  const code = `import { temporaryFolder } from "${module}"; console.log(temporaryFolder("command-test-")); setInterval(() => {}, 1e6);`;
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", code]);
  const [line] = await once(child.stdout, "data");
  const folder = String(line).trim();
  expect(existsSync(folder)).toBe(true);
  child.kill(signal);
  expect(await once(child, "exit")).toEqual([exitCode, null]);
  expect(existsSync(folder)).toBe(false);
});

test("a suggestion is made for any list of names", () => {
  expect(suggestion("ignored_authentication", ["ignored_auth", "positive_data"])).toBe("");
  expect(suggestion("ignored_aut", ["ignored_auth", "positive_data"])).toBe(" (Did you mean ignored_auth?)");
  expect(suggestion("creat", ["create", "delete"])).toBe(" (Did you mean create?)");
});

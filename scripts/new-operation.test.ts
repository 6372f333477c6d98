/**
 * A new operation is data: in a copy of the project the contract grows by additions.yaml of the derived tests, and the
 * copy is generated, type-checked, contract-tested and conformance-checked without a further edit.
 */
import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { isObject, listOf, objectOf, valueAt } from "../contract-tests/contract/json.js";
import { CONTRACT_FILE, readContract } from "../contract-tests/contract/operations.js";
import { factsOf } from "../contract-tests/derived/facts.js";
import { runConformance } from "./conformance/run.js";
import { generateCommand } from "./generate/generate.js";

const PROJECT = fileURLToPath(new URL("../", import.meta.url));
const ADDITIONS = new URL("../contract-tests/derived/testing/additions.yaml", import.meta.url);
const NEW_OPERATIONS = [
  "listGroupServiceAccountSecrets",
  "setGroupServiceAccountExpiry",
  "replaceThings",
  "setLimits",
  "listLimits",
];
/** Several compilers and servers run in it, on a machine that may have more to do. */
const TIMEOUT_MS = 600_000;

let copy: string;
let contractFile: string;
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), "new-operation-"));
  contractFile = join(copy, relative(PROJECT, CONTRACT_FILE));
  const copied = ["contract-tests", "generated", "openapi", "scripts", "src", "package.json", "tsconfig.json"];
  for (const name of copied) await cp(join(PROJECT, name), join(copy, name), { recursive: true });
  await symlink(join(PROJECT, "node_modules"), join(copy, "node_modules"), "junction");
  const additions: unknown = parse(await readFile(ADDITIONS, "utf8"));
  const grown = merged(parse(await readFile(CONTRACT_FILE, "utf8")), additions);
  await writeFile(contractFile, stringify(grown, { aliasDuplicateObjects: false }));
  const io = { out: expect.fail, err: expect.fail, env: {}, columns: 100 };
  expect(await generateCommand(["--spec", contractFile, "--out", join(copy, "generated")], io)).toBe(0);
}, TIMEOUT_MS);
afterAll(() => rm(copy, { recursive: true }));

test("everything type-checks", { timeout: TIMEOUT_MS }, async () => {
  expect(await run("node_modules/typescript-7/bin/tsc", "--noEmit", "--singleThreaded")).toEqual({
    code: 0,
    printed: "",
  });
});

test("each of its constraints has a case", async () => {
  const facts = factsOf(await readContract(contractFile));
  expect(facts.filter(({ underivable }) => underivable !== undefined)).toStrictEqual([]);
  expect(facts.filter((fact) => fact.case !== undefined && fact.case.of !== "response").length).toBeGreaterThan(100);
});

test("the derived tests pass and touch every fact", { timeout: TIMEOUT_MS }, async () => {
  const derived = ["contract-tests/derived/requests.test.ts", "contract-tests/derived/responses.test.ts"];
  const report = join(copy, "report.json");
  const config = [
    "--pool=threads",
    "--no-isolate",
    "--max-workers=1",
    "--test-timeout=120000",
    "--hook-timeout=120000",
  ];
  const { printed } = await run(
    "node_modules/vitest/vitest.mjs",
    "run",
    ...derived,
    ...config,
    "--reporter=json",
    `--outputFile=${report}`,
  );
  const files = listOf(objectOf(JSON.parse(await readFile(report, "utf8").catch(() => "{}")))["testResults"]);
  const tests = files.flatMap((file) => listOf(objectOf(file)["assertionResults"]).map(objectOf));
  expect(tests.length, printed).toBeGreaterThan(300);
  expect(tests.filter(({ status }) => status !== "passed").map(({ fullName }) => fullName)).toStrictEqual([]);
  const touched = new Set(tests.flatMap((each) => listOf(valueAt(each, ["meta", "touches"]))));
  const facts = factsOf(await readContract(contractFile));
  const untouched = facts.filter(({ name, unshowable }) => unshowable === undefined && !touched.has(name));
  expect(untouched.map(({ name }) => name)).toStrictEqual([]);
});

test("the mock of the grown contract conforms to it", { timeout: TIMEOUT_MS }, async () => {
  const { conforms, failures, operations } = await runConformance({ spec: contractFile, seed: 1, timeoutMs: 120_000 });
  expect(failures).toStrictEqual([]);
  expect(conforms).toBe(true);
  expect(operations).toEqual(expect.arrayContaining(NEW_OPERATIONS));
});

/** Runs Node in the copy. */
function run(...args: readonly string[]): Promise<{ readonly code: unknown; readonly printed: string }> {
  // The test runner's own variables would make the inner one take itself for a worker of the outer one.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_OPTIONS|TEST)/.test(name)),
  );
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: copy, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? error.signal), printed: stdout + stderr }),
    );
  });
}

/** Both, member by member; where both have a value the second one's counts. */
function merged(one: unknown, other: unknown): unknown {
  if (!isObject(one) || !isObject(other)) return other;
  const members = Object.entries(other).map(
    ([key, value]) => [key, key in one ? merged(one[key], value) : value] as const,
  );
  return { ...one, ...Object.fromEntries(members) };
}

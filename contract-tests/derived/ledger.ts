/**
 * The ledger: each fact of the contract with the tests that touched it, its lines for a terminal, and Vitest's reporter that
 * prints it when all contract tests have run, and fails the run if a fact was touched by no test that passed.
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Reporter, TestModule } from "vitest/node";
import { readContract } from "../contract/operations.js";
import { type Fact, factsOf } from "./facts.js";

declare module "vitest" {
  interface TaskMeta {
    /** Names of facts, as `factName` makes them. */
    touches?: string[];
  }
}

/** Called at the end of a test: what did not happen is not touched. The reporter reads it if the test has passed. */
export function touches(task: { readonly meta: { touches?: string[] } }, ...facts: readonly string[]): void {
  task.meta.touches = [...(task.meta.touches ?? []), ...facts];
}

type Ledger = ReturnType<typeof ledgerOf>;

/** @param tests those that passed, with the facts that each says it touched */
export function ledgerOf(facts: readonly Fact[], tests: readonly { name: string; touches: readonly string[] }[]) {
  const touched = tests.flatMap(({ name: test, touches }) => touches.map((name) => ({ name, test })));
  const testsByName = groupBy(touched, ({ name }) => name);
  const testsOf = ({ name }: Fact) => [...new Set(testsByName.get(name)?.map(({ test }) => test))];
  const shown = facts.filter(({ unshowable }) => unshowable === undefined);
  const known = new Set(shown.map(({ name }) => name));
  return {
    /** Each fact that can be shown, with the names of the tests that touched it. */
    entries: shown.map((fact) => ({ fact, tests: testsOf(fact) })),
    untouched: shown.filter(({ name }) => !testsByName.has(name)),
    unshowable: facts.filter(({ unshowable }) => unshowable !== undefined),
    /** What tests say they touched and the contract does not hold. */
    unknown: touched.filter(({ name }) => !known.has(name)),
  };
}

export function printedLedger(ledger: Ledger): string[] {
  return [...table(ledger), ...apart(ledger), ...findings(ledger)];
}

function table({ entries }: Ledger): string[] {
  const groups = groupBy(entries, ({ fact: { operation, kind } }) => `  ${operation.operationId}, ${kind}`);
  const rows = [...groups].map(([label, group]) => {
    const touched = group.filter(({ tests }) => tests.length > 0);
    return line(label, group.length, touched.length, new Set(group.flatMap(({ tests }) => tests)).size);
  });
  return [line("Ledger of the contract", "facts", "touched", "tests"), ...rows];
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function line(label: string, ...numbers: readonly (string | number)[]): string {
  return label.padEnd(72) + numbers.map((number) => String(number).padStart(9)).join("");
}

/** What no test can show, one line for each reason and operation. */
function apart({ unshowable }: Ledger): string[] {
  const groups = groupBy(unshowable, ({ operation, unshowable: why }) => `    ${operation.operationId}, ${why}:`);
  const lines = [...groups].map(([key, facts]) => {
    const names = facts.map(({ name, operation }) => name.slice(operation.operationId.length + 1));
    return `${key} ${[...new Set(names.map((name) => name.replace(/, refused by the \w+$/, "")))].join(" · ")}`;
  });
  return lines.length === 0 ? [] : ["  Cannot be shown, and is not counted:", ...lines];
}

function findings({ untouched, unknown }: Ledger): string[] {
  const reason = ({ underivable }: Fact) => (underivable === undefined ? "" : ` (${underivable})`);
  const found = [
    ...untouched.map((fact) => `  ✗ no test touched: ${fact.name}${reason(fact)}`),
    ...unknown.map(({ name, test }) => `  ✗ not in the contract, but touched: ${name} (${test})`),
  ];
  return found.length === 0 ? [] : [...found, "  The run fails for what the ledger found."];
}

export function printedEntries({ entries }: Ledger): string[] {
  return entries.flatMap(({ fact, tests }) => [`${fact.name} (${fact.kind})`, ...tests.map((test) => `    ${test}`)]);
}

const CONTRACT_TESTS = fileURLToPath(new URL("..", import.meta.url));

export default class LedgerReporter implements Reporter {
  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    const ran = modules.filter(isContractTest);
    const vitest = ran[0]?.project.vitest;
    if (vitest === undefined) return;
    const report = (lines: readonly string[]) => vitest.logger.log(lines.join("\n"));
    // A ledger of some of the contract tests proves nothing.
    const all = (await vitest.globTestSpecifications()).filter(isContractTest);
    if (vitest.config.testNamePattern !== undefined || ran.length < all.length) {
      return report(["Ledger of the contract: not complete, since not all contract tests ran."]);
    }
    const ledger = ledgerOf(factsOf(await readContract()), ran.flatMap(passedTests));
    if (process.env["LEDGER"] === "full") report(printedEntries(ledger));
    report(["", ...printedLedger(ledger), ""]);
    if (ledger.untouched.length > 0 || ledger.unknown.length > 0) process.exitCode = 1;
  }
}

function isContractTest({ moduleId }: { readonly moduleId: string }): boolean {
  return moduleId.startsWith(CONTRACT_TESTS);
}

function passedTests({ moduleId, children }: TestModule) {
  return [...children.allTests("passed")].map((test) => ({
    name: `${relative(CONTRACT_TESTS, moduleId)} > ${test.fullName}`,
    touches: test.meta().touches ?? [],
  }));
}

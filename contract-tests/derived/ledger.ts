/**
 * The ledger: each fact of the contract with the tests that touched it, its lines for a terminal, and Vitest's reporter that
 * prints it when all contract tests have run. The run fails if a fact of the contract was touched by no test that passed. With
 * `LEDGER=full` in the environment each fact is printed with the tests that touched it.
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Reporter, TestModule, Vitest } from "vitest/node";
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

/** A test that passed, and the facts that it says it touched. */
export interface PassedTest {
  readonly name: string;
  readonly touches: readonly string[];
}

type Ledger = ReturnType<typeof ledgerOf>;

export function ledgerOf(facts: readonly Fact[], tests: readonly PassedTest[]) {
  const touched = tests.flatMap(({ name: test, touches }) => touches.map((name) => ({ name, test })));
  const shown = facts.filter(({ unshowable }) => unshowable === undefined);
  const known = new Set(shown.map(({ name }) => name));
  const testsByName = groupBy(touched, ({ name }) => name);
  return {
    /** Each fact that can be shown, with the names of the tests that touched it. */
    entries: shown.map((fact) => ({
      fact,
      tests: distinct((testsByName.get(fact.name) ?? []).map(({ test }) => test)),
    })),
    unshowable: facts.filter(({ unshowable }) => unshowable !== undefined),
    /** What tests say they touched and the contract does not hold. */
    unknown: touched.filter(({ name }) => !known.has(name)),
  };
}

export function untouchedIn({ entries }: Ledger): Fact[] {
  return entries.filter(({ tests }) => tests.length === 0).map(({ fact }) => fact);
}

export function printedLedger(ledger: Ledger): string[] {
  return [...table(ledger), ...apart(ledger), ...findings(ledger)];
}

function table({ entries }: Ledger): string[] {
  const lines = [line("Ledger of the contract", "facts", "touched", "tests")];
  for (const [operation, ofOperation] of groupBy(entries, ({ fact }) => fact.operation.operationId)) {
    lines.push(`  ${operation}`);
    for (const [kind, group] of groupBy(ofOperation, ({ fact }) => fact.kind)) {
      const touched = group.filter(({ tests }) => tests.length > 0).length;
      lines.push(line(`    ${kind}`, group.length, touched, distinct(group.flatMap(({ tests }) => tests)).length));
    }
  }
  return lines;
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)];
}

function line(label: string, ...numbers: readonly (string | number)[]): string {
  return label.padEnd(40) + numbers.map((number) => String(number).padStart(9)).join("");
}

/** What no test can show, one line for each reason and operation. */
function apart({ unshowable }: Ledger): string[] {
  const groups = groupBy(unshowable, ({ operation, unshowable: why }) => `    ${operation.operationId}, ${why}:`);
  const lines = [...groups].map(([key, facts]) => {
    const names = facts.map(({ name, operation }) => name.slice(operation.operationId.length + 1));
    return `${key} ${distinct(names.map((name) => name.replace(/, refused by the \w+$/, ""))).join(" · ")}`;
  });
  return lines.length === 0 ? [] : ["  Cannot be shown, and is not counted:", ...lines];
}

function findings(ledger: Ledger): string[] {
  const missing = untouchedIn(ledger).map(({ name, underivable }) => {
    return `  ✗ no test touched: ${name}${underivable === undefined ? "" : ` (${underivable})`}`;
  });
  const invented = ledger.unknown.map(({ name, test }) => `  ✗ not in the contract, but touched: ${name} (${test})`);
  const found = [...missing, ...invented];
  return found.length === 0 ? [] : [...found, "  The run fails for what the ledger found."];
}

export function printedEntries({ entries }: Ledger): string[] {
  return entries.flatMap(({ fact, tests }) => [`${fact.name} (${fact.kind})`, ...tests.map((test) => `    ${test}`)]);
}

const CONTRACT_TESTS = fileURLToPath(new URL("..", import.meta.url));

export default class LedgerReporter implements Reporter {
  private vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.vitest = vitest;
  }

  async onTestRunEnd(modules: readonly TestModule[]): Promise<void> {
    const ran = modules.filter(isContractTest);
    const { vitest } = this;
    if (vitest === undefined || ran.length === 0) return;
    const report = (lines: readonly string[]) => vitest.logger.log(lines.join("\n"));
    // A ledger of some of the contract tests proves nothing.
    const all = (await vitest.globTestSpecifications()).filter(isContractTest);
    if (vitest.config.testNamePattern !== undefined) {
      return report(["Ledger of the contract: not complete, tests were chosen by name."]);
    }
    if (ran.length < all.length) {
      return report([`Ledger of the contract: not complete, ${ran.length} of ${all.length} contract test files ran.`]);
    }
    const ledger = ledgerOf(factsOf(await readContract()), ran.flatMap(passedTests));
    if (process.env["LEDGER"] === "full") report(printedEntries(ledger));
    report(["", ...printedLedger(ledger), ""]);
    if (untouchedIn(ledger).length > 0 || ledger.unknown.length > 0) process.exitCode = 1;
  }
}

function isContractTest({ moduleId }: { readonly moduleId: string }): boolean {
  return moduleId.startsWith(CONTRACT_TESTS);
}

function passedTests(module: TestModule): PassedTest[] {
  return [...module.children.allTests("passed")].map((test) => ({
    name: `${relative(CONTRACT_TESTS, test.module.moduleId)} > ${test.fullName}`,
    touches: test.meta().touches ?? [],
  }));
}

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

export interface Ledger {
  /** Each fact that can be shown, with the names of the tests that touched it. */
  readonly entries: readonly Entry[];
  readonly unshowable: readonly Fact[];
  /** What tests say they touched and the contract does not hold. */
  readonly unknown: readonly { readonly name: string; readonly test: string }[];
}

interface Entry {
  readonly fact: Fact;
  readonly tests: readonly string[];
}

export function ledgerOf(facts: readonly Fact[], tests: readonly PassedTest[]): Ledger {
  const entries = facts
    .filter(({ unshowable }) => unshowable === undefined)
    .map((fact) => ({ fact, tests: new Set<string>() }));
  const byName = new Map(entries.map((entry) => [entry.fact.name, entry]));
  const unknown: { name: string; test: string }[] = [];
  for (const { name: test, touches } of tests) {
    for (const name of touches) {
      const entry = byName.get(name);
      if (entry === undefined) unknown.push({ name, test });
      else entry.tests.add(test);
    }
  }
  return {
    entries: entries.map(({ fact, tests }) => ({ fact, tests: [...tests] })),
    unshowable: facts.filter(({ unshowable }) => unshowable !== undefined),
    unknown,
  };
}

/** The facts that no test touched. */
export function untouchedIn({ entries }: Ledger): Fact[] {
  return entries.filter(({ tests }) => tests.length === 0).map(({ fact }) => fact);
}

/** The ledger as lines for a terminal. */
export function printedLedger(ledger: Ledger): string[] {
  return [...table(ledger), ...apart(ledger), ...findings(ledger)];
}

function table({ entries }: Ledger): string[] {
  const lines = [line("Ledger of the contract", "facts", "touched", "tests")];
  for (const [operation, ofOperation] of groupBy(entries, ({ fact }) => fact.operation.operationId)) {
    lines.push(`  ${operation}`);
    for (const [kind, group] of groupBy(ofOperation, ({ fact }) => fact.kind)) {
      const touched = group.filter(({ tests }) => tests.length > 0).length;
      lines.push(line(`    ${kind}`, group.length, touched, new Set(group.flatMap(({ tests }) => tests)).size));
    }
  }
  return lines;
}

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function line(label: string, ...numbers: readonly (string | number)[]): string {
  return label.padEnd(40) + numbers.map((number) => String(number).padStart(9)).join("");
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

function findings(ledger: Ledger): string[] {
  const missing = untouchedIn(ledger).map(({ name, underivable }) => {
    return `  ✗ no test touched: ${name}${underivable === undefined ? "" : ` (${underivable})`}`;
  });
  const invented = ledger.unknown.map(({ name, test }) => `  ✗ not in the contract, but touched: ${name} (${test})`);
  const found = [...missing, ...invented];
  return found.length === 0 ? [] : [...found, "  The run fails for what the ledger found."];
}

/** Each fact with the tests that touched it. */
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
    const ran = modules.filter(({ moduleId }) => moduleId.startsWith(CONTRACT_TESTS));
    if (this.vitest === undefined || ran.length === 0) return;
    const missing = await this.missing(this.vitest, ran);
    if (missing !== undefined) {
      this.vitest.logger.log(`Ledger of the contract: not complete, ${missing}.`);
      return;
    }
    const ledger = ledgerOf(factsOf(await readContract()), ran.flatMap(passedTests));
    if (process.env["LEDGER"] === "full") this.vitest.logger.log(printedEntries(ledger).join("\n"));
    this.vitest.logger.log(["", ...printedLedger(ledger), ""].join("\n"));
    if (untouchedIn(ledger).length > 0 || ledger.unknown.length > 0) process.exitCode = 1;
  }

  /** What a run of some of the contract tests left out; a ledger of those proves nothing. */
  private async missing(vitest: Vitest, ran: readonly TestModule[]): Promise<string | undefined> {
    if (vitest.config.testNamePattern !== undefined) return "tests were chosen by name";
    const specifications = await vitest.globTestSpecifications();
    const all = specifications.filter(({ moduleId }) => moduleId.startsWith(CONTRACT_TESTS));
    return ran.length < all.length ? `${ran.length} of ${all.length} contract test files ran` : undefined;
  }
}

function passedTests(module: TestModule): PassedTest[] {
  return [...module.children.allTests("passed")].map((test) => ({
    name: `${relative(CONTRACT_TESTS, test.module.moduleId)} > ${test.fullName}`,
    touches: test.meta().touches ?? [],
  }));
}

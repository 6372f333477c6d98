/**
 * The ledger: each fact of the contract with the tests that touched it, its lines for a terminal, and Vitest's reporter that
 * prints it when all contract tests have run. The run fails if a fact of the contract was touched by no test that passed. With
 * `LEDGER=full` in the environment each fact is printed with the tests that touched it.
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Reporter, TestModule, Vitest } from "vitest/node";
import { readContract } from "../contract/operations.js";
import { casesOf } from "./cases.js";
import { type Fact, type FactKind, type Facts, factsOf, type Unshowable } from "./facts.js";

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

interface LedgerRow {
  readonly operation: string;
  readonly kind: FactKind;
  readonly facts: number;
  readonly touched: number;
  /** How many tests touched at least one of the facts. */
  readonly tests: number;
}

export interface Ledger {
  readonly rows: readonly LedgerRow[];
  /** Each fact with the tests that touched it. */
  readonly entries: readonly { readonly fact: Fact; readonly tests: readonly string[] }[];
  readonly untouched: readonly Fact[];
  /** What tests say they touched and the contract does not hold. */
  readonly unknown: readonly { readonly name: string; readonly test: string }[];
}

export function ledgerOf({ facts }: Pick<Facts, "facts">, tests: readonly PassedTest[]): Ledger {
  const touchedBy = new Map(facts.map((fact): [string, Set<string>] => [fact.name, new Set()]));
  const unknown: { name: string; test: string }[] = [];
  for (const test of tests) {
    for (const name of test.touches) {
      const found = touchedBy.get(name);
      if (found === undefined) unknown.push({ name, test: test.name });
      else found.add(test.name);
    }
  }
  const entries = facts.map((fact) => ({ fact, tests: [...(touchedBy.get(fact.name) ?? [])] }));
  const untouched = entries.filter((entry) => entry.tests.length === 0).map(({ fact }) => fact);
  return { rows: rowsOf(entries), entries, untouched, unknown };
}

function rowsOf(entries: Ledger["entries"]): LedgerRow[] {
  const groups = new Map<string, Ledger["entries"][number][]>();
  for (const entry of entries) {
    const key = `${entry.fact.operation} ${entry.fact.kind}`;
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return {
      operation: first.fact.operation,
      kind: first.fact.kind,
      facts: group.length,
      touched: group.filter(({ tests }) => tests.length > 0).length,
      tests: new Set(group.flatMap(({ tests }) => tests)).size,
    };
  });
}

/**
 * The ledger as lines for a terminal.
 *
 * @param why - Says for a fact why no case could be derived, if that is so.
 */
export function printedLedger(
  ledger: Ledger,
  unshowable: readonly Unshowable[],
  why: (fact: string) => string | undefined,
): string[] {
  return [...table(ledger), ...apart(unshowable), ...findings(ledger, why)];
}

function table({ rows }: Ledger): string[] {
  const lines = [line("Ledger of the contract", "facts", "touched", "tests")];
  let operation = "";
  for (const row of rows) {
    if (row.operation !== operation) lines.push(`  ${row.operation}`);
    operation = row.operation;
    lines.push(line(`    ${row.kind}`, row.facts, row.touched, row.tests));
  }
  return lines;
}

function line(label: string, ...numbers: readonly (string | number)[]): string {
  return label.padEnd(40) + numbers.map((number) => String(number).padStart(9)).join("");
}

/** What no test can show, one line for each reason and operation. */
function apart(unshowable: readonly Unshowable[]): string[] {
  if (unshowable.length === 0) return [];
  const groups = new Map<string, string[]>();
  for (const { name, operation, reason } of unshowable) {
    const key = `    ${operation}, ${reason}:`;
    const short = name.slice(operation.length + 1).replace(/, refused by the \w+$/, "");
    groups.set(key, [...(groups.get(key) ?? []), short]);
  }
  const lines = [...groups].map(([key, names]) => `${key} ${[...new Set(names)].join(" · ")}`);
  return ["  Cannot be shown, and is not counted:", ...lines];
}

function findings({ untouched, unknown }: Ledger, why: (fact: string) => string | undefined): string[] {
  const missing = untouched.map(({ name }) => {
    const reason = why(name);
    return `  ✗ no test touched: ${name}${reason === undefined ? "" : ` (${reason})`}`;
  });
  const invented = unknown.map(({ name, test }) => `  ✗ not in the contract, but touched: ${name} (${test})`);
  const verdict = missing.length + invented.length === 0 ? [] : ["  The run fails for what the ledger found."];
  return [...missing, ...invented, ...verdict];
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
    const contract = await readContract();
    const { facts, unshowable } = factsOf(contract);
    const ledger = ledgerOf({ facts }, ran.flatMap(passedTests));
    const { underivable } = casesOf(contract);
    const why = (name: string): string | undefined => underivable.find(({ fact }) => fact === name)?.reason;
    if (process.env["LEDGER"] === "full") this.vitest.logger.log(printedEntries(ledger).join("\n"));
    this.vitest.logger.log(["", ...printedLedger(ledger, unshowable, why), ""].join("\n"));
    if (ledger.untouched.length > 0 || ledger.unknown.length > 0) process.exitCode = 1;
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

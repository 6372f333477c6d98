/**
 * Vitest's reporter for the ledger. When all contract tests have run it prints the ledger, and the run fails if a fact of
 * the contract was touched by no test that passed. With `LEDGER=full` in the environment each fact is printed with the
 * tests that touched it.
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Reporter, TestCase, TestModule, Vitest } from "vitest/node";
import { readContract } from "../contract/operations.js";
import { casesOf } from "../derived/cases.js";
import { factsOf } from "./facts.js";
import { ledgerOf, type PassedTest, printedEntries, printedLedger } from "./ledger.js";

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
  const passed: PassedTest[] = [];
  for (const test of module.children.allTests("passed")) passed.push({ name: nameOf(test), touches: touchedBy(test) });
  return passed;
}

function nameOf(test: TestCase): string {
  return `${relative(CONTRACT_TESTS, test.module.moduleId)} > ${test.fullName}`;
}

function touchedBy(test: TestCase): readonly string[] {
  return test.meta().touches ?? [];
}

/** The ledger: each fact of the contract with the tests that touched it. */
import type { Fact, FactKind, Facts } from "./facts.js";

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

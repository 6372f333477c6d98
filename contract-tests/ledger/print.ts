/** The ledger as lines for a terminal. */
import type { Unshowable } from "./facts.js";
import type { Ledger } from "./ledger.js";

/** @param why - Says for a fact why no case could be derived, if that is so. */
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

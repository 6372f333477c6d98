/** The ledger finds what no test touched, and what tests only imagine. */
import { describe, expect, test } from "vitest";
import { objectOf, withValueAt } from "../contract/json.js";
import { contractOf, FROZEN_CONTRACT, readContract } from "../contract/operations.js";
import { documentOf } from "../contract/read-document.js";
import { factsOf } from "./facts.js";
import { ledgerOf, printedEntries, printedLedger } from "./ledger.js";

// Not the project's own: what the tests say of it does not change with an edit there.
const contract = await readContract(FROZEN_CONTRACT);
const all = factsOf(contract);
const facts = all.filter(({ unshowable }) => unshowable === undefined);
const allTouched = { name: "a test of everything", touches: facts.map(({ name }) => name) };

describe("a contract whose every fact is touched", () => {
  const ledger = ledgerOf(all, [allTouched]);

  test("has no findings", () => {
    expect(ledger.untouched).toStrictEqual([]);
    expect(ledger.unknown).toStrictEqual([]);
    expect(printedLedger(ledger).join("\n")).not.toContain("✗");
  });

  test("is printed with one line for each operation and kind of fact", () => {
    const lines = printedLedger(ledger);
    const rows = lines.filter((line) => /response media type +\d+ +\d+ +1$/.test(line));
    expect(rows).toHaveLength(contract.operations.length);
    expect(lines.length).toBeLessThan(20 * contract.operations.length);
  });
});

test("the facts of the contract have names of their own", () => {
  expect(new Set(facts.map(({ name }) => name)).size).toBe(facts.length);
});

test("each fact is listed with the tests that touched it", () => {
  const lines = printedEntries(ledgerOf(all, [allTouched]));
  expect(lines).toHaveLength(2 * facts.length);
  expect(lines.slice(0, 2)).toStrictEqual([
    "createGroupServiceAccountSecret 201 (response)",
    "    a test of everything",
  ]);
});

test("whichever fact no test touched, it is named", () => {
  for (const { name } of facts) {
    const others = { name: "a test of the others", touches: allTouched.touches.filter((one) => one !== name) };
    const ledger = ledgerOf(all, [others]);
    expect(ledger.untouched.map((fact) => fact.name)).toStrictEqual([name]);
    expect(printedLedger(ledger)).toContain(`  ✗ no test touched: ${name}`);
  }
});

test("a test that touches what the contract does not hold is named", () => {
  const dreamer = { name: "a test of a dream", touches: ["createGroupServiceAccountSecret 418"] };
  const ledger = ledgerOf(all, [allTouched, dreamer]);
  expect(ledger.unknown).toStrictEqual([{ name: "createGroupServiceAccountSecret 418", test: "a test of a dream" }]);
  expect(printedLedger(ledger)).toContain(
    "  ✗ not in the contract, but touched: createGroupServiceAccountSecret 418 (a test of a dream)",
  );
});

describe("a third operation that no test touched", () => {
  const third = {
    operationId: "countImaginaryThings",
    parameters: [{ name: "limit", in: "query", required: true, schema: { type: "integer", maximum: 500 }, example: 5 }],
    responses: { "200": { description: "Things", content: { "application/json": { schema: { type: "array" } } } } },
  };
  const changed = contractOf(
    documentOf(withValueAt(contract.document.root.value, ["paths", "/imaginary/things", "get"], third)),
  );
  const ledger = ledgerOf(factsOf(changed), [allTouched]);

  test("has each of its facts named", () => {
    expect(ledger.untouched.map(({ name }) => name).sort()).toStrictEqual([
      "countImaginaryThings 200",
      "countImaginaryThings 200 as application/json",
      "countImaginaryThings 200 body type",
      "countImaginaryThings limit maximum, refused by the client",
      "countImaginaryThings limit maximum, refused by the server",
      "countImaginaryThings limit required, refused by the client",
      "countImaginaryThings limit required, refused by the server",
      "countImaginaryThings limit type, refused by the client",
      "countImaginaryThings limit type, refused by the server",
      "countImaginaryThings query parameter limit",
    ]);
  });

  test("a keyword that the derived tests cannot break is named too, and why", () => {
    const strange = objectOf(withValueAt(third, ["parameters", "0", "schema", "beautiful"], true));
    const document = withValueAt(contract.document.root.value, ["paths", "/imaginary/things", "get"], strange);
    const stranger = contractOf(documentOf(document));
    expect(printedLedger(ledgerOf(factsOf(stranger), [allTouched]))).toContain(
      "  ✗ no test touched: countImaginaryThings limit beautiful, refused by the server (no value is known that breaks it)",
    );
  });
});

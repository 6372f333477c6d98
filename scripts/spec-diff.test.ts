import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { contractPath } from "./spec-diff/testing/documents.js";

function command(...args: readonly string[]) {
  return spawnSync(process.execPath, ["--import", "tsx", "scripts/spec-diff.ts", ...args], { encoding: "utf8" });
}

describe("npm run spec:diff", () => {
  it("compares the contract with a document and exits with 0, 1 or 2", () => {
    const clean = command(contractPath);
    expect([clean.status, clean.stderr]).toEqual([0, ""]);
    expect(clean.stdout).toContain("no difference");

    const other = command("generated/no-such-document.yaml");
    expect([other.status, other.stdout]).toEqual([2, ""]);
    expect(other.stderr).toBe("spec:diff: cannot read generated/no-such-document.yaml: there is no such file\n");
  });
});

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "contract-tests/**/*.test.ts", "scripts/**/*.test.ts"],
    reporters: ["default", "./contract-tests/derived/ledger.ts"],
    // By default one processor is left idle, which on two is half of them. With both busy, what V8 compiles and collects
    // beside the workers only costs: `npm test` has it done by them (--single-threaded), and seldom
    // (--max-semi-space-size), which takes about a tenth less processor time each.
    maxWorkers: 2,
    pool: "threads",
    // Loading the same modules again for every file costs more than the tests; none of them keeps state in a module.
    isolate: false,
    // No test is about time: what hangs, hangs for ever, and what is slow has the machine to blame.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 120_000 } },
  },
});

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "contract-tests/**/*.test.ts", "scripts/**/*.test.ts"],
    reporters: ["default", "./contract-tests/ledger/reporter.ts"],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});

import { defineConfig } from "vitest/config";

/** The tests that mutants of src/ are tried on: those beside the code, without the slow ones that only confirm them. */
export default defineConfig({
  test: {
    include: (process.env["MUTATION_TESTS"] ?? "src/**/*.test.ts").split(","),
    exclude: ["src/cli/**", "src/operation/arguments.property.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});

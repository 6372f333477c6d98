import { defineConfig } from "vitest/config";

/** The tests that mutants of src/ are tried on. */
export default defineConfig({
  test: {
    include: ["src/**/*.test.ts"],
    // Slow, and they only confirm what faster ones find.
    exclude: [
      "src/cli/**",
      "src/operation/arguments.property.test.ts",
      "src/rotation/crashed-rotation.test.ts",
      "src/transport/rate-limited-client.test.ts",
    ],
    // Loaded by the first call that needs it, the top level of a module would count as covered by that one test alone.
    setupFiles: ["src/calls.ts", "src/rotation/run-rotations.ts", "src/auth/digest/digest-authentication.ts"],
    // For the reason that vitest.config.ts gives.
    isolate: false,
    // A mutant that hangs ends here, without a new process.
    testTimeout: 8_000,
    hookTimeout: 3_000,
  },
});

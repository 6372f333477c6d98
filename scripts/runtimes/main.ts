/**
 * `npm run test:runtimes`: the packed tarball in every runtime and under every compiler and test runner that is supported.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, EXIT, names, runMain, withDefault } from "../command.js";
import { packTarball } from "../tarball.js";
import { checkRuntimes } from "./runtimes.js";
import { checkCompilers, checkTestRunners } from "./tools.js";

const PARTS = { runtimes: checkRuntimes, compilers: checkCompilers, "test-runners": checkTestRunners };
type Part = keyof typeof PARTS;
// Its keys are its parts and nothing else.
const PART_NAMES = Object.keys(PARTS) as Part[];

await runMain(
  command({
    name: "test:runtimes",
    about:
      "Packs the package and tries the tarball on Node 20.19, 22, 24 and 26, Bun, Deno and workerd, with TypeScript 5.4 to 7, " +
      "and under Jest, Vitest and MSW. All of them are installed from npm into a temporary folder.",
    options: {
      only: withDefault(names("parts", "parts to run", PART_NAMES), PART_NAMES, "all"),
    },
    async run({ only }, { out, err }) {
      const folder = mkdtempSync(join(tmpdir(), "atlas-runtimes-"));
      let failed = 0;
      try {
        const tarball = await packTarball(folder);
        err(`tarball: ${tarball.bytes} bytes, ${tarball.files.length} files`);
        for (const part of only) {
          await PARTS[part](tarball.path, join(folder, part), ({ who, what, problems }) => {
            failed += Math.min(problems.length, 1);
            out(`${problems.length === 0 ? "✓" : "✗"} ${who.padEnd(40)} ${what}`);
            for (const problem of problems) out(`    ${problem.replaceAll("\n", "\n    ")}`);
          });
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
      out(failed === 0 ? "All pass." : `${failed} failed.`);
      return failed === 0 ? EXIT.ok : EXIT.found;
    },
  }),
);

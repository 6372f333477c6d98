/** `npm run test:package` and `npm run test:runtimes`: the packed tarball as its consumers use it. */
import { join } from "node:path";
import { command, EXIT, names, runMain, withDefault } from "../command.js";
import { packTarball, temporaryFolder } from "../tarball.js";
import { checkCompilers, checkPackage, checkTestRunners } from "./package.js";
import { type Check, checkRuntimes } from "./runtimes.js";

/** What each checks: a tarball, in a folder of its own. */
const PARTS: Readonly<Record<string, (tarball: string, folder: string, check: Check) => Promise<void>>> = {
  package: checkPackage,
  runtimes: checkRuntimes,
  compilers: checkCompilers,
  "test-runners": checkTestRunners,
};
const PART_NAMES = Object.keys(PARTS);

await runMain(
  command({
    name: "test:runtimes",
    about:
      "Packs the package and tries the tarball on this Node (npm run test:package is this part alone), on Node 20.19 to 26, Bun, " +
      "Deno and workerd, with TypeScript 5.4 to 7, and under Jest, Vitest and MSW, all installed into a temporary folder.",
    options: {
      only: withDefault(names("parts", `one or more of ${PART_NAMES.join(",")}`, PART_NAMES), PART_NAMES, "all"),
    },
    async run({ only }, { out, err }) {
      const folder = temporaryFolder("atlas-runtimes-");
      let failed = 0;
      const check: Check = async (who, what, action) => {
        const start = performance.now();
        const problem = await action().then(
          () => undefined,
          (error: unknown) => (error instanceof Error ? error.message : String(error)),
        );
        const seconds = ((performance.now() - start) / 1000).toFixed(1);
        out(`${problem === undefined ? "✓" : "✗"} ${who.padEnd(40)} ${what.padEnd(44)} ${seconds} s`);
        if (problem === undefined) return;
        failed += 1;
        out(`    ${problem.replaceAll("\n", "\n    ")}`);
      };
      const tarball = await packTarball(folder);
      err(`tarball: ${tarball.bytes} bytes, ${tarball.files.length} files`);
      for (const part of only) await PARTS[part]?.(tarball.path, join(folder, part), check);
      out(failed === 0 ? "All pass." : `${failed} failed.`);
      return failed === 0 ? EXIT.ok : EXIT.found;
    },
  }),
);

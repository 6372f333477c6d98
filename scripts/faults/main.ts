/**
 * `npm run test:faults`: thousands of calls through a fake Atlas that breaks off, delays and lies.
 */
import { command, EXIT, integer, runMain, withDefault } from "../command.js";
import { runFaults } from "./run-faults.js";

await runMain(
  command({
    name: "test:faults",
    about:
      "Drives creates and deletes through a fake Atlas that at random resets before or after it has done its work, " +
      "delays, cuts short, rate-limits, responds with 5xx and lies about bodies and media types. At the end what it did is " +
      "compared with what the client said of each call.",
    options: {
      seed: integer("n", "the same faults again (default: a new seed, which is printed)", 0, 2 ** 31 - 1),
      calls: withDefault(integer("n", "how many calls", 1, 1_000_000), 2000),
    },
    afterHelp: "Exit codes: 0 all that the client said is true, 1 something is not, 2 wrong usage.",
    async run({ seed = Math.floor(Math.random() * 2 ** 31), calls }, { out }) {
      out(`${calls} calls, seed ${seed}`);
      const start = performance.now();
      const { endings, faults, untrue } = await runFaults({ seed, calls });
      out(`\nWhat the server did\n${table(faults)}\n\nHow the calls ended\n${table(endings)}`);
      out(`\n${untrue.length} untrue in ${((performance.now() - start) / 1000).toFixed(1)} s`);
      for (const each of untrue) out(`  ${each}`);
      if (untrue.length === 0) return EXIT.ok;
      out(`\nThe same again: npm run test:faults -- --seed ${seed} --calls ${calls}`);
      return EXIT.found;
    },
  }),
);

function table(counts: ReadonlyMap<string, number>): string {
  const rows = [...counts].sort(([, one], [, other]) => other - one);
  return rows.map(([name, count]) => `${String(count).padStart(7)}  ${name}`).join("\n");
}

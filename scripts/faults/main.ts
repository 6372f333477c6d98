/**
 * `npm run test:faults`: thousands of calls through a server that breaks off, delays and lies.
 *
 * Exit codes: 0 when all that the client said is true, 1 when something is not, 2 when the options make no sense.
 */
import { parseArgs } from "node:util";
import { runFaults } from "./run-faults.js";

const USAGE = `Usage: npm run test:faults -- [options]

Drives creates and deletes through a server that at random resets before or after it has done its work, delays, cuts
short, rate-limits, answers 5xx and lies about bodies and media types. At the end what the server did is compared with
what the client said of each call.

  --seed N    the same faults again (default: a new seed, which is printed)
  --calls N   how many calls (default 2000)
  --help      show this`;

await main();

async function main(): Promise<void> {
  const options = optionsFrom(process.argv.slice(2));
  if (options === undefined) return;
  const { seed, calls } = options;
  console.log(`${calls} calls, seed ${seed}`);
  const start = performance.now();
  const { endings, faults, untrue } = await runFaults({ seed, calls });
  console.log(`\nWhat the server did\n${table(faults)}\n\nHow the calls ended\n${table(endings)}`);
  console.log(`\n${untrue.length} untrue in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  for (const each of untrue) console.log(`  ${each}`);
  if (untrue.length > 0) {
    console.log(`\nThe same again: npm run test:faults -- --seed ${seed} --calls ${calls}`);
    process.exitCode = 1;
  }
}

function optionsFrom(args: readonly string[]): { readonly seed: number; readonly calls: number } | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { seed: { type: "string" }, calls: { type: "string" }, help: { type: "boolean" } },
    });
    if (values.help === true) {
      console.log(USAGE);
      return undefined;
    }
    const newSeed = Math.floor(Math.random() * 2 ** 31);
    return {
      seed: wholeNumber("--seed", values.seed, 0, newSeed),
      calls: wholeNumber("--calls", values.calls, 1, 2000),
    };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exitCode = 2;
    return undefined;
  }
}

function wholeNumber(name: string, text: string | undefined, least: number, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`${name} takes a whole number from ${least}, not ${JSON.stringify(text)}.`);
}

function table(counts: ReadonlyMap<string, number>): string {
  const rows = [...counts].sort(([, one], [, other]) => other - one);
  return rows.map(([name, count]) => `${String(count).padStart(7)}  ${name}`).join("\n");
}

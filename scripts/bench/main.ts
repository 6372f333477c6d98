/**
 * `npm run bench`: measures what the client costs, side by side with what else could do its work.
 *
 * Exit codes: 0 whatever the figures are, 1 where something could not be measured, 2 when the options make no sense.
 */
import { parseArgs } from "node:util";
import { type CompiledPackage, compilePackage } from "./compile.js";
import { measureFleet } from "./fleet/measure.js";
import { measureGrowth } from "./growth/measure.js";
import { describeMachine, introduce } from "./machine.js";
import { installPeers } from "./peers.js";
import { measurePerCall } from "./per-call/measure.js";
import { measureSuite } from "./suite.js";
import { format, type Table } from "./table.js";
import { measureWeight } from "./weight/measure.js";

const USAGE = `Usage: npm run bench -- [options]

Measures the client on this machine. Times are ratios measured side by side in the same run; on a busy machine they
spread. Takes some minutes.

  --only PARTS   some of these parts, separated by commas:
                 per-call  create and delete against the built-in fetch, openapi-fetch, ky and axios
                 weight    bytes in a bundle, time and memory of the import
                 fleet     1,000 rotations through a rate limit
                 growth    generation and type-check for 2 to 500 operations
                 suite     npm test
  --rounds N     rounds of per-call (default 30); weight makes as many, growth a tenth
  --json         JSON instead of tables
  --help         show this`;

const PARTS = ["per-call", "weight", "fleet", "growth", "suite"] as const;
type Part = (typeof PARTS)[number];

interface Options {
  readonly parts: readonly Part[];
  readonly rounds: number;
  readonly json: boolean;
}

const options = optionsFrom(process.argv.slice(2));
if (options === "help") console.log(USAGE);
else await main(options);

async function main({ parts, rounds, json }: Options): Promise<void> {
  const machine = describeMachine();
  if (!json) console.log(introduce(machine));
  if (parts.includes("per-call") || parts.includes("weight")) installPeers();
  const compiled = compilePackage();
  const tables: Table[] = [];
  try {
    for (const part of parts) {
      console.error(`bench: ${part}`);
      const measured = await measure(part, compiled, rounds);
      tables.push(...measured);
      if (!json) for (const table of measured) console.log(format(table));
    }
  } finally {
    compiled.remove();
  }
  if (json) console.log(JSON.stringify({ machine, tables }, undefined, 2));
}

async function measure(part: Part, { entry }: CompiledPackage, rounds: number): Promise<Table[]> {
  switch (part) {
    case "per-call":
      return [await measurePerCall(entry, rounds)];
    case "weight":
      return measureWeight(entry, rounds);
    case "fleet":
      return [await measureFleet(entry)];
    case "growth":
      return [await measureGrowth(Math.ceil(rounds / 10))];
    case "suite":
      return [measureSuite()];
  }
}

/** Where the command line makes no sense, the process ends with one line and exit code 2. */
function optionsFrom(args: string[]): Options | "help" {
  try {
    const { values } = parseArgs({
      args,
      options: {
        only: { type: "string", default: PARTS.join(",") },
        rounds: { type: "string", default: "30" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return "help";
    const asked = values.only.split(",");
    const unknown = asked.find((name) => !PARTS.some((part) => part === name));
    if (unknown !== undefined) throw new Error(`no part is called ${JSON.stringify(unknown)}: ${PARTS.join(", ")}`);
    if (!/^[1-9]\d*$/.test(values.rounds)) throw new Error("--rounds has to be a whole number from 1");
    return {
      parts: PARTS.filter((part) => asked.includes(part)),
      rounds: Number(values.rounds),
      json: values.json,
    };
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : error}`);
    process.exit(2);
  }
}

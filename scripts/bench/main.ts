/**
 * `npm run bench`: measures what the client costs, side by side with what else could do its work.
 */
import { type CommandIo, command, EXIT, flag, integer, names, runMain, withDefault } from "../command.js";
import { format, type Table } from "./figures.js";
import { measureFleet } from "./fleet/measure.js";
import { measureGrowth } from "./growth/measure.js";
import { describeMachine, introduce } from "./machine.js";
import { buildPackage, installPeers } from "./packages.js";
import { measurePerCall } from "./per-call/measure.js";
import { measureWeight } from "./weight/measure.js";

const PARTS = ["per-call", "weight", "fleet", "growth"] as const;
type Part = (typeof PARTS)[number];

await runMain(
  command({
    name: "bench",
    about:
      "Measures the client on this machine. Times are ratios measured side by side in the same run; on a busy machine " +
      "they spread. Takes some minutes.",
    options: {
      only: withDefault(names("parts", "these parts only, separated by commas", PARTS), PARTS, "all"),
      rounds: withDefault(integer("n", "rounds of per-call; weight makes as many, growth a tenth", 1, 1000), 30),
      json: flag("print JSON instead of tables"),
    },
    afterHelp: `Parts:
  per-call  create and delete against the built-in fetch, openapi-fetch, ky and axios
  weight    bytes in a bundle, time and memory of the import
  fleet     1,000 rotations through a rate limit
  growth    generation and type-check for 2 to 500 operations

Exit codes: 0 whatever the figures are, 2 wrong usage or something cannot be measured.`,
    async run({ only, rounds, json }, io) {
      await bench(
        PARTS.filter((part) => only.includes(part)),
        rounds,
        json,
        io,
      );
      return EXIT.ok;
    },
  }),
);

async function bench(parts: readonly Part[], rounds: number, json: boolean, { out, err }: CommandIo): Promise<void> {
  const machine = describeMachine();
  if (!json) out(introduce(machine));
  if (parts.includes("per-call") || parts.includes("weight")) installPeers();
  const entry = buildPackage();
  const tables: Table[] = [];
  for (const part of parts) {
    err(`bench: ${part}`);
    const measured = await measure(part, entry, rounds);
    tables.push(...measured);
    if (!json) for (const table of measured) out(format(table));
  }
  if (json) out(JSON.stringify({ machine, tables }, undefined, 2));
}

async function measure(part: Part, entry: URL, rounds: number): Promise<Table[]> {
  switch (part) {
    case "per-call":
      return [await measurePerCall(entry, rounds)];
    case "weight":
      return measureWeight(entry, rounds);
    case "fleet":
      return [await measureFleet(entry)];
    case "growth":
      return [await measureGrowth(Math.ceil(rounds / 10))];
  }
}

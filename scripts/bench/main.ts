/**
 * `npm run bench`: measures what the client costs, side by side with what else could do its work.
 */
import { type CommandIo, command, EXIT, flag, integer, names, runMain, withDefault } from "../command.js";
import { format, type Table } from "./figures.js";
import { measureFleet } from "./fleet/measure.js";
import { measureGrowth } from "./growth/measure.js";
import { describeMachine, introduce } from "./machine.js";
import { type Packages, preparePackages } from "./packages.js";
import { measurePerCall } from "./per-call/measure.js";
import { type Budget, createBudget } from "./progress.js";
import { measureStartUp } from "./start-up.js";

const PARTS = ["start-up", "per-call", "fleet", "growth"] as const;
type Part = (typeof PARTS)[number];

/** Seconds of those that take as long as they take. */
const FIXED: Readonly<Partial<Record<Part, number>>> = { fleet: 30 };
/** How the others divide what is left. */
const SHARES: Readonly<Partial<Record<Part, number>>> = { "start-up": 2, "per-call": 5, growth: 2 };
/** For the build, and for what runs over. */
const RESERVE_SECONDS = 30;

await runMain(
  command({
    name: "bench",
    about:
      "Measures the client on this machine, in processes of their own. Ratios are measured side by side in the same " +
      "run; processor time (cpu) is worth more than wall time on a busy machine.",
    options: {
      only: withDefault(names("parts", "these parts only, separated by commas", PARTS), PARTS, "all"),
      minutes: withDefault(integer("n", "how long it may take; longer is more exact", 1, 600), 6),
      json: flag("print JSON instead of tables"),
    },
    afterHelp: `Parts:
  start-up  an import and the command line over bare Node, bytes in a bundle and in the tarball
  per-call  create and delete against the built-in fetch, openapi-fetch, ky, axios and hey-api's client
  fleet     1,000 rotations through a rate limit
  growth    generation and type-check for 2 to 500 operations

Exit codes: 0 whatever the figures are, 2 wrong usage or something cannot be measured.`,
    async run({ only, minutes, json }, io) {
      const parts = PARTS.filter((part) => only.includes(part));
      await bench(parts, minutes * 60 - RESERVE_SECONDS, json, io);
      return EXIT.ok;
    },
  }),
);

async function bench(parts: readonly Part[], seconds: number, json: boolean, { out, err }: CommandIo): Promise<void> {
  const machine = describeMachine();
  if (!json) out(introduce(machine));
  const packages = await preparePackages(err);
  const sum = (values: Readonly<Partial<Record<Part, number>>>) =>
    parts.reduce((total, part) => total + (values[part] ?? 0), 0);
  const tables: Table[] = [];
  for (const part of parts) {
    const share = ((SHARES[part] ?? 0) / (sum(SHARES) || 1)) * Math.max(0, seconds - sum(FIXED));
    const budget = createBudget(part, FIXED[part] ?? share, err);
    const measured = await measure(part, packages, budget);
    budget.report("done");
    tables.push(...measured);
    if (!json) for (const table of measured) out(format(table));
  }
  if (json) out(JSON.stringify({ machine, tables }, undefined, 2));
}

async function measure(part: Part, packages: Packages, budget: Budget): Promise<Table[]> {
  switch (part) {
    case "start-up":
      return measureStartUp(packages, budget);
    case "per-call":
      return [await measurePerCall(packages, budget)];
    case "fleet":
      return [await measureFleet(packages, budget)];
    case "growth":
      return [await measureGrowth(budget)];
  }
}

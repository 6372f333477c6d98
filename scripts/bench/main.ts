/** `npm run bench`: measures what the client costs, side by side with what else could do its work. */
import { execFileSync } from "node:child_process";
import { cpus, loadavg, totalmem } from "node:os";
import { command, EXIT, integer, names, runMain, withDefault } from "../command.js";
import type { Tarball } from "../tarball.js";
import { measureFleet } from "./fleet.js";
import { measureGrowth } from "./growth.js";
import { type Budget, createBudget } from "./measuring.js";
import { preparePackages } from "./packages.js";
import { measurePerCall } from "./per-call.js";
import { measureStartUp } from "./start-up.js";

type Measure = (budget: Budget, tarball: Tarball) => Promise<string>;

/** The parts, and how they divide the time. The fleet takes half a minute, however much it is given. */
const PARTS: Readonly<Record<string, { readonly measure: Measure; readonly share: number }>> = {
  "start-up": { measure: measureStartUp, share: 2 },
  "per-call": { measure: measurePerCall, share: 5 },
  fleet: { measure: measureFleet, share: 1 },
  growth: { measure: measureGrowth, share: 2 },
};
const PART_NAMES = Object.keys(PARTS);

/** For the build, and for what runs over. */
const RESERVE_SECONDS = 30;

await runMain(
  command({
    name: "bench",
    about:
      "Measures the client on this machine, each measurement in its own process. Ratios are measured side by side in the same " +
      "run; processor time (cpu) is worth more than wall time on a busy machine.",
    options: {
      only: withDefault(names("parts", "these parts only, separated by commas", PART_NAMES), PART_NAMES, "all"),
      minutes: withDefault(integer("n", "how long it may take; longer is more exact", 1, 600), 6),
    },
    afterHelp: `Parts:
  start-up  an import and the command line over bare Node, bytes in a bundle and in the tarball
  per-call  create and delete against the built-in fetch, openapi-fetch, ky, axios and hey-api's client
  fleet     1,000 rotations through a rate limit
  growth    generation and type-check for 2 to 500 operations

Exit codes: 0 whatever the figures are, 2 wrong usage or something cannot be measured.`,
    async run({ only, minutes }, { out, err }) {
      out(describeMachine());
      const tarball = await preparePackages(err);
      const parts = Object.entries(PARTS).filter(([name]) => only.includes(name));
      const shares = parts.reduce((total, [, { share }]) => total + share, 0);
      for (const [name, { measure, share }] of parts) {
        const seconds = ((minutes * 60 - RESERVE_SECONDS) * share) / shares;
        out(await measure(createBudget(name, seconds, err), tarball));
      }
      return EXIT.ok;
    },
  }),
);

/** Where and when the measurement is made. */
function describeMachine(): string {
  const processors = cpus();
  // Processes that wanted a core in the last minute.
  const [load = 0] = loadavg();
  const busy = load > processors.length / 2 ? " - this machine is busy, times are worth little" : "";
  const date = new Date().toISOString().slice(0, 16).replace("T", " ");
  const commit = execFileSync("git", ["describe", "--always", "--dirty", "--exclude=*"], { encoding: "utf8" }).trim();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  return `${date} UTC, commit ${commit}, Node ${process.version}, ${process.platform} ${process.arch}
${processors[0]?.model.trim()}, ${processors.length} cores, ${memory}, load ${load.toFixed(2)}${busy}
`;
}

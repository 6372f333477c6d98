/** `npm run test:faults`: calls through a fake Atlas that fails at random, and a fleet through a rate limit. */
import { command, EXIT, integer, runMain, withDefault } from "../command.js";
import { REQUESTS_PER_SECOND, runFaults, runFleet } from "./run-faults.js";

await runMain(
  command({
    name: "test:faults",
    about:
      "Drives creates and deletes through a fake Atlas, and what is on the way to it, that at random resets before or " +
      "after it has done its work, fails the TLS handshake, delays, cuts short, rate-limits, responds with 5xx, issues no " +
      "token and lies about bodies and media types. At the end what it did is compared with what the client said of each " +
      "call. Then rotates a fleet through a rate limit of 5 requests a second whose Retry-After is rounded down.",
    options: {
      seed: integer("n", "the same faults again (default: a new seed, which is printed)", 0, 2 ** 31 - 1),
      calls: withDefault(integer("n", "how many calls; 0 for none", 0, 1_000_000), 2000),
      fleet: withDefault(integer("n", "how many accounts; 0 for none, 200 take two minutes", 0, 100_000), 200),
    },
    afterHelp: "Exit codes: 0 all that the client said is true and none is lost, 1 something is not, 2 wrong usage.",
    async run({ seed = Math.floor(Math.random() * 2 ** 31), calls, fleet }, { out, err }) {
      const found: string[] = [];
      if (calls > 0) {
        out(`${calls} calls, seed ${seed}`);
        const start = performance.now();
        const { endings, faults, untrue } = await runFaults({ seed, calls });
        out(`\nWhat the server did\n${table(faults)}\n\nHow the calls ended\n${table(endings)}`);
        out([`\n${untrue.length} untrue in ${secondsSince(start)} s`, ...untrue].join("\n  "));
        if (untrue.length > 0)
          out(`\nThe same again: npm run test:faults -- --seed ${seed} --calls ${calls} --fleet 0`);
        found.push(...untrue);
      }
      if (fleet > 0) {
        const start = performance.now();
        const { rateLimited, untrue } = await runFleet({
          accounts: fleet,
          onProgress: (done) => done % 20 === 0 && err(`test:faults: ${done} of ${fleet} accounts rotated`),
        });
        out(`\nA fleet of ${fleet} at ${REQUESTS_PER_SECOND} requests a second, Retry-After rounded down`);
        const summary = `${untrue.length} lost, ${rateLimited} refused with 429 on the way, in ${secondsSince(start)} s`;
        out([summary, ...untrue].join("\n  "));
        found.push(...untrue);
      }
      return found.length > 0 ? EXIT.found : EXIT.ok;
    },
  }),
);

function secondsSince(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(1);
}

function table(counts: ReadonlyMap<string, number>): string {
  const rows = [...counts].sort(([, one], [, other]) => other - one);
  return rows.map(([name, count]) => `${String(count).padStart(7)}  ${name}`).join("\n");
}

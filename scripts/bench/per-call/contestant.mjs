/**
 * One contestant in a process that holds nothing else: warms up, then measures calls made one after the other whenever
 * it is asked to.
 *
 * Arguments: name of the contestant, URL of the server, URLs of the client's entry and of hey-api's client.
 */
import { contestants } from "./contestants.mjs";

const [name, url, ...locations] = process.argv.slice(2);
/** What runs once a call is optimized only after some thousand of them. */
const WARM_UP_CALLS = 3000;

const contestant = await contestants[name](url, ...locations);
const { secret } = await contestant.create();
if (typeof secret !== "string") throw new Error(`${name} does not return the secret`);
for (const operation of ["create", "remove"]) await measure(operation, WARM_UP_CALLS);

process.on("message", async ({ operation, calls }) => process.send(await measure(operation, calls)));
process.send("ready");

/** Microseconds for each call: by the clock, and of this process on all cores. */
async function measure(operation, times) {
  const call = contestant[operation];
  const cpuBefore = process.cpuUsage();
  const before = performance.now();
  for (let index = 0; index < times; index += 1) await call();
  const wall = (performance.now() - before) * 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { wall: wall / times, cpu: (user + system) / times };
}

/**
 * One contestant against the built-in fetch, in a process that holds nothing else: rounds of calls one after the other,
 * the two of a round in an order drawn anew.
 *
 * Arguments: name of the contestant, URL of the server, URL of the client's entry, rounds, calls in each.
 */
import { contestants } from "./contestants.mjs";

const [name, url, entry, rounds, calls] = process.argv.slice(2);
const WARM_UP_CALLS = 2000;

const { baseline, make } = contestants[name];
const sides = { fetch: await baseline(url), contestant: await make(url, entry) };

for (const side of Object.values(sides)) {
  const { secret } = await side.create();
  if (typeof secret !== "string") throw new Error(`${name} does not hand out the secret`);
  await measure(side.create, WARM_UP_CALLS);
  await measure(side.remove, WARM_UP_CALLS);
}

const pairs = [];
for (let round = 0; round < Number(rounds); round += 1) {
  for (const operation of ["create", "remove"]) {
    const order = Math.random() < 0.5 ? ["fetch", "contestant"] : ["contestant", "fetch"];
    const pair = { operation };
    for (const side of order) pair[side] = await measure(sides[side][operation], Number(calls));
    pairs.push(pair);
  }
}
process.send(pairs, () => process.disconnect());

/** Microseconds for each call: by the clock, and of this process on all cores. */
async function measure(call, times) {
  const cpuBefore = process.cpuUsage();
  const before = performance.now();
  for (let index = 0; index < times; index += 1) await call();
  const wall = (performance.now() - before) * 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { wall: wall / times, cpu: (user + system) / times };
}

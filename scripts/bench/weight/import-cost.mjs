/**
 * Time and memory of one import in a process that has loaded nothing else. Argument: what is imported.
 */
globalThis.gc();
const before = process.memoryUsage();
const started = performance.now();
const imported = await import(process.argv[2]);
const milliseconds = performance.now() - started;
globalThis.gc();
const after = process.memoryUsage();
// `imported` is told of, so that it is still alive when the memory is read.
process.send(
  {
    names: Object.keys(imported).length,
    milliseconds,
    heapBytes: after.heapUsed - before.heapUsed,
    residentBytes: after.rss - before.rss,
  },
  () => process.disconnect(),
);

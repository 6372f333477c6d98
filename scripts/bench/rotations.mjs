/**
 * Rotates a fleet in a process that does nothing else, and tells how long it took and how much memory.
 *
 * Argument: URL of the client's entry. Waits for one message: the server's `{ url, credentials, plans }`, and
 * `concurrency`.
 */
const { createAtlasClient, rotateSecrets } = await import(process.argv[2]);

process.once("message", async ({ url, credentials, plans, concurrency }) => {
  const atlas = createAtlasClient({ credentials, baseUrl: url });
  const complete = plans.map((plan) => ({ ...plan, store: () => undefined }));
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const results = await rotateSecrets(atlas, complete, { concurrency });
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const failed = results.filter(({ status }) => status === "rejected").length;
  process.send({
    seconds,
    cpuSeconds: (user + system) / 1e6,
    failed,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  });
});
process.send("ready");

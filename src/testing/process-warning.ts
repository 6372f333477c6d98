/**
 * For tests: the process warnings of one kind that are emitted while something runs.
 */
export async function warningsDuring(code: string, run: () => Promise<unknown>): Promise<readonly string[]> {
  const seen: string[] = [];
  const listen = (warning: Error & { readonly code?: string }) => {
    if (warning.code === code) seen.push(`${warning.name}: ${warning.message}`);
  };
  process.on("warning", listen);
  try {
    await run();
    // Node emits warnings in the next tick, so also those of the last moment are there after this.
    await new Promise((resolve) => setImmediate(resolve));
    return seen;
  } finally {
    process.off("warning", listen);
  }
}

/** How a test says which facts of the contract it has touched; the ledger's reporter reads it when the test has passed. */

declare module "vitest" {
  interface TaskMeta {
    /** Names of facts, as `factName` makes them. */
    touches?: string[];
  }
}

/** Called at the end of a test: what did not happen is not touched. */
export function touches(task: { readonly meta: { touches?: string[] } }, ...facts: readonly string[]): void {
  task.meta.touches = [...(task.meta.touches ?? []), ...facts];
}

/**
 * The contract's operations in the form in which Prism's validators take them.
 *
 * The parts of Prism are imported one by one: its index brings the mocker along, which takes a while to load.
 */
import { getHttpOperationsFromSpec } from "@stoplight/prism-http/dist/utils/operations.js";

/** One operation as Prism sees it. */
export type PrismOperation = Awaited<ReturnType<typeof getHttpOperationsFromSpec>>[number];

/**
 * Loads a contract as Prism does.
 *
 * @param file - Path of the contract.
 */
export async function loadPrismOperations(file: string): Promise<readonly PrismOperation[]> {
  return getHttpOperationsFromSpec(file);
}

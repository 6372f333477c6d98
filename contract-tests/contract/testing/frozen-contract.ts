/**
 * For the tests of tools: a contract that does not change when the project's own does.
 */
import { fileURLToPath } from "node:url";

export const FROZEN_CONTRACT = fileURLToPath(new URL("frozen-contract.yaml", import.meta.url));

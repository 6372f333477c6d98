/**
 * npm run generate, npm run generate:check: writes generated/ from the contract, or says how the two differ.
 */
import { runCommand } from "./command.js";

process.exitCode = await runCommand(process.argv.slice(2), console);

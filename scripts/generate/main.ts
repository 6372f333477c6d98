/** `npm run generate` and `npm run generate:check`. */
import { runMain } from "../command.js";
import { generateCommand } from "./generate.js";

await runMain(generateCommand);

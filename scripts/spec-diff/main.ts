/** `npm run spec:diff -- FILE_OR_URL`: has the official Atlas document moved away from the contract? */
import { runMain } from "../command.js";
import { specDiff } from "./command.js";

await runMain(specDiff);

/**
 * `npm run spec:diff -- FILE_OR_URL`: has the official Atlas document moved away from the contract?
 */
import { specDiff } from "./spec-diff/main.js";

process.exitCode = await specDiff(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  colour: process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined,
});

#!/usr/bin/env node
import { run } from "./run.js";
/**
 * `atlas-secrets`: the process around the command line.
 */
import { processIo } from "./terminal/command-io.js";
import { EXIT } from "./terminal/exit-code.js";
import { messageOf } from "./terminal/rotation-report.js";

// Node's own code for it is 1, which here means that nothing was changed.
process.on("uncaughtException", (error) => {
  process.stderr.write(`atlas-secrets: stopped by a defect, look in Atlas at what exists: ${messageOf(error)}\n`);
  process.exit(EXIT.check);
});

const exitCode = await run(process.argv.slice(2), processIo());
// Nothing that is still open may keep a cron job waiting; what has been said gets out first.
process.stderr.write("", () => process.exit(exitCode));

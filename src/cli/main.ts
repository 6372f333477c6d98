#!/usr/bin/env node
/** `atlas-secrets` as a process. */
import { run } from "./program.js";
import { processIo } from "./terminal/command-io.js";
import { EXIT } from "./terminal/exit-code.js";
import { messageOf } from "./terminal/report.js";

// Node's own exit code for it is 1, which here means that nothing was changed.
process.on("uncaughtException", (error) => {
  process.stderr.write(`atlas-secrets: stopped by a defect; look in Atlas at what exists: ${messageOf(error)}\n`);
  process.exit(EXIT.uncertain);
});

// For a run that never ends, with nothing left to wait for.
process.exitCode = EXIT.uncertain;
// Not awaited: the build would put a module that awaits into a file of its own.
void run(process.argv.slice(2), processIo()).then((exitCode) => {
  // Nothing that is still open may keep a cron job waiting; what was written gets out first.
  process.stderr.write("", () => process.exit(exitCode));
});

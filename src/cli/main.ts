#!/usr/bin/env node
/**
 * `atlas-secrets`: the process around the command line.
 */
import { processIo } from "./command-io.js";
import { run } from "./run.js";

const exitCode = await run(process.argv.slice(2), processIo());
// Nothing that is still open may keep a cron job waiting; what has been said gets out first.
process.stderr.write("", () => process.exit(exitCode));

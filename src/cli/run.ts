/**
 * The command line as a function of its arguments and the world around it.
 */
import { CommanderError } from "commander";
import { runSession } from "./commands/session.js";
import { createProgram } from "./program.js";
import type { CommandIo } from "./terminal/command-io.js";
import { EXIT, type ExitCode } from "./terminal/exit-code.js";
import { printable } from "./terminal/words.js";

/** @param args what stands behind the name of the command */
export async function run(args: readonly string[], io: CommandIo): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const help: Promise<void>[] = [];
  const program = createProgram({
    async start(name, carryOut) {
      exitCode = await runSession(name, io, carryOut);
    },
    // Whoever has closed stdout before the end of the help did not want the rest.
    writeHelp: (text) => void help.push(io.stdout.write(text).catch(() => undefined)),
    writeError: (text) => io.stderr.write(printable(text)),
    columns: io.stderr.columns,
  });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  await Promise.all(help);
  return exitCode;
}

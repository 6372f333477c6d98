/**
 * `atlas-secrets`: runs the command that the arguments name, with the process around it.
 */
import { Argument, Command, CommanderError, type Option } from "commander";
import { VERSION } from "../index.js";
import type { Shell } from "./commands/completion.js";
import type { TypedOptions } from "./commands/options.js";
import { COMMANDS, COMPLETION_HELP, PROGRAM_HELP } from "./commands/table.js";
import { type CommandIo, codeOf, printable, redactorFor } from "./terminal/command-io.js";
import { EXIT, type ExitCode } from "./terminal/exit-code.js";

/** The shells that can complete the command line. */
const SHELLS: readonly Shell[] = ["bash", "zsh", "fish"];

/** @param args what follows the name of the program */
export async function run(args: readonly string[], io: CommandIo): Promise<ExitCode> {
  const redactor = redactorFor(io);
  let exitCode: ExitCode = EXIT.done;
  let output = "";
  const writeOut = (text: string) => {
    output += text;
  };
  const helpWidth = () => io.stderr.columns ?? 100;
  const program = new Command("atlas-secrets")
    .description("Create, delete and rotate secrets of MongoDB Atlas service accounts without losing one.")
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut,
      writeErr: (text) => io.stderr.write(printable(redactor.redact(text))),
      outputError: (text, write) => write(text.replace(/^error: /, "atlas-secrets: ")),
      getOutHelpWidth: helpWidth,
      getErrHelpWidth: helpWidth,
    })
    .showSuggestionAfterError()
    .addHelpText("after", PROGRAM_HELP);

  for (const [name, { description, options, help, load }] of Object.entries(COMMANDS)) {
    const command = program.command(name).description(description);
    for (const each of options) {
      // Before commander takes it: of two values, or of an option and its opposite, one would silently be ignored.
      command.on(`option:${each.name()}`, () => refuseSecond(each, command));
      command.addOption(each);
    }
    command
      .option("--quiet", "print no progress, only errors and the ids of new secrets")
      .showHelpAfterError(`nothing was sent; see atlas-secrets ${name} --help`)
      .addHelpText("after", help)
      .action(async (typed: TypedOptions) => {
        const [{ Session }, runCommand] = await Promise.all([import("./commands/session.js"), load()]);
        exitCode = await new Session(io, redactor, typed).run(name, runCommand);
      });
  }
  program
    .command("completion")
    .description("Print a script that lets a shell complete the command line.")
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    // What the script asks about: how can these words go on?
    .allowExcessArguments()
    .showHelpAfterError("see atlas-secrets completion --help")
    .addHelpText("after", COMPLETION_HELP)
    .action(async (shell: Shell, _options: object, { args: [, ...words] }: Command) => {
      const { completion } = await import("./commands/completion.js");
      writeOut(completion(program, shell, words));
    });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  try {
    if (output !== "") await io.stdout.write(output);
  } catch (error) {
    // Whoever closed stdout before the end did not want the rest.
    if (codeOf(error) !== "EPIPE") {
      io.stderr.write(`atlas-secrets: cannot write to stdout (${codeOf(error)})\n`);
      exitCode = EXIT.refused;
    }
  }
  return exitCode;
}

/** Exits with 2 if an option has a value already, or its opposite was given. */
function refuseSecond(option: Option, command: Command): void {
  const given: unknown = command.getOptionValue(option.attributeName());
  if (given === undefined || (!option.required && !option.negate) || (option.negate && given === false)) return;
  const isOpposite = option.negate || given === false;
  command.error(
    isOpposite
      ? `error: option '${option.flags}' cannot be used with its opposite`
      : `error: option '${option.flags}' is given more than once`,
  );
}

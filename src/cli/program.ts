/**
 * `atlas-secrets`: the commands and their options, as a function of the arguments and the process around them.
 */
import { Argument, Command, CommanderError, Option } from "commander";
import { VERSION } from "../index.js";
import type { Shell } from "./commands/completion.js";
import { helpBelowOptions } from "./commands/help.js";
import { type CommandIo, codeOf, redactorFor } from "./terminal/command-io.js";
import { EXIT, type ExitCode } from "./terminal/exit-code.js";
import { printable } from "./terminal/messages.js";

/** Each command by its name; loaded when it is named, since `--version` and `--help` need none. */
const COMMANDS = {
  create: async () => (await import("./commands/create.js")).create,
  delete: async () => (await import("./commands/delete.js")).deleteSecret,
  rotate: async () => (await import("./commands/rotate.js")).rotate,
  status: async () => (await import("./commands/state.js")).status,
  forget: async () => (await import("./commands/state.js")).forget,
  adopt: async () => (await import("./commands/state.js")).adopt,
} as const;
type CommandOf<Name extends keyof typeof COMMANDS> = Awaited<ReturnType<(typeof COMMANDS)[Name]>>;

/** The options of every command, all as they were typed; commander gives a command only its own. */
type Options = Parameters<CommandOf<"create">>[0] &
  Parameters<CommandOf<"rotate">>[0] &
  Parameters<CommandOf<"status">>[0];

const PROJECT_ID = new Option("--project-id <id>", "project through which the secret is created");
/** Atlas calls a project a group too. */
const GROUP_ID = new Option("--group-id <id>", "the same as --project-id").hideHelp().conflicts("projectId");
const ORG_ID = new Option("--org-id <id>", "organization through which secrets are deleted");
const CLIENT_ID = new Option("--client-id <id>", "client id of the service account");
const EXPIRES = new Option(
  "--expires-after-hours <hours>",
  "life of the new secret, such as 720 or 30d; Atlas allows 8 hours to 365 days",
);
const PREVIOUS = new Option(
  "--previous-secret-id <id>",
  "secret to delete at the end (default: the one that the state knows, else none)",
);
const SECRET_FILE = new Option(
  "--secret-file <path>",
  "write only the new secret to this file; a new file gets mode 0600",
);
const EXEC = new Option(
  "--exec <command>",
  "run this shell command with the new secret as JSON on stdin; exit 0 means stored",
);
const EXEC_TIMEOUT = new Option("--exec-timeout <seconds>", "end the command of --exec after this time (default: 300)");
const EXEC_INHERIT = new Option("--exec-inherit-credentials", "let the command of --exec see the Atlas credentials");
const STORE = [SECRET_FILE, EXEC, EXEC_TIMEOUT, EXEC_INHERIT];
const ONE_ACCOUNT = [CLIENT_ID, EXPIRES, PREVIOUS, SECRET_FILE, EXEC];
const FLEET = new Option("--fleet <file>", "rotate every account that this JSON file lists").conflicts(
  ONE_ACCOUNT.map((each) => each.attributeName()),
);

const SECRET_ID = new Option("--secret-id <id>", "id of the secret");
const STATE = new Option("--state <file>", "the file that --state of rotate names");
const CLIENT = [
  new Option("--base-url <url>", "override the Atlas host (default: https://cloud.mongodb.com)"),
  new Option("--timeout <seconds>", "longest wait for each response (default: 30)"),
  new Option("--retries <n>", "retries, only if repeating is safe (default: 3)"),
  new Option("--max-wait <seconds>", "longest wait between two attempts (default: 60)"),
  new Option("--dry-run", "check everything and print the steps; send nothing"),
];

/** The shells that can complete the command line. */
const SHELLS: readonly Shell[] = ["bash", "zsh", "fish"];

/** @param args what follows the name of the program */
export async function run(args: readonly string[], io: CommandIo): Promise<ExitCode> {
  const redactor = redactorFor(io);
  let exitCode: ExitCode = EXIT.done;
  const written: Promise<void>[] = [];
  const lost = new Set<string>();
  const writeOut = (text: string) => {
    written.push(io.stdout.write(text).catch((error: unknown) => void lost.add(codeOf(error))));
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
    .addHelpText("after", helpBelowOptions(""));

  const command = (name: keyof typeof COMMANDS, description: string, options: readonly Option[]) => {
    const added = program.command(name).description(description);
    for (const each of options) {
      // Before commander takes it: of two values, or of an option and its opposite, one would silently be ignored.
      added.on(`option:${each.name()}`, () => refuseSecond(each, added));
      added.addOption(each);
    }
    added
      .option("--quiet", "print no progress, only errors and the ids of new secrets")
      .showHelpAfterError(`nothing was sent; see atlas-secrets ${name} --help`)
      .addHelpText("after", helpBelowOptions(name))
      .action(async (given: Options) => {
        const { runSession } = await import("./commands/session.js");
        const runCommand = await COMMANDS[name]();
        exitCode = await runSession(name, io, redactor, given.quiet === true, (session) => runCommand(given, session));
      });
  };
  command("create", "Create a secret. It is printed once, unless --secret-file or --exec stores it.", [
    ...[PROJECT_ID, GROUP_ID, CLIENT_ID, EXPIRES, ...STORE, ...CLIENT],
  ]);
  command("delete", "Delete a secret. Whatever still signs in with it is refused from then on.", [
    ...[ORG_ID, CLIENT_ID, SECRET_ID, ...CLIENT],
  ]);
  command("rotate", "Rotate a secret: create a new one, verify that it works, store it, delete the previous one.", [
    ...[PROJECT_ID, GROUP_ID, ORG_ID, CLIENT_ID, EXPIRES, PREVIOUS, ...STORE],
    ...[FLEET, new Option("--concurrency <n>", "accounts of the fleet to rotate at the same time (default: 4)")],
    new Option("--max-failures <n>", "start no other rotation after this many failures in a row (default: no limit)"),
    new Option(
      "--state <file>",
      "remember secrets and unfinished rotations in this file (default with --fleet: beside it)",
    ),
    new Option("--no-state", "remember nothing of a fleet"),
    new Option(
      "--renew-before <duration>",
      "rotate only what expires within this time, such as 10d, or is not known yet",
    ),
    new Option("--jitter <seconds>", "wait for a random time of up to this many seconds first (default: 0)"),
    new Option("--accept-unknown", "rotate again after an interrupted creation, once you have looked in Atlas"),
    ...CLIENT,
  ]);
  const kept = [STATE, new Option("--fleet <file>", "the state beside this fleet file")];
  command("status", "Show what the state knows: secrets, when they expire, what is half-done. Nothing is sent.", [
    ...kept,
    new Option("--renew-before <duration>", "show as due what expires within this time, such as 10d"),
    new Option("--json", "print JSON"),
    new Option("--prometheus", "print metrics in the text format of Prometheus"),
  ]);
  command("forget", "Drop an account from the state, after you have looked in Atlas. Nothing is sent.", [
    ...[...kept, CLIENT_ID],
  ]);
  command("adopt", "Tell the state which secret of an account is in use. Nothing is sent.", [
    ...[...kept, PROJECT_ID, GROUP_ID, ORG_ID, CLIENT_ID, SECRET_ID],
    new Option("--expires-at <date>", "when the secret expires, such as 2026-12-24T18:00:00Z"),
  ]);
  program
    .command("completion")
    .description("Print a script that lets a shell complete the command line.")
    .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
    .showHelpAfterError("see atlas-secrets completion --help")
    .addHelpText("after", helpBelowOptions("completion"))
    .action(async (shell: Shell) => {
      const { completionScript } = await import("./commands/completion.js");
      writeOut(completionScript(program, shell));
    });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  await Promise.all(written);
  // Whoever closed stdout before the end did not want the rest.
  lost.delete("EPIPE");
  if (lost.size > 0) {
    io.stderr.write(`atlas-secrets: cannot write to stdout (${[...lost].join()})\n`);
    exitCode = EXIT.refused;
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

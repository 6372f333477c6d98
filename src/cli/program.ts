/** `atlas-secrets`: runs the command that the arguments name, or tells a shell how what has been typed can go on. */
import { Argument, Command, CommanderError, type Option } from "commander";
import { createRedactor, VERSION } from "../index.js";
import type { TypedOptions } from "./commands/options.js";
import { COMMANDS, COMPLETION_HELP, PROGRAM_HELP } from "./commands/table.js";
import { type CommandIo, credentialsIn, printable } from "./terminal/command-io.js";
import { codeOf, EXIT, type ExitCode } from "./terminal/exit-code.js";

export async function run(args: readonly string[], io: CommandIo): Promise<ExitCode> {
  const redactor = createRedactor();
  for (const credential of credentialsIn(io)) redactor.protect(credential);
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
    .addArgument(new Argument("<shell>", "the shell").choices(Object.keys(SHELLS)))
    // What the script asks about: how can these words go on?
    .allowExcessArguments()
    .showHelpAfterError("see atlas-secrets completion --help")
    .addHelpText("after", COMPLETION_HELP)
    .action((shell: keyof typeof SHELLS, _options: object, { args: [, ...words] }: Command) => {
      writeOut(completion(program, shell, words));
    });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  const lost = output === "" ? undefined : await io.stdout.write(output).then(() => undefined, codeOf);
  // Whoever closed stdout before the end did not want the rest.
  if (lost === undefined || lost === "EPIPE") return exitCode;
  io.stderr.write(`atlas-secrets: cannot write to stdout (${lost})\n`);
  return EXIT.refused;
}

function refuseSecond(option: Option, command: Command): void {
  const given: unknown = command.getOptionValue(option.attributeName());
  if (given === undefined || (!option.required && !option.negate) || (option.negate && given === false)) return;
  const isOpposite = option.negate || given === false;
  const problem = isOpposite ? "cannot be used with its opposite" : "is given more than once";
  command.error(`error: option '${option.flags}' ${problem}`);
}

/** In place of what can follow: the path of a file. */
const FILES = ":files";

/** The script of each shell. */
const SHELLS = {
  bash: `_atlas_secrets() {
  local word=\${COMP_WORDS[COMP_CWORD]} line
  local lines=$(atlas-secrets completion bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ $lines == ${FILES} ]]; then
    compopt -o filenames 2>/dev/null
    local lines=$(compgen -f -- "\${word#=}")
  fi
  COMPREPLY=()
  while IFS= read -r line; do [[ -z $line ]] || COMPREPLY+=("$line"); done <<< "$lines"
}
complete -F _atlas_secrets atlas-secrets
`,
  zsh: `#compdef atlas-secrets
_atlas_secrets() {
  local -a lines=("\${(@f)$(atlas-secrets completion zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ $lines[1] == ${FILES} ]]; then
    compset -P '--*='
    _files
  else
    compadd -- $lines
  fi
}
if [[ $funcstack[1] == _atlas-secrets ]]; then _atlas_secrets "$@"; else compdef _atlas_secrets atlas-secrets; fi
`,
  fish: `function __atlas_secrets
  set -l words (commandline -opc) (commandline -ct)
  set -l lines (atlas-secrets completion fish -- $words[2..] 2>/dev/null)
  if test "$lines" = ${FILES}
    set -l parts (string match -r '^(--[^=]*=|)(.*)' -- (commandline -ct))
    set lines $parts[2](__fish_complete_path $parts[3])
  end
  string join -- \\n $lines
end
complete -c atlas-secrets -f -a '(__atlas_secrets)'
`,
} as const;

/** @param words what has been typed behind the name of the program, the last of them perhaps in part; none for the script */
function completion(program: Command, shell: keyof typeof SHELLS, words: readonly string[]): string {
  if (words.length === 0) return SHELLS[shell];
  // bash takes --option=value apart.
  const [name, ...more] = words.slice(0, -1).filter((word) => word !== "=");
  const last = words.at(-1) === "=" ? "" : (words.at(-1) ?? "");
  const help = program.createHelp();
  const commands = help.visibleCommands(program);
  const command = name === undefined ? program : commands.find((each) => each.name() === name);
  if (command === undefined) return "";
  const options = help.visibleOptions(command);
  const [assigned = more.at(-1)] = /^--[^=]+(?==)/.exec(last) ?? [];
  const assignedTo = options.find(({ long, required }) => required && long === assigned);
  if (assignedTo !== undefined) return /<(?:file|path)>$/.test(assignedTo.flags) ? `${FILES}\n` : "";
  const following = [
    ...(command === program ? commands.map((each) => each.name()) : []),
    ...(command.registeredArguments[0]?.argChoices ?? []),
    ...options.flatMap(({ short, long }) => [short, long]),
  ];
  return following.map((word) => (word?.startsWith(last) ? `${word}\n` : "")).join("");
}

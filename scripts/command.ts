/**
 * The frame of every `npm run` command: usage and `--help`, options, exit codes, what goes to which stream.
 *
 * A command is a table of its options and a function; `scripts/mock.ts` is the model to copy.
 * A test calls what `command` returns, `(args, io) => Promise<exit code>`, with an `io` of its own. Whatever is wrong
 * with the arguments is found before `run` and said all at once, one line each. What `run` finds wrong itself it throws
 * as a `UsageError`; that it could not do its work, as a `CommandError`: one line, no stack. Any other error is a defect
 * of the command and is shown with its stack.
 */
import { Command, CommanderError, Option } from "commander";

/** Results and findings are printed with `out`; problems and progress with `err`. Both add the line's end. */
export interface CommandIo {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Width of the terminal, in characters. */
  readonly columns: number;
}

/** `found`: it ran, and found what it looks for. `usage`: wrongly called, or it could not run. */
export const EXIT = { ok: 0, found: 1, usage: 2 } as const;

/** The command could not do its work: each message becomes one line on stderr. */
export class CommandError extends Error {
  override readonly name: string = "CommandError";

  constructor(
    readonly messages: readonly string[],
    readonly exitCode: number = EXIT.usage,
    options?: ErrorOptions,
  ) {
    super(messages.join("; "), options);
  }
}

/** The command was called wrongly; its messages are followed by a line that points at `--help`. */
export class UsageError extends CommandError {
  override readonly name = "UsageError";

  constructor(...messages: readonly string[]) {
    super(messages);
  }
}

/** One option. `Absent` is its value if it is not given. */
export interface CommandOption<Value, Absent = undefined> {
  /** Stands for the value in the usage; a flag has none. */
  readonly placeholder?: string;
  readonly about: string;
  /** `undefined` if it is not what is expected. */
  readonly parse: (given: string) => Value | undefined;
  readonly expected: (given: string) => string;
  readonly absent: Absent;
}

type OptionTable = Readonly<Record<string, CommandOption<unknown, unknown>>>;

/** What a command gets: the value of each option and positional, by name. */
type Read<Options, Positional extends string> = {
  readonly [Name in keyof Options]: Options[Name] extends CommandOption<infer Value, infer Absent>
    ? Value | Absent
    : never;
} & Readonly<Record<Positional, string>>;

interface Definition<Options extends OptionTable, Positional extends string> {
  /** As in `npm run NAME`. */
  readonly name: string;
  readonly about: string;
  /** What must be given without an option: name and meaning. */
  readonly positionals?: Readonly<Record<Positional, string>>;
  /** By name, without the dashes. */
  readonly options: Options;
  /** Examples, and the exit codes if they mean something special. */
  readonly afterHelp?: string;
  /** @returns the exit code */
  run(values: Read<Options, Positional>, io: CommandIo): Promise<number>;
}

export function flag(about: string): CommandOption<boolean, false> {
  return { about, parse: () => true, expected: () => "nothing", absent: false };
}

/** An option whose text is read by `parse`, which returns `undefined` if it is not what is expected. */
export function parsed<Value>(
  placeholder: string,
  about: string,
  expected: string,
  parse: (given: string) => Value | undefined,
): CommandOption<Value> {
  return { placeholder, about, parse, expected: () => expected, absent: undefined };
}

export function text(placeholder: string, about: string): CommandOption<string> {
  return parsed(placeholder, about, "a value", (given) => given || undefined);
}

export function integer(placeholder: string, about: string, least: number, most: number): CommandOption<number> {
  return number(placeholder, about, `an integer from ${least} to ${most}`, /^\d+$/, least, most);
}

/** With or without a fraction. */
export function seconds(placeholder: string, about: string, most: number): CommandOption<number> {
  return number(placeholder, about, `seconds up to ${most}`, /^\d+(\.\d+)?$/, 0.001, most);
}

function number(placeholder: string, about: string, expected: string, form: RegExp, least: number, most: number) {
  return parsed(placeholder, about, expected, (given) => {
    const value = form.test(given) ? Number(given) : Number.NaN;
    return value >= least && value <= most ? value : undefined;
  });
}

/** One or more of these names, separated by commas, each once. */
export function names<Name extends string>(
  placeholder: string,
  about: string,
  known: readonly Name[],
): CommandOption<readonly Name[]> {
  const parts = (given: string) => [...new Set(given.split(",").map((part) => part.trim()))];
  const find = (part: string) => known.find((name) => name === part);
  return {
    placeholder,
    about,
    parse: (given) => (parts(given).every(find) ? parts(given).flatMap((part) => find(part) ?? []) : undefined),
    expected: (given) => `${known.join(", ")}${suggestion(parts(given).find((part) => !find(part)) ?? "", known)}`,
    absent: undefined,
  };
}

/** @param shown how `--help` shows the default, if not as it is */
export function withDefault<Value>(
  option: CommandOption<Value>,
  value: Value,
  shown: string = String(value),
): CommandOption<Value, Value> {
  return { ...option, about: `${option.about} (default: ${shown})`, absent: value };
}

/** ` (Did you mean …?)`, or nothing if no known name is near. Commander has it for options only. */
export function suggestion(given: string, known: readonly string[]): string {
  const options = quiet(new Command());
  for (const name of known) options.option(`--${name}`);
  try {
    options.parse([`--${given.replaceAll(/^-+|[^\w-]/g, "")}`], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const [found = ""] = /\(Did you mean .+\)$/.exec(error.message) ?? [];
    return found && ` ${given.startsWith("--") ? found : found.replaceAll("--", "")}`;
  }
  return "";
}

/** A command as a function of its arguments; it resolves to the exit code and never rejects. */
export function command<Options extends OptionTable, Positional extends string = never>(
  definition: Definition<Options, Positional>,
): (args: readonly string[], io: CommandIo) => Promise<number> {
  const { name } = definition;
  return async (args, io) => {
    try {
      const call = parse(definition, args, io.columns);
      if ("values" in call) return await definition.run(call.values, io);
      io.out(call.help);
      return EXIT.ok;
    } catch (error) {
      if (!(error instanceof CommandError)) {
        io.err(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        return EXIT.usage;
      }
      // One line each, and no control characters, whatever is quoted in them.
      for (const message of error.messages) io.err(`${name}: ${message.replaceAll(/[\s\p{Cc}]*\p{Cc}\s*/gu, " ")}`);
      if (error instanceof UsageError) io.err(`${name}: see npm run ${name} -- --help`);
      return error.exitCode;
    }
  };
}

/** Runs the command with this process's arguments and streams, and sets its exit code. */
export async function runMain(run: (args: readonly string[], io: CommandIo) => Promise<number>): Promise<void> {
  let isLost = false;
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
    // Whoever has closed the pipe (`| head`) or the terminal does not want the rest.
    if (code === "EPIPE" || code === "EIO" || isLost) return;
    isLost = true;
    process.stderr.write(`cannot write to stdout (${code})\n`);
    process.exitCode = EXIT.usage;
  });
  process.stderr.on("error", () => undefined);
  const exitCode = await run(process.argv.slice(2), {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    env: process.env,
    // A terminal may not know its width, and say 0.
    columns: process.stdout.columns || 100,
  });
  process.exitCode = isLost ? EXIT.usage : exitCode;
}

/**
 * All that the arguments ask for.
 * @throws UsageError with all that is wrong with them
 */
function parse<Options extends OptionTable, Positional extends string>(
  { name, about, positionals, options, afterHelp = "" }: Definition<Options, Positional>,
  args: readonly string[],
  columns: number,
): { readonly help: string } | { readonly values: Read<Options, Positional> } {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  const given = new Set<string>();
  const parser = quiet(new Command(`npm run ${name} --`))
    .description(about)
    .helpOption("-h, --help", "show this");
  parser.configureOutput({ getOutHelpWidth: () => columns });
  const wanted = Object.entries<string>(positionals ?? {});
  for (const [positional, meaning] of wanted) parser.argument(`<${positional}>`, meaning);

  for (const [key, option] of Object.entries(options)) {
    values[key] = option.absent;
    const flags = option.placeholder === undefined ? `--${key}` : `--${key} <${option.placeholder}>`;
    const read = (value = "") => {
      if (given.has(key)) problems.push(`--${key} is given more than once`);
      given.add(key);
      const found = option.parse(value);
      const got = JSON.stringify(value.slice(0, 100));
      if (value.startsWith("--")) problems.push(`--${key} is missing its value`);
      else if (found === undefined) problems.push(`--${key}: expected ${option.expected(value)}, got ${got}`);
      else values[key] = found;
    };
    parser.addOption(new Option(flags, option.about).argParser(read));
  }

  // Without the end of options after it, commander would stop at a last option that is missing its value.
  const { operands, unknown } = parser.parseOptions(args.includes("--") ? [...args] : [...args, "--"]);
  if (unknown.includes("--help") || unknown.includes("-h")) {
    return { help: `${parser.helpInformation()}${afterHelp && `\n${afterHelp}\n`}`.trimEnd() };
  }
  // What follows an unknown option may be its value.
  const strangers = unknown.filter((argument) => /^-./.test(argument) && argument !== "--");
  const known = Object.keys(options);
  for (const stranger of strangers) {
    // Only its name is repeated: the value may be a credential.
    const [option = ""] = stranger.split("=", 1);
    const isFlag = known.includes(option.slice(2));
    problems.push(isFlag ? `${option} takes no value` : `unknown option ${option}${suggestion(option, known)}`);
  }
  for (const [index, [positional]] of wanted.entries()) {
    const operand = operands[index] ?? "";
    if (operand === "" && strangers.length === 0) problems.push(`<${positional}> is missing`);
    values[positional] = operand;
  }
  for (const operand of operands.slice(wanted.length)) problems.push(`unexpected argument ${JSON.stringify(operand)}`);
  if (problems.length > 0) throw new UsageError(...problems);
  // `values` has a member for each option and positional, read by the option itself.
  return { values: values as Read<Options, Positional> };
}

/** Throws instead of ending the process, and prints nothing itself. */
function quiet(parser: Command): Command {
  return parser.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
}

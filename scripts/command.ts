/**
 * The frame of every `npm run` command: usage and `--help`, options, exit codes, what goes to which stream.
 *
 * A command is a table of its options and a function; `scripts/mock.ts` is the model to copy. A test calls what `command`
 * returns with an `io` of its own. What `run` finds wrong with its arguments it throws as a `UsageError`; that it could not
 * do its work, as a `CommandError`: one line, no stack. Any other error is a defect and is shown with its stack.
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
interface CommandOption<Value, Absent = undefined> {
  /** Stands for the value in the usage; a flag has none. */
  readonly placeholder?: string;
  readonly about: string;
  readonly expected: string;
  /** `undefined` if it is not what is expected. */
  readonly parse: (given: string) => Value | undefined;
  readonly absent: Absent;
}

type OptionTable = Readonly<Record<string, CommandOption<unknown, unknown>>>;

/** What a command gets: the value of each option and positional, by name. */
type Values<Options, Positional extends string> = {
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
  run(values: Values<Options, Positional>, io: CommandIo): Promise<number>;
}

export function flag(about: string): CommandOption<boolean, false> {
  return { about, expected: "nothing", parse: () => true, absent: false };
}

/** An option whose text is read by `parse`, which returns `undefined` if it is not what is expected. */
export function parsed<Value>(
  placeholder: string,
  about: string,
  expected: string,
  parse: (given: string) => Value | undefined,
): CommandOption<Value> {
  return { placeholder, about, expected, parse, absent: undefined };
}

export function text(placeholder: string, about: string): CommandOption<string> {
  return parsed(placeholder, about, "a value", (given) => given || undefined);
}

export function integer(placeholder: string, about: string, least: number, most: number): CommandOption<number> {
  return number(placeholder, about, `an integer from ${least} to ${most}`, /^\d+$/, least, most);
}

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
  return parsed(placeholder, about, known.join(", "), (given) => {
    const wanted = [...new Set(given.split(",").map((part) => part.trim()))];
    const found = wanted.flatMap((part) => known.find((name) => name === part) ?? []);
    return found.length === wanted.length ? found : undefined;
  });
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
    options.parse([`--${given.replaceAll(/[^\w-]/g, "")}`], { from: "user" });
  } catch (error) {
    const [found = ""] = /\(Did you mean .+\)$/.exec(String(error)) ?? [];
    return found && ` ${found.replaceAll("--", "")}`;
  }
  return "";
}

/** A command as a function of its arguments; it resolves to the exit code and never rejects. */
export function command<Options extends OptionTable, Positional extends string = never>({
  name,
  about,
  positionals,
  options,
  afterHelp,
  run,
}: Definition<Options, Positional>): (args: readonly string[], io: CommandIo) => Promise<number> {
  return async (args, io) => {
    const parser = quiet(new Command(`npm run ${name} --`))
      .description(about)
      .helpOption("-h, --help", "show this")
      .addHelpText("after", afterHelp ? `\n${afterHelp}` : "")
      .configureOutput({ writeOut: (help) => io.out(help.trimEnd()), getOutHelpWidth: () => io.columns });
    const values: Record<string, unknown> = {};
    for (const [key, { placeholder, about: meaning, expected, parse }] of Object.entries(options)) {
      const option = new Option(placeholder === undefined ? `--${key}` : `--${key} <${placeholder}>`, meaning);
      const read = (given = "") => {
        if (Object.hasOwn(values, key)) throw new UsageError(`--${key} is given more than once`);
        if (given.startsWith("--")) throw new UsageError(`option '${option.flags}' argument missing`);
        values[key] = parse(given);
        const got = JSON.stringify(given.slice(0, 100));
        if (values[key] === undefined) throw new UsageError(`--${key}: expected ${expected}, got ${got}`);
      };
      parser.addOption(option.argParser(read));
    }
    for (const [positional, meaning] of Object.entries<string>(positionals ?? {})) {
      parser.argument(`<${positional}>`, meaning, (given: string) => {
        // As from a variable that is not set.
        if (given === "") throw new UsageError(`missing required argument '${positional}'`);
        values[positional] = given;
      });
    }
    try {
      parser.parse(args, { from: "user" });
      for (const [key, { absent }] of Object.entries(options)) values[key] ??= absent;
      // `values` has a member for each option and positional, read by the option itself.
      return await run(values as Values<Options, Positional>, io);
    } catch (cause) {
      if (cause instanceof CommanderError && cause.exitCode === EXIT.ok) return EXIT.ok;
      // Of an unknown option only the name is repeated: the value may be a credential.
      const isUsage = cause instanceof CommanderError;
      const error = isUsage ? new UsageError(cause.message.replace("error: ", "").replace(/=.*'/s, "=…'")) : cause;
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

/** A line for https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions. */
export function annotation(
  level: "error" | "warning" | "notice",
  properties: Readonly<Record<string, string | number>>,
  message: string,
): string {
  // Of what means something in such a line, `encodeURIComponent` leaves nothing.
  const encoded = (text: string | number, special: RegExp) => String(text).replace(special, encodeURIComponent);
  const list = Object.entries(properties).map(([name, value]) => `${name}=${encoded(value, /[%\r\n:,]/g)}`);
  return `::${level} ${list.join(",")}::${encoded(message, /[%\r\n]/g)}`;
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

/** Throws instead of ending the process, and prints no problem itself. */
function quiet(parser: Command): Command {
  return parser.exitOverride().configureOutput({ writeErr: () => undefined });
}

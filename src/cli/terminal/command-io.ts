/** What a command sees of its process, and its messages there; a test passes its own process. */
import { fstatSync, type Stats, statSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import { promisify } from "node:util";
import type { Redactor } from "../../index.js";
import type { ExitCode } from "./exit-code.js";

/** The variables whose values nobody may see. */
export const CREDENTIAL_VARIABLES = [
  "MONGODB_ATLAS_CLIENT_SECRET",
  "MONGODB_ATLAS_PRIVATE_API_KEY",
  "MONGODB_ATLAS_ACCESS_TOKEN",
];

export function credentialsIn({ env }: Pick<CommandIo, "env">): string[] {
  return CREDENTIAL_VARIABLES.flatMap((name) => env[name] || []);
}

export type CommandIo = ReturnType<typeof processIo>;

export function processIo() {
  const { stdout, stderr, env } = process;
  /** False of a descriptor that is closed: writing to it reports that. */
  const isStdout = (kind: (found: Stats) => boolean) => {
    try {
      return kind(fstatSync(stdout.fd));
    } catch {
      return false;
    }
  };
  // A reader that has gone away must not end a rotation half-way; `write` reports it if it matters.
  stdout.on("error", () => undefined);
  stderr.on("error", () => undefined);
  return {
    env,
    /** For JSON only. */
    stdout: {
      /** Rejects if the text was not written. */
      async write(text: string): Promise<void> {
        // A full disk or a size limit may take only a part, and says so at the next attempt; Node's own stream makes none.
        if (isStdout((found) => found.isFile())) writeFileSync(stdout.fd, text);
        else await promisify<string, void>((chunk, done) => stdout.write(chunk, (error) => done(error)))(text);
      },
      /** Whether everything written there is thrown away. */
      isDiscarded(): boolean {
        // If a descriptor is closed when the process starts, Node opens the null device in its place.
        return isStdout((found) => {
          const nothing = statSync(devNull);
          return found.rdev === nothing.rdev && found.ino === nothing.ino && found.dev === nothing.dev;
        });
      },
    },
    stderr: {
      /** Never fails: the work is more important than the messages about it. */
      write: (text: string): void => void stderr.write(text),
      /** Width of the terminal; undefined if it is none, or one that cannot rewrite a line. */
      columns: stderr.isTTY && env["TERM"] !== "dumb" ? stderr.columns || 80 : undefined,
    },
    onSignal: (name: NodeJS.Signals, listener: () => void): unknown => process.on(name, listener),
    exit: (code: ExitCode): void => process.exit(code),
    now: Date.now,
  };
}

const ERASE_LINE = "\r\u001b[K";

export type Messages = ReturnType<typeof createMessages>;

/** On stderr: errors and new ids always, the rest only on a terminal that shall not be quiet; its last line shows the progress. */
export function createMessages(
  { stderr }: Pick<CommandIo, "stderr">,
  { redact }: Pick<Redactor, "redact">,
  quiet = false,
) {
  const columns = quiet ? undefined : stderr.columns;
  let shown = "";
  /** A line that another program has printed, as it is. */
  const printRaw = (line: string) => stderr.write(shown === "" ? `${line}\n` : `${ERASE_LINE}${line}\n${shown}`);
  const print = (text: string) => printRaw(printable(redact(`atlas-secrets: ${text}`)));
  return {
    printRaw,
    print,
    info(text: string): void {
      if (columns !== undefined) print(text);
    },
    progress(text: string): void {
      if (columns === undefined) return;
      // In the last column, some terminals have already moved to the next line.
      shown = printable(redact(text)).slice(0, columns - 1);
      stderr.write(`${ERASE_LINE}${shown}`);
    },
    clearProgress(): void {
      if (shown !== "") stderr.write(ERASE_LINE);
      shown = "";
    },
  };
}

/** A server's text must not control the terminal. */
export const printable = (text: string) => text.replace(/(?!\n)\p{Cc}/gu, "\ufffd");

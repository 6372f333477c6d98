/**
 * What a command sees of the world around it: the process, or a test that stands in for it.
 */
import { fstatSync, statSync } from "node:fs";
import type { ExitCode } from "./exit-code.js";

export interface CommandIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For JSON alone. */
  readonly stdout: {
    /** Rejects where the text did not get out. */
    write(text: string): Promise<void>;
    /** Whether all that is written there is thrown away. */
    isDiscarded(): boolean;
  };
  /** For words. */
  readonly stderr: {
    /** Never fails: what is under way is more important than the words about it. */
    write(text: string): void;
    /** Width of the terminal; undefined where it is none, or one that cannot rewrite a line. */
    readonly columns: number | undefined;
  };
  /** Where SIGINT, SIGTERM and SIGHUP arrive. */
  readonly signals: {
    on(name: NodeJS.Signals, listener: () => void): unknown;
    off(name: NodeJS.Signals, listener: () => void): unknown;
  };
  /** Ends the process at once. */
  exit(code: ExitCode): void;
}

/** The process as it is. */
export function processIo(): CommandIo {
  const { stdout, stderr, env } = process;
  // A reader that has gone away must not end a rotation half-way; `write` tells where it matters.
  stdout.on("error", () => undefined);
  stderr.on("error", () => undefined);
  return {
    env,
    stdout: {
      write: (text) =>
        new Promise((resolve, reject) => {
          stdout.write(text, (error) => (error ? reject(error) : resolve()));
        }),
      isDiscarded: () => isNullDevice(stdout.fd),
    },
    stderr: {
      write: (text) => void stderr.write(text),
      columns: stderr.isTTY && env["TERM"] !== "dumb" ? stderr.columns || 80 : undefined,
    },
    signals: process,
    exit: (code) => process.exit(code),
  };
}

/** Where a descriptor is closed when the process starts, Node opens the null device in its place. */
function isNullDevice(descriptor: number): boolean {
  try {
    const { rdev, ino, dev } = fstatSync(descriptor);
    const nothing = statSync("/dev/null");
    return rdev === nothing.rdev && ino === nothing.ino && dev === nothing.dev;
  } catch {
    // No such device on this system, or no such descriptor, which `write` will tell.
    return false;
  }
}

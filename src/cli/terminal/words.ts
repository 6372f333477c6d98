/**
 * What is said on stderr: errors and new ids always, everything else on a terminal only, where one line at the end
 * shows what is going on.
 */
import { redactByForm } from "../../safe/redaction.js";
import type { CommandIo } from "./command-io.js";

export interface Words {
  /** What has to be known: for logs and terminals alike. */
  say(text: string): void;
  /** What is good to know while somebody watches. */
  note(text: string): void;
  /** Shown until something else is; replaces what was shown. */
  progress(text: string): void;
  /** Takes the progress away. */
  clear(): void;
  /** A line of somebody else's, as it is. */
  pass(line: string): void;
}

const ERASE_LINE = "\r\u001b[K";

export function createWords({ stderr }: Pick<CommandIo, "stderr">): Words {
  const { columns } = stderr;
  let shown = "";
  const write = (line: string) => {
    if (shown === "") stderr.write(`${line}\n`);
    else stderr.write(`${ERASE_LINE}${line}\n${shown}`);
  };
  const words: Words = {
    say: (text) => write(printable(`atlas-secrets: ${text}`)),
    note(text) {
      if (columns !== undefined) words.say(text);
    },
    progress(text) {
      if (columns === undefined) return;
      // In the last column, some terminals have already gone on to the next line.
      shown = printable(text).slice(0, columns - 1);
      stderr.write(`${ERASE_LINE}${shown}`);
    },
    clear() {
      if (shown !== "") stderr.write(ERASE_LINE);
      shown = "";
    },
    pass: write,
  };
  return words;
}

/** A server's words must not steer the terminal, and an argument that is repeated may be a secret in the wrong place. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return redactByForm(text).replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, "\ufffd");
}

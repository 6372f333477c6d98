/**
 * Messages on stderr: errors and new ids always, the rest only on a terminal, whose last line shows the progress.
 */
import type { Redactor } from "../../index.js";
import type { CommandIo } from "./command-io.js";

export interface Messages {
  /** In logs and on terminals. */
  print(text: string): void;
  /** On a terminal only. */
  info(text: string): void;
  /** On a terminal only, in its last line; replaces the progress before it. */
  progress(text: string): void;
  clearProgress(): void;
  /** A line that another program has printed, as it is. */
  printRaw(line: string): void;
}

const ERASE_LINE = "\r\u001b[K";

/** @param quiet as if there were no terminal */
export function createMessages(
  { stderr }: Pick<CommandIo, "stderr">,
  { redact }: Pick<Redactor, "redact">,
  quiet = false,
): Messages {
  const columns = quiet ? undefined : stderr.columns;
  let shown = "";
  const write = (line: string) => {
    if (shown === "") stderr.write(`${line}\n`);
    else stderr.write(`${ERASE_LINE}${line}\n${shown}`);
  };
  const messages: Messages = {
    print: (text) => write(printable(redact(`atlas-secrets: ${text}`))),
    info(text) {
      if (columns !== undefined) messages.print(text);
    },
    progress(text) {
      if (columns === undefined) return;
      // In the last column, some terminals have already moved to the next line.
      shown = printable(redact(text)).slice(0, columns - 1);
      stderr.write(`${ERASE_LINE}${shown}`);
    },
    clearProgress() {
      if (shown !== "") stderr.write(ERASE_LINE);
      shown = "";
    },
    printRaw: write,
  };
  return messages;
}

/** A server's text must not control the terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, "\ufffd");
}

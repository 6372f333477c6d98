/**
 * One line that says what is being done, on a terminal and nowhere else.
 */
import type { WriteStream } from "node:tty";

/** Shows what is being done. */
export interface Progress {
  /** Replaces the line; `undefined` takes it away. */
  show(words: string | undefined): void;
}

const CLEAR_LINE = "\r\u001b[K";
const NARROWEST = 20;

export function createProgress(stream: WriteStream): Progress {
  if (!stream.isTTY) return { show: () => undefined };
  return {
    show(words = "") {
      // One column is left free: a full line would wrap, and its beginning would stay.
      const width = Math.max(NARROWEST, stream.columns ?? 80) - 1;
      stream.write(`${CLEAR_LINE}${words.slice(0, width)}`);
    },
  };
}

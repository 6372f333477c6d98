/**
 * One line that says what is being done, on a terminal and nowhere else.
 */
import type { WriteStream } from "node:tty";

/** Shows what is being done, and takes it away again. */
export interface Progress {
  show(words: string): void;
  clear(): void;
}

const CLEAR_LINE = "\r\u001b[K";

export function createProgress(stream: WriteStream): Progress {
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined };
  return {
    show: (words) => stream.write(`${CLEAR_LINE}${words.slice(0, Math.max(0, (stream.columns ?? 80) - 1))}`),
    clear: () => stream.write(CLEAR_LINE),
  };
}

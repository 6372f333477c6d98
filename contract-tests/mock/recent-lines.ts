/**
 * The end of a program's log, kept so that its failure can be explained in one line.
 */
import { stripVTControlCharacters } from "node:util";

/** Remembers the last lines that were added and no more. */
export class RecentLines {
  readonly #lines: string[] = [];
  readonly #capacity: number;

  /** @param capacity - How many lines are kept. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(line: string): void {
    const text = stripVTControlCharacters(line).trim();
    if (text === "") return;
    this.#lines.push(text);
    if (this.#lines.length > this.#capacity) this.#lines.shift();
  }

  /** The last line that names an error, or else the last line; `no output` if there was none. */
  lastWords(): string {
    const names = (line: string): boolean => /\bfatal\b|Error\b/.test(line) && !line.startsWith("at ");
    return this.#lines.findLast(names) ?? this.#lines.at(-1) ?? "no output";
  }
}

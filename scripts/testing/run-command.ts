/**
 * A command as a test calls it: in this process, with streams that keep what is printed.
 */
import type { CommandIo } from "../command.js";

export interface Finished {
  readonly exitCode: number;
  /** Each text with the end of its line. */
  readonly out: string;
  readonly err: string;
}

/** @param run what `command` returns */
export async function runCommand(
  run: (args: readonly string[], io: CommandIo) => Promise<number>,
  args: readonly string[],
  { env = {}, columns = 100 }: Partial<Pick<CommandIo, "env" | "columns">> = {},
): Promise<Finished> {
  const printed = { out: "", err: "" };
  const keep = (stream: "out" | "err") => (text: string) => {
    printed[stream] += `${text}\n`;
  };
  const exitCode = await run(args, { out: keep("out"), err: keep("err"), env, columns });
  return { exitCode, ...printed };
}

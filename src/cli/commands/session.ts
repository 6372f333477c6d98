/**
 * What surrounds every command: signals, errors, and the end of the client.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { AtlasClient } from "../../index.js";
import { CommandError } from "../terminal/command-error.js";
import type { CommandIo } from "../terminal/command-io.js";
import { EXIT, type ExitCode, exitCodeOf } from "../terminal/exit-code.js";
import { watchSignals } from "../terminal/interruption.js";
import { Journal } from "../terminal/journal.js";
import { forOperators, messageOf } from "../terminal/rotation-report.js";
import { createWords, type Words } from "../terminal/words.js";

export interface Session {
  readonly io: CommandIo;
  readonly words: Words;
  readonly journal: Journal;
  /** Aborts when the process is asked to stop. */
  readonly interruption: AbortSignal;
  /** The client's token is revoked when the command has ended. */
  closeAtEnd(atlas: AtlasClient): void;
}

/** What has been done cannot be undone by a token that is not revoked; it ends by itself within the hour. */
const LONGEST_CLOSE_MS = 3000;

/** Carries a command out and answers its exit code; whatever goes wrong has then been said. */
export async function runSession(
  commandName: string,
  io: CommandIo,
  carryOut: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const words = createWords(io);
  const journal = new Journal(words);
  const clients: AtlasClient[] = [];
  let result: ExitCode | undefined;
  const { signal: interruption, release } = watchSignals(io, {
    first(name) {
      if (result === undefined) words.say(`${name}: finishing the step in hand; send it again to stop at once`);
      // Nothing is in hand any more but the token's revocation.
      else io.exit(result);
    },
    second(name) {
      if (result !== undefined) {
        io.exit(result);
        return;
      }
      const checks = journal.toCheck();
      words.say(`${name}: stopped at once${checks.length === 0 ? "" : "; to check:"}`);
      for (const check of checks) words.say(check);
      io.exit(checks.length > 0 ? EXIT.check : EXIT.interrupted);
    },
  });
  try {
    result = await carryOut({ io, words, journal, interruption, closeAtEnd: (atlas) => clients.push(atlas) });
  } catch (error) {
    result = exitCodeOf(error, interruption);
    sayError(error, commandName, words);
  } finally {
    words.clear();
  }
  await Promise.all(clients.map((atlas) => closeSoon(atlas, words)));
  release();
  return result;
}

function sayError(error: unknown, commandName: string, words: Words): void {
  if (!(error instanceof CommandError)) {
    words.say(forOperators(messageOf(error)));
    return;
  }
  for (const line of error.lines) words.say(line);
  if (error.exitCode === EXIT.usage) words.say(`nothing was sent; see atlas-secrets ${commandName} --help`);
}

async function closeSoon(atlas: AtlasClient, words: Words): Promise<void> {
  const revoked = atlas.close().catch((error: unknown) => words.note(messageOf(error)));
  await Promise.race([revoked, sleep(LONGEST_CLOSE_MS, undefined, { ref: false })]);
}

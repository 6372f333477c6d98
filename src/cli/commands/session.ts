/**
 * What every command shares: signals, errors, and the end of the client.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { AtlasClient, Redactor } from "../../index.js";
import { type CommandIo, printJson } from "../terminal/command-io.js";
import { CommandError, EXIT, type ExitCode, exitCodeOf } from "../terminal/exit-code.js";
import { createMessages, type Messages } from "../terminal/messages.js";
import { OpenWork } from "../terminal/remedies.js";
import { messageOf, messagesOf } from "../terminal/report.js";
import { watchSignals } from "../terminal/signals.js";
import { baseUrlOf, type ClientOptions } from "./options.js";

export interface Session {
  readonly io: CommandIo;
  readonly messages: Messages;
  readonly openWork: OpenWork;
  /** Aborts when the process is asked to stop. */
  readonly interruption: AbortSignal;
  /** The client's token is revoked when the command has ended. */
  closeAtEnd(atlas: AtlasClient): void;
}

/** A token that is not revoked changes nothing; it ends by itself within the hour. */
const LONGEST_CLOSE_MS = 3000;

/** Runs a command and returns its exit code; whatever goes wrong has then been printed. */
export async function runSession(
  commandName: string,
  io: CommandIo,
  redactor: Redactor,
  command: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const messages = createMessages(io, redactor);
  const openWork = new OpenWork(messages);
  const clients: AtlasClient[] = [];
  let result: ExitCode | undefined;
  const { signal: interruption, release } = watchSignals(io, {
    onFirst(name) {
      if (result === undefined) messages.print(`${name}: finishing the current step; send it again to stop at once`);
      // Only the token's revocation is still under way.
      else io.exit(result);
    },
    onSecond(name) {
      if (result !== undefined) {
        io.exit(result);
        return;
      }
      const checks = openWork.toCheck();
      messages.print(`${name}: stopped at once${checks.length === 0 ? "" : "; check the following:"}`);
      for (const check of checks) messages.print(check);
      io.exit(checks.length > 0 ? EXIT.uncertain : EXIT.interrupted);
    },
  });
  try {
    result = await command({ io, messages, openWork, interruption, closeAtEnd: (atlas) => clients.push(atlas) });
  } catch (error) {
    result = exitCodeOf(error, interruption);
    for (const message of messagesOf(error)) messages.print(message);
    if (error instanceof CommandError && error.exitCode === EXIT.usage) {
      messages.print(`nothing was sent; see atlas-secrets ${commandName} --help`);
    }
  } finally {
    messages.clearProgress();
  }
  await Promise.all(clients.map((atlas) => closeSoon(atlas, messages)));
  release();
  return result;
}

async function closeSoon(atlas: AtlasClient, messages: Messages): Promise<void> {
  const revoked = atlas.close().catch((error: unknown) => messages.info(messageOf(error)));
  await Promise.race([revoked, sleep(LONGEST_CLOSE_MS, undefined, { ref: false })]);
}

/** `--dry-run`: what would be done, without credentials. */
export async function printPreview(session: Session, options: ClientOptions, preview: object): Promise<ExitCode> {
  const ifLost = { exitCode: EXIT.refused, lines: ["nothing was sent"] };
  await printJson(session, { dryRun: true, baseUrl: baseUrlOf(options, session.io), ...preview }, ifLost);
  return EXIT.done;
}

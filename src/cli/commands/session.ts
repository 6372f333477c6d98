/**
 * What every command shares: signals, errors, and the end of the client.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { AtlasClient, Redactor } from "../../index.js";
import { type CommandIo, watchSignals } from "../terminal/command-io.js";
import { CommandError, EXIT, type ExitCode, exitCodeOf } from "../terminal/exit-code.js";
import { createMessages, type Messages, printJson } from "../terminal/messages.js";
import { describeRemedy, OpenWork, STEP_NAMES } from "../terminal/remedies.js";
import { messageOf, messagesOf, stopped } from "../terminal/report.js";
import { baseUrlOf, type ClientOptions } from "./client.js";

export interface Session {
  readonly io: CommandIo;
  readonly messages: Messages;
  readonly openWork: OpenWork;
  /** Aborts when the process is asked to stop. */
  readonly interruption: AbortSignal;
  /** The client's token is revoked when the command has ended. */
  closeAtEnd(atlas: AtlasClient): void;
  /** The last step is over: from now on no signal changes the exit code. */
  settle(exitCode: ExitCode): void;
}

/** A token that is not revoked changes nothing; it ends by itself within the hour. */
const LONGEST_CLOSE_MS = 3000;

/** Runs a command and returns its exit code; whatever goes wrong has then been printed. */
export async function runSession(
  commandName: string,
  io: CommandIo,
  redactor: Redactor,
  quiet: boolean,
  command: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  const messages = createMessages(io, redactor, quiet);
  const openWork = new OpenWork(messages);
  const clients: AtlasClient[] = [];
  let settled: ExitCode | undefined;
  let isDone = false;
  const interruption = watchSignals(io, {
    onFirst(name) {
      if (settled === undefined) messages.print(`${name}: finishing the current step; send it again to stop at once`);
      // Only the token's revocation is still under way.
      else if (isDone) io.exit(settled);
    },
    onSecond(name) {
      if (settled !== undefined) {
        io.exit(settled);
        return;
      }
      const { accounts, isFleet } = openWork;
      const message = `${name}: stopped at once`;
      const checks = accounts.flatMap(({ clientId, step = "create", remedies }) =>
        remedies.map((remedy) => `stopped while ${STEP_NAMES[step]} of ${clientId}. ${describeRemedy(remedy)}`),
      );
      messages.print(`${message}${checks.length === 0 ? "" : "; check the following:"}`);
      for (const check of checks) messages.print(check);
      const exitCode = checks.length > 0 ? EXIT.uncertain : EXIT.interrupted;
      const reports = accounts.map((account) => stopped(account, message));
      const report = isFleet ? { rotations: reports } : (reports[0] ?? { status: "interrupted", exitCode });
      // Nobody waits for a reader that is stuck; if it is lost, the messages have said the same.
      void printJson({ io, messages }, report, { exitCode, lines: [] }).catch(() => undefined);
      io.exit(exitCode);
    },
  });
  const session: Session = {
    ...{ io, messages, openWork, interruption },
    closeAtEnd: (atlas) => clients.push(atlas),
    settle(exitCode) {
      settled = exitCode;
    },
  };
  try {
    settled = await command(session);
  } catch (error) {
    settled = exitCodeOf(error, interruption);
    await printError(error, commandName, session);
  } finally {
    messages.clearProgress();
  }
  isDone = true;
  await Promise.all(clients.map((atlas) => closeSoon(atlas, messages)));
  return settled;
}

async function printError(error: unknown, commandName: string, session: Session): Promise<void> {
  const { messages } = session;
  for (const message of messagesOf(error, session.io.env)) messages.print(message);
  if (!(error instanceof CommandError)) return;
  if (error.exitCode === EXIT.usage) messages.print(`nothing was sent; see atlas-secrets ${commandName} --help`);
  if (error.report === undefined) return;
  try {
    await printJson(session, error.report, { exitCode: error.exitCode, lines: [] });
  } catch (lost) {
    for (const message of messagesOf(lost, session.io.env)) messages.print(message);
  }
}

async function closeSoon(atlas: AtlasClient, messages: Messages): Promise<void> {
  const revoked = atlas.close().catch((error: unknown) => messages.info(messageOf(error)));
  await Promise.race([revoked, sleep(LONGEST_CLOSE_MS, undefined, { ref: false })]);
}

/** `--dry-run`: what would be done, without credentials. */
export async function printPreview(
  session: Session,
  options: ClientOptions,
  preview: object,
  possibleWarnings: readonly (string | undefined)[] = [],
): Promise<ExitCode> {
  const warnings = possibleWarnings.filter((warning) => warning !== undefined);
  for (const warning of warnings) session.messages.print(`warning: ${warning}`);
  const ifLost = { exitCode: EXIT.refused, lines: ["nothing was sent"] };
  const baseUrl = baseUrlOf(options, session.io);
  await printJson(session, { dryRun: true, baseUrl, ...preview, ...(warnings.length > 0 && { warnings }) }, ifLost);
  return EXIT.done;
}

/**
 * `atlas-secrets rotate --fleet`: the secrets of many accounts.
 */
import { type RotationResult, rotateSecrets } from "../../index.js";
import {
  type ClientOptions,
  clientFor,
  commandOptions,
  type IdOptions,
  integerOption,
  lifetimeWarning,
  reportLeftover,
  rotationIds,
  type StoreOptions,
} from "../commands/options.js";
import { planOf, previewSteps, type Rotation } from "../commands/rotate.js";
import { printPreview, type Session } from "../commands/session.js";
import { EXIT, type ExitCode, worstOf } from "../terminal/exit-code.js";
import { type Messages, printJson } from "../terminal/messages.js";
import { Problems } from "../terminal/problems.js";
import { failed, messagesOf, type RotationReport, rotated } from "../terminal/report.js";
import { readFleet } from "./fleet-file.js";

export type FleetOptions = ClientOptions &
  IdOptions &
  StoreOptions & { readonly fleet: string; readonly concurrency?: string };

const MOST_AT_ONCE = 1000;

export async function rotateFleet(options: FleetOptions, session: Session): Promise<ExitCode> {
  const { messages, openWork, interruption: signal } = session;
  const problems = new Problems();
  const { groupId, orgId } = rotationIds(options, session.io);
  const given = { ...(groupId === undefined ? {} : { groupId }), ...(orgId === undefined ? {} : { orgId }) };
  const commands = commandOptions(options, session, process.cwd(), problems);
  const files = { onLeftover: reportLeftover(messages), rehearsed: new Set<string>() };
  const context = { defaults: given, commands, files, isStoreNeeded: () => true };
  const rotations = await readFleet(options.fleet, context, problems);
  const concurrency = integerOption("--concurrency", options.concurrency, 1, MOST_AT_ONCE, problems);
  const { atlas } = problems.complete({ atlas: clientFor(options, session, problems) });
  if (options.dryRun === true) {
    const previews = rotations.map((rotation) => ({ clientId: rotation.clientId, steps: previewSteps(rotation) }));
    const warnings = rotations.map(({ secretExpiresAfterHours, place }) => {
      const warning = lifetimeWarning(secretExpiresAfterHours);
      return warning && `${place}: ${warning}`;
    });
    return printPreview(session, options, { rotations: previews }, warnings);
  }

  session.closeAtEnd(atlas);
  let count = `0 of ${rotations.length} done`;
  const entries = rotations.map(({ clientId }) => openWork.open(clientId));
  const plans = rotations.map((rotation, index) =>
    // There is one entry for each rotation.
    planOf(rotation, entries[index] ?? openWork.open(rotation.clientId), (step) =>
      messages.progress(`${count}; ${step} (${rotation.clientId})`),
    ),
  );
  const results = await rotateSecrets(atlas, plans, {
    concurrency,
    signal,
    onProgress({ index, status, done, failed, total }) {
      // What failed stays open until it has been reported.
      if (status === "fulfilled") entries[index]?.close();
      count = `${done} of ${total} done${failed > 0 ? `, ${failed} failed` : ""}`;
      messages.progress(count);
    },
  });
  messages.clearProgress();
  const reports = reportsOf(rotations, results, signal);
  printFailures(results, reports, messages);
  for (const entry of entries) entry.close();
  const lines = ["every rotation that failed is described above; the others are done"];
  await printJson(session, { rotations: reports }, { exitCode: EXIT.uncertain, lines });
  messages.info(`${reports.filter(({ status }) => status === "rotated").length} of ${reports.length} rotated`);
  return worstOf(reports.map((report) => (report.status === "rotated" ? EXIT.done : report.exitCode)));
}

function reportsOf(
  rotations: readonly Rotation[],
  results: readonly PromiseSettledResult<RotationResult>[],
  interruption: AbortSignal,
): RotationReport[] {
  return rotations.flatMap((rotation, index) => {
    const result = results[index];
    if (result === undefined) return [];
    if (result.status === "fulfilled") return [rotated(rotation, result.value)];
    return [failed(rotation, result.reason, interruption)];
  });
}

function printFailures(
  results: readonly PromiseSettledResult<RotationResult>[],
  reports: readonly RotationReport[],
  messages: Messages,
): void {
  for (const [index, result] of results.entries()) {
    if (result.status === "fulfilled" || reports[index]?.status !== "failed") continue;
    messages.print(`/rotations/${index}: ${messagesOf(result.reason).join("\n  ")}`);
  }
  const untouched = reports.filter(({ status }) => status === "interrupted").length;
  if (untouched > 0) {
    messages.print(`interrupted: ${untouched} of ${reports.length} were not rotated, and nothing of them was changed`);
  }
}

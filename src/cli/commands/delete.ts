/**
 * `atlas-secrets delete`: deletes one secret; and the secrets that are not in use and that earlier runs could not delete.
 */
import {
  AtlasApiError,
  type AtlasClient,
  AtlasError,
  finishOnceSent,
  outcomeOf,
  previewRequest,
  type RecordedSecret,
} from "../../index.js";
import { deletable, hasExpired, withoutSecret } from "../state/state-entry.js";
import type { StateFile } from "../state/state-file.js";
import { CommandError, EXIT, type ExitCode, exitCodeOf, Problems } from "../terminal/exit-code.js";
import { printJson } from "../terminal/messages.js";
import type { Remedy } from "../terminal/remedies.js";
import { failed, messageOf, messagesOf, notFound } from "../terminal/report.js";
import { type ClientOptions, clientFor } from "./client.js";
import { deletionArguments, type IdOptions } from "./options.js";
import { printPreview, type Session } from "./session.js";

export async function deleteSecret(options: ClientOptions & IdOptions, session: Session): Promise<ExitCode> {
  const { io, messages, interruption } = session;
  const problems = new Problems();
  const args = deletionArguments(options, io);
  const request = await problems.of(() => previewRequest("deleteOrgServiceAccountSecret", args));
  const { atlas } = problems.complete({ request, atlas: await clientFor(options, session, problems) });
  if (options.dryRun === true) return printPreview(session, options, { steps: [{ step: "delete", ...request }] });

  session.closeAtEnd(atlas);
  const { clientId, secretId: id } = args;
  messages.progress(`deleting secret ${id} of ${clientId}`);
  const again: Remedy = { action: "delete-secret", ...args };
  const entry = session.openWork.open(clientId);
  entry.onStep({ step: "delete", remedies: [again] });
  // After an attempt that may have been applied, a 404 counts as done.
  let isGone: boolean;
  try {
    const call = atlas.deleteOrgServiceAccountSecret(args, { signal: finishOnceSent(interruption) });
    isGone = (await call.withResponse()).response.status === 404;
  } catch (error) {
    const isUnknown = outcomeOf(error) === "unknown";
    const remedies = isUnknown ? [again] : [];
    const what = `interrupted between two attempts: secret ${id} of ${clientId} may have been deleted`;
    // The abort reason itself says nothing of the attempt before.
    const reported = isUnknown && error === interruption.reason ? new CommandError(EXIT.uncertain, [what]) : error;
    const report = { ...failed(args, reported, interruption, { remedies }), id };
    throw new CommandError(exitCodeOf(reported, interruption), messagesOf(reported, io.env, remedies), report);
  } finally {
    entry.close();
  }
  session.settle(EXIT.done);
  const what = isGone ? notFound(clientId, id) : `secret ${id} of ${clientId} was deleted`;
  if (isGone) messages.print(what);
  const report = { status: isGone ? "gone" : "deleted", clientId, id };
  await printJson(session, report, { exitCode: EXIT.uncertain, lines: [what] });
  return EXIT.done;
}

/**
 * Deletes what earlier runs could not. What has expired too: it may still count as one of the two that an account can hold.
 *
 * @see https://github.com/mongodb/terraform-provider-mongodbatlas/blob/master/docs/guides/service-account-secret-rotation.md
 */
export async function deleteKept(
  clientIds: readonly string[],
  atlas: AtlasClient,
  state: StateFile,
  session: Session,
): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  for (const clientId of clientIds) {
    const entry = state.get(clientId);
    for (const secret of entry === undefined ? [] : deletable(entry)) {
      if (session.interruption.aborted) return exitCode;
      const problem = await deleteKeptSecret(secret, clientId, atlas, state, session);
      if (problem === undefined) continue;
      exitCode = EXIT.refused;
      session.messages.print(
        `secret ${secret.id} of ${clientId}, which is not in use, could not be deleted; the next run tries again: ${problem}`,
      );
    }
  }
  return exitCode;
}

/** @returns why it could not be deleted */
async function deleteKeptSecret(
  secret: RecordedSecret,
  clientId: string,
  atlas: AtlasClient,
  state: StateFile,
  session: Session,
): Promise<string | undefined> {
  const entry = state.get(clientId);
  if (entry === undefined) return undefined;
  try {
    const { orgId } = entry.record;
    const signal = finishOnceSent(session.interruption);
    await atlas.deleteOrgServiceAccountSecret({ orgId, clientId, secretId: secret.id }, { signal });
    session.messages.info(`deleted secret ${secret.id} of ${clientId}, which an earlier run could not delete`);
  } catch (error) {
    // Nothing more can be done about it.
    if (!(error instanceof AtlasApiError) || error.status !== 404) {
      return error instanceof AtlasError ? error.message : messageOf(error);
    }
    if (!hasExpired(secret, session.io.now())) session.messages.print(notFound(clientId, secret.id));
  }
  try {
    await state.put(clientId, withoutSecret(entry, secret.id));
    return undefined;
  } catch (error) {
    return `${state.path} could not be written: ${messageOf(error)}`;
  }
}

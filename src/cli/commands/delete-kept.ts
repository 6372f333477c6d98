/**
 * Secrets that are not in use and that earlier runs could not delete.
 */
import { AtlasApiError, type AtlasClient, AtlasError, finishOnceSent, type RecordedSecret } from "../../index.js";
import { deletable, hasExpired, withoutSecret } from "../state/state-entry.js";
import type { StateFile } from "../state/state-file.js";
import { EXIT, type ExitCode } from "../terminal/exit-code.js";
import { messageOf, notFound } from "../terminal/report.js";
import type { Session } from "./session.js";

/** Deletes what earlier runs could not; what has expired is forgotten. */
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
      const problem = await deleteSecret(secret, clientId, atlas, state, session);
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
async function deleteSecret(
  secret: RecordedSecret,
  clientId: string,
  atlas: AtlasClient,
  state: StateFile,
  session: Session,
): Promise<string | undefined> {
  const entry = state.get(clientId);
  if (entry === undefined) return undefined;
  try {
    if (!hasExpired(secret, session.io.now())) {
      const { orgId } = entry.record;
      const signal = finishOnceSent(session.interruption);
      await atlas.deleteOrgServiceAccountSecret({ orgId, clientId, secretId: secret.id }, { signal });
      session.messages.info(`deleted secret ${secret.id} of ${clientId}, which an earlier run could not delete`);
    }
  } catch (error) {
    // Nothing more can be done about it.
    if (!(error instanceof AtlasApiError) || error.status !== 404) {
      return error instanceof AtlasError ? error.message : messageOf(error);
    }
    session.messages.print(notFound(clientId, secret.id));
  }
  try {
    await state.put(clientId, withoutSecret(entry, secret.id));
    return undefined;
  } catch (error) {
    return `${state.path} could not be written: ${messageOf(error)}`;
  }
}

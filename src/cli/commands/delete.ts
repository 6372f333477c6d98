/**
 * `atlas-secrets delete`: deletes one secret.
 */
import { finishOnceSent, outcomeOf, previewRequest } from "../../index.js";
import { printJson } from "../terminal/command-io.js";
import { CommandError, EXIT, type ExitCode } from "../terminal/exit-code.js";
import { Problems } from "../terminal/problems.js";
import { type ClientOptions, clientFor, deletionArguments, type IdOptions } from "./options.js";
import { printPreview, type Session } from "./session.js";

export async function deleteSecret(options: ClientOptions & IdOptions, session: Session): Promise<ExitCode> {
  const { io, messages, interruption } = session;
  const problems = new Problems();
  const args = deletionArguments(options, io);
  const request = problems.of(() => previewRequest("deleteOrgServiceAccountSecret", args));
  const { atlas } = problems.complete({ request, atlas: clientFor(options, session, problems) });
  if (options.dryRun === true) return printPreview(session, options, { steps: [{ step: "delete", ...request }] });

  session.closeAtEnd(atlas);
  const { clientId, secretId: id } = args;
  messages.progress(`deleting secret ${id} of ${clientId}`);
  const entry = session.openWork.open(clientId);
  entry.onStep({ step: "delete", remedies: [{ action: "delete-secret", ...args }] });
  try {
    await atlas.deleteOrgServiceAccountSecret(args, { signal: finishOnceSent(interruption) });
  } catch (error) {
    if (error !== interruption.reason || outcomeOf(error) !== "unknown") throw error;
    const left = `secret ${id} of ${clientId} may have been deleted; deleting it again is safe`;
    throw new CommandError(EXIT.uncertain, [`interrupted between two attempts: ${left}`]);
  } finally {
    entry.close();
  }
  const lines = [`secret ${id} of ${clientId} was deleted`];
  await printJson(session, { status: "deleted", clientId, id }, { exitCode: EXIT.uncertain, lines });
  return EXIT.done;
}

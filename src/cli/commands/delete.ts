/**
 * `atlas-secrets delete`: deletes one secret.
 */
import { finishOnceSent, outcomeOf, previewRequest } from "../../index.js";
import { CommandError, EXIT, type ExitCode, exitCodeOf } from "../terminal/exit-code.js";
import { printJson } from "../terminal/messages.js";
import { Problems } from "../terminal/problems.js";
import type { Remedy } from "../terminal/remedies.js";
import { failed, messagesOf } from "../terminal/report.js";
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
  const again: Remedy = { action: "delete-secret", ...args };
  const entry = session.openWork.open(clientId);
  entry.onStep({ step: "delete", remedies: [again] });
  try {
    await atlas.deleteOrgServiceAccountSecret(args, { signal: finishOnceSent(interruption) });
  } catch (error) {
    const isUnknown = outcomeOf(error) === "unknown";
    const remedies = isUnknown ? [again] : [];
    const what = `interrupted between two attempts: secret ${id} of ${clientId} may have been deleted`;
    // The abort reason itself says nothing of the attempt before.
    const reported = isUnknown && error === interruption.reason ? new CommandError(EXIT.uncertain, [what]) : error;
    const report = { ...failed(args, reported, interruption, { remedies }), id };
    throw new CommandError(exitCodeOf(reported, interruption), messagesOf(reported, remedies), report);
  } finally {
    entry.close();
  }
  session.settle(EXIT.done);
  const lines = [`secret ${id} of ${clientId} was deleted`];
  await printJson(session, { status: "deleted", clientId, id }, { exitCode: EXIT.uncertain, lines });
  return EXIT.done;
}

/**
 * `atlas-secrets delete`: deletes one secret.
 */
import { finishOnceSent, outcomeOf, previewRequest } from "../../index.js";
import { CommandError, EXIT, type ExitCode, exitCodeOf } from "../terminal/exit-code.js";
import { printJson } from "../terminal/messages.js";
import { Problems } from "../terminal/problems.js";
import type { Remedy } from "../terminal/remedies.js";
import { failed, messagesOf, notFound } from "../terminal/report.js";
import { type ClientOptions, clientFor } from "./client-options.js";
import { deletionArguments, type IdOptions } from "./options.js";
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
  let lastStatus: number | undefined;
  try {
    await atlas.deleteOrgServiceAccountSecret(args, {
      signal: finishOnceSent(interruption),
      onResponse: (event) => {
        lastStatus = event.status;
      },
    });
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
  // After an attempt that may have been applied, a 404 counts as done.
  const isGone = lastStatus === 404;
  const what = isGone ? notFound(clientId, id) : `secret ${id} of ${clientId} was deleted`;
  if (isGone) messages.print(what);
  const report = { status: isGone ? "gone" : "deleted", clientId, id };
  await printJson(session, report, { exitCode: EXIT.uncertain, lines: [what] });
  return EXIT.done;
}

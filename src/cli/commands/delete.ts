/**
 * `atlas-secrets delete`: one secret ends.
 */
import type { RetryEvent } from "../../index.js";
import { finishOnceSent } from "../../transport/finish-once-sent.js";
import { provesNotApplied } from "../../transport/retry-policy.js";
import { CommandError } from "../terminal/command-error.js";
import { EXIT, type ExitCode } from "../terminal/exit-code.js";
import { printJson } from "../terminal/print-json.js";
import { Problems } from "../terminal/problems.js";
import { deletionArguments } from "./arguments.js";
import { type ClientOptions, clientFor } from "./client-options.js";
import { plannedDeletion, printPlan } from "./dry-run.js";
import { givenIds, type IdOptions } from "./secret-options.js";
import type { Session } from "./session.js";

export type DeleteOptions = ClientOptions & Pick<IdOptions, "orgId" | "clientId" | "secretId">;

export async function deleteSecret(options: DeleteOptions, session: Session): Promise<ExitCode> {
  const { io, words, interruption } = session;
  const problems = new Problems();
  let mayBeGone = false;
  const noteAttempt = ({ operationId, reason }: RetryEvent) => {
    if (operationId === "deleteOrgServiceAccountSecret") mayBeGone ||= mayHaveDeleted(reason);
  };
  const args = problems.of(() => deletionArguments(givenIds(options, io)));
  const atlas = clientFor(options, io, words, problems, noteAttempt);
  const accepted = problems.complete({ args, atlas });
  if (options.dryRun === true)
    return printPlan(session, options, { steps: [plannedDeletion("delete", accepted.args)] });

  session.closeAtEnd(accepted.atlas);
  const { clientId, secretId: id } = accepted.args;
  words.progress(`deleting secret ${id} of ${clientId}`);
  const entry = session.journal.begin(accepted.args);
  entry.note(`secret ${id} of ${clientId} may have been deleted; deleting it again is safe`);
  try {
    await accepted.atlas.deleteOrgServiceAccountSecret(accepted.args, { signal: finishOnceSent(interruption) });
  } catch (error) {
    if (error !== interruption.reason || !mayBeGone) throw error;
    const what = `interrupted between two attempts: secret ${id} of ${clientId} may have been deleted`;
    throw new CommandError(EXIT.check, [`${what}; deleting it again is safe`]);
  } finally {
    entry.settle();
  }
  const lines = [`secret ${id} of ${clientId} was deleted`];
  await printJson(session, { status: "deleted", clientId, id }, { exitCode: EXIT.check, lines });
  return EXIT.done;
}

function mayHaveDeleted(reason: RetryEvent["reason"]): boolean {
  return typeof reason === "number" ? !provesNotApplied(reason) : reason.outcome === "unknown";
}

/** `atlas-secrets create` and `delete`, one call each: a new secret, stored at once or printed once; and the end of one. */
import {
  AtlasResponseError,
  type CreateGroupServiceAccountSecretResult,
  type DeleteOrgServiceAccountSecretArguments,
  finishOnceSent,
  outcomeOf,
  previewRequest,
  SecretNotStoredError,
} from "../../index.js";
import { storeFor } from "../stores/store-command.js";
import { EXIT } from "../terminal/exit-code.js";
import { describeRemedy, type Ending, failed, notFound, type Remedy } from "../terminal/report.js";
import { lifetimeWarning } from "./options.js";
import type { Session } from "./session.js";

export async function create(session: Session): Promise<Ending> {
  const { io, messages, options, problems, interruption } = session;
  const { groupId, clientId, secretExpiresAfterHours } = options.ids;
  const args = { groupId, clientId, body: { secretExpiresAfterHours } };
  const request = await session.check(() => previewRequest("createGroupServiceAccountSecret", args));
  const store = await storeFor(session);
  if (options.secretFile === undefined && options.exec === undefined && io.stdout.isDiscarded()) {
    problems.push("stdout is discarded, and a new secret is shown only once; use --secret-file or --exec");
  }
  const atlas = await session.createClient();
  if (options.dryRun === true) {
    const creation = { step: "create", ...request };
    const steps = store === undefined ? [creation] : [creation, { step: "store", ...store.name }];
    return session.preview({ steps }, [lifetimeWarning(secretExpiresAfterHours)]);
  }
  messages.progress(`creating a secret of ${clientId}`);
  // The organization, in which it can be deleted, may not be known.
  const look: Remedy = { action: "look-in-atlas", clientId, orgId: options.orgId };
  session.onStep({ clientId, step: "create", remedies: [look] });
  let created: CreateGroupServiceAccountSecretResult;
  try {
    created = await atlas.createGroupServiceAccountSecret(args, { signal: finishOnceSent(interruption) });
  } catch (error) {
    const secretId = error instanceof AtlasResponseError ? error.id : undefined;
    const remedy: Remedy = secretId === undefined ? look : { ...look, action: "delete-secret", secretId };
    const remedies = outcomeOf(error) === "not-applied" ? [] : [remedy];
    return failed(error, { clientId, remedies }, session);
  }
  // From here on, the only copy of the value is in this process.
  const { id, createdAt, expiresAt, secret } = created;
  const what = `secret ${id} of ${clientId}`;
  const deletion: Remedy = { ...look, action: "delete-secret", secretId: id };
  const lookAtIt: Remedy = { ...look, secretId: id };
  const step = "store";
  session.onStep({ clientId, step, secretId: id, remedies: [store === undefined ? deletion : lookAtIt] });
  try {
    if (secret === undefined) throw new SecretNotStoredError("the response to the creation has no value");
    await store?.store({ clientId, groupId, ...created, secret });
  } catch (error) {
    const [remedy, isStored] =
      error instanceof SecretNotStoredError ? [deletion, "was not"] : [lookAtIt, "may have been"];
    const known = { clientId, step, created: { id, expiresAt, now: "alive" }, remedies: [remedy] } as const;
    return failed(error, { ...known, state: `${what} is alive and ${isStored} stored` }, session);
  }
  const [shown, done] =
    store === undefined
      ? [{ ...created, secret }, [`${what} is alive and its value is lost`, describeRemedy(deletion)]]
      : [{ id, createdAt, expiresAt, ...store.name }, [`${what} was created and stored`]];
  return { exitCode: EXIT.done, output: { status: "created", clientId, ...shown }, done };
}

export async function deleteSecret(session: Session): Promise<Ending> {
  const { messages, options, interruption } = session;
  // Not checked yet: `previewRequest` lists what is missing or wrong.
  const args = {
    ...{ orgId: options.orgId, clientId: options.clientId, secretId: options.secretId },
  } as DeleteOrgServiceAccountSecretArguments;
  const request = await session.check(() => previewRequest("deleteOrgServiceAccountSecret", args));
  const atlas = await session.createClient();
  if (options.dryRun === true) return session.preview({ steps: [{ step: "delete", ...request }] });

  const { clientId, secretId: id } = args;
  const what = `secret ${id} of ${clientId}`;
  messages.progress(`deleting ${what}`);
  const again: Remedy = { action: "delete-secret", ...args };
  session.onStep({ clientId, step: "delete", remedies: [again] });
  // After an attempt that may have been applied, a 404 counts as done.
  let isGone: boolean;
  try {
    const call = atlas.deleteOrgServiceAccountSecret(args, { signal: finishOnceSent(interruption) });
    isGone = (await call.withResponse()).response.status === 404;
  } catch (error) {
    const [remedies, state] = outcomeOf(error) === "unknown" ? [[again], `${what} may have been deleted`] : [[]];
    return failed(error, { clientId, id, remedies, state }, session);
  }
  return {
    exitCode: EXIT.done,
    messages: isGone ? [notFound(clientId, id)] : [],
    output: { status: isGone ? "gone" : "deleted", clientId, id },
    done: isGone ? [] : [`${what} was deleted`],
  };
}

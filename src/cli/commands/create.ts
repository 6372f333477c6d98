/**
 * `atlas-secrets create`: one new secret, stored at once or printed once.
 */
import {
  type AtlasClient,
  AtlasError,
  AtlasResponseError,
  type CreateGroupServiceAccountSecretArguments,
  type CreateGroupServiceAccountSecretResult,
  finishOnceSent,
  previewRequest,
  SecretNotStoredError,
} from "../../index.js";
import type { SecretStore } from "../stores/store-command.js";
import { CommandError, EXIT, type ExitCode, exitCodeOf, ID_VARIABLES, Problems } from "../terminal/exit-code.js";
import { printJson } from "../terminal/messages.js";
import { describeRemedy, type Remedy } from "../terminal/remedies.js";
import { failed, messageOf, messagesOf, withoutValue } from "../terminal/report.js";
import { type ClientOptions, clientFor } from "./client.js";
import { creationArguments, type IdOptions, lifetimeWarning, type StoreOptions, storeFor } from "./options.js";
import { printPreview, type Session } from "./session.js";

export type CreateOptions = ClientOptions & StoreOptions & IdOptions;

/** Whose secret it is; the organization, in which it can be deleted, may not be known. */
type Account = Pick<Remedy, "clientId" | "orgId">;

export async function create(options: CreateOptions, session: Session): Promise<ExitCode> {
  const { io, messages, openWork } = session;
  const problems = new Problems();
  const args = creationArguments(options, io);
  const request = await problems.of(() => previewRequest("createGroupServiceAccountSecret", args));
  const store = await storeFor(options, session, problems);
  if (options.secretFile === undefined && options.exec === undefined && io.stdout.isDiscarded()) {
    problems.add("stdout is discarded, and a new secret is shown only once; use --secret-file or --exec");
  }
  const { atlas } = problems.complete({ request, atlas: await clientFor(options, session, problems) });
  if (options.dryRun === true) {
    const creation = { step: "create", ...request };
    const steps = store === undefined ? [creation] : [creation, { step: "store", ...store.name }];
    return printPreview(session, options, { steps }, [lifetimeWarning(args.body.secretExpiresAfterHours)]);
  }
  session.closeAtEnd(atlas);
  const { clientId, groupId } = args;
  const account = { clientId, orgId: io.env[ID_VARIABLES.orgId] || undefined };
  const entry = openWork.open(clientId);
  messages.progress(`creating a secret of ${clientId}`);
  entry.onStep({ step: "create", remedies: [{ action: "look-in-atlas", ...account }] });
  try {
    const secret = await createSecret(atlas, args, account, session);
    const deletion: Remedy = { action: "delete-secret", ...account, secretId: secret.id };
    const remedies = store === undefined ? [deletion] : [{ ...deletion, action: "look-in-atlas" } as const];
    entry.onStep({ step: "store", secretId: secret.id, remedies });
    await storeOrPrint(secret, { clientId, groupId }, store, deletion, session);
  } finally {
    entry.close();
  }
  return EXIT.done;
}

async function createSecret(
  atlas: AtlasClient,
  args: CreateGroupServiceAccountSecretArguments,
  account: Account,
  { interruption, io: { env } }: Session,
): Promise<CreateGroupServiceAccountSecretResult> {
  try {
    return await atlas.createGroupServiceAccountSecret(args, { signal: finishOnceSent(interruption) });
  } catch (error) {
    const id = error instanceof AtlasResponseError ? error.id : undefined;
    const isCertain = error === interruption.reason || (error instanceof AtlasError && error.outcome === "not-applied");
    const remedy: Remedy =
      id === undefined
        ? { action: "look-in-atlas", ...account }
        : { action: "delete-secret", ...account, secretId: id };
    const remedies = isCertain ? [] : [remedy];
    const report = failed(account, error, interruption, { remedies });
    throw new CommandError(exitCodeOf(error, interruption), messagesOf(error, env, remedies), report);
  }
}

/** The only copy of the value leaves the process here. */
async function storeOrPrint(
  created: CreateGroupServiceAccountSecretResult,
  account: { readonly clientId: string; readonly groupId: string },
  store: SecretStore | undefined,
  deletion: Remedy,
  session: Session,
): Promise<void> {
  const { clientId } = account;
  const { id, expiresAt, secret } = created;
  const report = { status: "created", clientId };
  const failure = (message: string, left: string, code = "ERR_UNEXPECTED", remedy = deletion) =>
    new CommandError(EXIT.uncertain, [message, left, describeRemedy(remedy)], {
      ...{ status: "failed", clientId, exitCode: EXIT.uncertain, step: "store" },
      ...{
        created: { id, expiresAt, now: "alive" },
        remedies: [remedy],
        error: { code, outcome: "applied", message },
      },
    });
  if (secret === undefined) {
    const message = "the response to the creation has no value";
    throw failure(message, `nothing can use secret ${id} of ${clientId}`, "ERR_ATLAS_RESPONSE");
  }
  if (store === undefined) {
    session.settle(EXIT.done);
    const lines = [`secret ${id} of ${clientId} is alive and its value is lost`, describeRemedy(deletion)];
    await printJson(session, { ...report, ...created, secret }, { exitCode: EXIT.uncertain, lines });
    return;
  }
  try {
    await store.store({ ...account, ...created, secret });
  } catch (error) {
    if (error instanceof SecretNotStoredError) {
      throw failure(messageOf(error), `secret ${id} of ${clientId} is alive and was not stored`, error.code);
    }
    const left = `secret ${id} of ${clientId} is alive and may have been stored`;
    throw failure(messageOf(error), left, undefined, { ...deletion, action: "look-in-atlas" });
  }
  session.settle(EXIT.done);
  const lines = [`secret ${id} of ${clientId} was created and stored`];
  await printJson(session, { ...report, ...withoutValue(created), ...store.name }, { exitCode: EXIT.uncertain, lines });
}

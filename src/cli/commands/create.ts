/**
 * `atlas-secrets create`: one new secret, stored at once or printed once.
 */
import {
  type AtlasClient,
  AtlasError,
  type CreateGroupServiceAccountSecretArguments,
  type CreateGroupServiceAccountSecretResult,
  finishOnceSent,
  previewRequest,
  SecretNotStoredError,
} from "../../index.js";
import type { SecretStore } from "../stores/secret-store.js";
import { printJson } from "../terminal/command-io.js";
import { CommandError, EXIT, type ExitCode } from "../terminal/exit-code.js";
import { ID_VARIABLES, Problems } from "../terminal/problems.js";
import { describeRemedy, type Remedy } from "../terminal/remedies.js";
import { messageOf, messagesOf, withoutValue } from "../terminal/report.js";
import {
  type ClientOptions,
  clientFor,
  creationArguments,
  type IdOptions,
  type StoreOptions,
  storeFor,
} from "./options.js";
import { printPreview, type Session } from "./session.js";

export type CreateOptions = ClientOptions & StoreOptions & IdOptions;

export async function create(options: CreateOptions, session: Session): Promise<ExitCode> {
  const { io, messages, openWork } = session;
  const problems = new Problems();
  const args = creationArguments(options, io);
  const request = problems.of(() => previewRequest("createGroupServiceAccountSecret", args));
  const store = storeFor(options, session, problems);
  if (options.secretFile === undefined && options.exec === undefined && io.stdout.isDiscarded()) {
    problems.add("stdout is discarded, and a new secret is shown only once; use --secret-file or --exec");
  }
  const { atlas } = problems.complete({ request, atlas: clientFor(options, session, problems) });
  if (options.dryRun === true) {
    const creation = { step: "create", ...request };
    const steps = store === undefined ? [creation] : [creation, { step: "store", ...store.name }];
    return printPreview(session, options, { steps });
  }
  session.closeAtEnd(atlas);
  const { clientId, groupId } = args;
  const account = { clientId, orgId: io.env[ID_VARIABLES.orgId] || undefined };
  const entry = openWork.open(clientId);
  messages.progress(`creating a secret of ${clientId}`);
  const lookInAtlas: Remedy = { action: "look-in-atlas", ...account };
  entry.onStep({ step: "create", remedies: [lookInAtlas] });
  try {
    const secret = await createSecret(atlas, args, lookInAtlas, session.interruption);
    const deletion: Remedy = { action: "delete-secret", ...account, secretId: secret.id };
    const remedies = store === undefined ? [deletion] : [{ ...deletion, action: "look-in-atlas" } as const];
    entry.onStep({ step: "store", secretId: secret.id, remedies });
    await storeOrPrint(secret, { clientId, groupId }, store, describeRemedy(deletion), session);
  } finally {
    entry.close();
  }
  return EXIT.done;
}

async function createSecret(
  atlas: AtlasClient,
  args: CreateGroupServiceAccountSecretArguments,
  ifUncertain: Remedy,
  interruption: AbortSignal,
): Promise<CreateGroupServiceAccountSecretResult> {
  try {
    return await atlas.createGroupServiceAccountSecret(args, { signal: finishOnceSent(interruption) });
  } catch (error) {
    if (!(error instanceof AtlasError) || error.outcome === "not-applied") throw error;
    throw new CommandError(EXIT.uncertain, [...messagesOf(error), describeRemedy(ifUncertain)]);
  }
}

/** The only copy of the value leaves the process here. */
async function storeOrPrint(
  created: CreateGroupServiceAccountSecretResult,
  account: { readonly clientId: string; readonly groupId: string },
  store: SecretStore | undefined,
  deletion: string,
  session: Session,
): Promise<void> {
  const { clientId } = account;
  const { id, secret } = created;
  const report = { status: "created", clientId };
  if (secret === undefined) {
    throw new CommandError(EXIT.uncertain, [
      `the response has no value for secret ${id}, so nothing can use it`,
      deletion,
    ]);
  }
  if (store === undefined) {
    const lines = [`secret ${id} of ${clientId} is alive and its value is lost`, deletion];
    await printJson(session, { ...report, ...created }, { exitCode: EXIT.uncertain, lines });
    return;
  }
  try {
    await store.store({ ...account, ...created, secret });
  } catch (error) {
    const left =
      error instanceof SecretNotStoredError
        ? `secret ${id} of ${clientId} is alive and was not stored`
        : `secret ${id} of ${clientId} is alive and may have been stored; if it was not, delete it`;
    throw new CommandError(EXIT.uncertain, [messageOf(error), left, deletion]);
  }
  const lines = [`secret ${id} of ${clientId} was created and stored`];
  await printJson(session, { ...report, ...withoutValue(created), ...store.name }, { exitCode: EXIT.uncertain, lines });
}

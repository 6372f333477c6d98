/**
 * `atlas-secrets create`: one new secret, stored at once or printed once.
 */
import {
  type AtlasClient,
  AtlasError,
  type CreateGroupServiceAccountSecretArguments,
  type CreateGroupServiceAccountSecretResult,
  SecretNotStoredError,
} from "../../index.js";
import { finishOnceSent } from "../../transport/finish-once-sent.js";
import type { SecretStore } from "../stores/secret-store.js";
import { CommandError } from "../terminal/command-error.js";
import { EXIT, type ExitCode } from "../terminal/exit-code.js";
import { type Account, deleteCommand, perhapsCreated } from "../terminal/journal.js";
import { printJson } from "../terminal/print-json.js";
import { ID_VARIABLES, Problems } from "../terminal/problems.js";
import { forOperators, messageOf, shown } from "../terminal/rotation-report.js";
import { creationArguments } from "./arguments.js";
import { type ClientOptions, clientFor } from "./client-options.js";
import { plannedCreation, plannedStore, printPlan } from "./dry-run.js";
import { givenIds, type IdOptions, type StoreOptions, storeFor } from "./secret-options.js";
import type { Session } from "./session.js";

export type CreateOptions = ClientOptions &
  StoreOptions &
  Pick<IdOptions, "groupId" | "clientId" | "expiresAfterHours">;

export async function create(options: CreateOptions, session: Session): Promise<ExitCode> {
  const { io, words, journal } = session;
  const problems = new Problems();
  const args = problems.of(() => creationArguments(givenIds(options, io)));
  const store = storeFor(options, io, words, problems);
  if (!isStored(options) && io.stdout.isDiscarded()) {
    problems.add("stdout goes nowhere, and a new secret is shown only once: give --secret-file or --exec");
  }
  const atlas = clientFor(options, io, words, problems);
  const accepted = problems.complete({ args, atlas });
  if (options.dryRun === true) {
    const creation = plannedCreation(accepted.args, accepted.args.body.secretExpiresAfterHours);
    return printPlan(session, options, { steps: store === undefined ? [creation] : [creation, plannedStore(store)] });
  }
  session.closeAtEnd(accepted.atlas);
  const account = { clientId: accepted.args.clientId, orgId: io.env[ID_VARIABLES.orgId] || undefined };
  const entry = journal.begin(account);
  words.progress(`creating a secret of ${account.clientId}`);
  entry.onStep({ step: "create" });
  try {
    const secret = await createSecret(accepted, account, session.interruption);
    entry.onStep({ step: "store", secretId: secret.id });
    await handOver(secret, accepted.args.groupId, store, account, session);
  } finally {
    entry.settle();
  }
  return EXIT.done;
}

function isStored({ secretFile, exec }: StoreOptions): boolean {
  return secretFile !== undefined || exec !== undefined;
}

async function createSecret(
  { args, atlas }: { readonly args: CreateGroupServiceAccountSecretArguments; readonly atlas: AtlasClient },
  account: Account,
  interruption: AbortSignal,
) {
  try {
    // Given up half-way, a create would leave a secret whose id nobody has been told.
    return await atlas.createGroupServiceAccountSecret(args, { signal: finishOnceSent(interruption) });
  } catch (error) {
    if (!(error instanceof AtlasError) || error.outcome === "not-applied") throw error;
    throw new CommandError(EXIT.check, [forOperators(messageOf(error)), perhapsCreated(account)]);
  }
}

/** The only copy of the value leaves the process here. */
async function handOver(
  created: CreateGroupServiceAccountSecretResult,
  groupId: string,
  store: SecretStore | undefined,
  account: Account,
  session: Session,
): Promise<void> {
  const { clientId } = account;
  const { id, secret } = created;
  const remove = deleteCommand(account, id);
  const report = { status: "created", clientId };
  if (secret === undefined) {
    throw new CommandError(EXIT.check, [`the answer has no value, so nobody can use secret ${id}: ${remove}`]);
  }
  if (store === undefined) {
    const lines = [`secret ${id} of ${clientId} is alive and its value is lost: ${remove}`];
    await printJson(session, { ...report, ...created }, { exitCode: EXIT.check, lines });
    return;
  }
  try {
    await store.store({ clientId, groupId, ...created, secret });
  } catch (error) {
    const left =
      error instanceof SecretNotStoredError
        ? `secret ${id} of ${clientId} is alive and nobody has it: ${remove}`
        : `secret ${id} of ${clientId} is alive and may have been stored; if it was not: ${remove}`;
    throw new CommandError(EXIT.check, [messageOf(error), left]);
  }
  const lines = [`secret ${id} of ${clientId} was created and stored`];
  await printJson(session, { ...report, ...shown(created), ...store.name }, { exitCode: EXIT.check, lines });
}

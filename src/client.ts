/** The client as a program sees it. Whatever its calls need is loaded by the first of them (`calls.ts`). */
import { createOperations, type Operations, type RunOperation } from "../generated/client.js";
import type { OperationId } from "../generated/operations.js";
import { credentialViolation, readCredentials, type ServiceAccount } from "./auth/credentials.js";
import type { Calls } from "./calls.js";
import { AtlasRequestError, type RequestViolation } from "./errors.js";
import { load } from "./load.js";
import type { CallOptions } from "./operation/arguments.js";
import type { RequestPreview } from "./operation/operation.js";
import { type AtlasClientOptions, checkOptions } from "./options/client-options.js";
import { captured, membersOf, missing } from "./options/read-options.js";
import { createRawClient, type RawClient } from "./raw/raw-client.js";
import type { ResponseMetadata } from "./safe/redaction.js";
import { isAbortSignal, onAbort, throwIfAborted } from "./signals.js";
import { noteAborted } from "./transport/caller-abort.js";

/**
 * One function for each operationId. Inspection, JSON and spreads of a result leave out the value of a new secret,
 * `result.secret`.
 *
 * @example
 * const { data, response } = await atlas.createGroupServiceAccountSecret(args).withResponse();
 * console.log(data.id, response.headers["ratelimit-remaining"]);
 */
export interface AtlasClient extends Operations<CallOptions, ResponseMetadata> {
  readonly raw: RawClient;
  /** Of the service account that the client signs in as; undefined for other credentials. */
  readonly clientId: string | undefined;
  /**
   * Signs in with this secret of the same service account from now on; the old token is revoked once no call uses it.
   *
   * @throws AtlasRequestError if the client is no service account's, or this cannot be a secret
   */
  updateClientSecret(secret: string): void;
  /**
   * Tries to sign in with a secret of any service account, and revokes the token. The client's own sign-in stays.
   *
   * @throws AtlasAuthError if Atlas refuses the secret (`oauthError` is then `invalid_client`) or gives no token
   * @example
   * await atlas.verifySecret({ clientId, clientSecret: created.secret });
   */
  verifySecret(account: ServiceAccount, options?: Pick<CallOptions, "signal">): Promise<void>;
  /** Masks every credential of this client as a `Redactor` does. */
  redact(text: string): string;
  /**
   * Refuses new calls, revokes every token once no call uses it, and waits for the calls that hold one. Closing again
   * does nothing.
   *
   * @throws AtlasAuthError if a token cannot be revoked; the client is closed all the same
   */
  close(): Promise<void>;
  /** `close()`, for `await using`; missing on platforms without the symbol. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Sends nothing before the first call.
 *
 * @throws AtlasRequestError listing every option that cannot be used
 * @example
 * const atlas = createAtlasClient({ credentials: { clientId, clientSecret } });
 * const { id, secret } = await atlas.createGroupServiceAccountSecret({ groupId, clientId, body });
 */
export function createAtlasClient(options: AtlasClientOptions): AtlasClient {
  let settings = checkOptions(options);
  const { redactor } = settings;
  const { clientId } = settings.credentials;
  let calls: Calls | undefined;
  let loading: Promise<Calls> | undefined;
  let closing: Promise<void> | undefined;

  async function loadCalls(): Promise<Calls> {
    const isClosed = closing !== undefined;
    try {
      const { createCalls } = await load(() => import("./calls.js"));
      calls = createCalls(settings);
      if (isClosed) void calls.close();
      return calls;
    } catch (error) {
      loading = undefined;
      throw error;
    }
  }

  /** As soon as the functions are loaded. What the caller changes meanwhile does not count, and an abort ends the call at once. */
  function run<Given extends readonly unknown[], Result>(
    functionOf: (calls: Calls) => (...given: Given) => Promise<Result>,
    given: Given,
  ): Promise<Result> {
    if (calls !== undefined) return functionOf(calls)(...given);
    // Each is a copy of the argument in its place; the last may have a signal.
    const taken = given.map(captured) as unknown as Given;
    const last = membersOf(taken.at(-1))?.["signal"];
    // One that has aborted before ends the call in its own turn, after what is wrong with the arguments.
    const signal = isAbortSignal(last) && !last.aborted ? last : undefined;
    return new Promise((resolve, reject) => {
      const release =
        signal &&
        onAbort(signal, () => {
          noteAborted(signal, "not-applied");
          reject(signal.reason);
        });
      const runLoaded = (loaded: Calls) => {
        release?.();
        // It has ended: nothing may be logged of it, and no middleware be called.
        throwIfAborted(signal);
        // Here and not a moment later, so that it is under way before the client can be closed.
        return functionOf(loaded)(...taken);
      };
      loading ??= loadCalls();
      loading.then(runLoaded).then(resolve, reject).finally(release);
    });
  }

  const runOperation: RunOperation<CallOptions, ResponseMetadata> = <Result>(
    operationId: OperationId,
    args: object,
    callOptions: CallOptions | undefined,
  ) => {
    let metadataOfResponse: (() => ResponseMetadata) | undefined;
    const onResponse = (metadataOf: () => ResponseMetadata) => {
      metadataOfResponse = metadataOf;
    };
    const called =
      calls?.runOperation(operationId, args, onResponse, callOptions) ??
      run((loaded) => loaded.runOperation, [operationId, args, onResponse, callOptions]);
    // The value has been held to the schema that the type was generated from.
    const result = called as Promise<Result>;
    return Object.assign(result, {
      async withResponse() {
        // One promise: whoever uses only this, or only the result, leaves no other that rejects unseen.
        const data = await result;
        // A call that has a result has had a response.
        return { data, response: (metadataOfResponse as () => ResponseMetadata)() };
      },
    });
  };

  function close(): Promise<void> {
    const closeLoaded = (loaded: Calls) => loaded.close();
    // As long as no call was loaded, there is no token to revoke.
    closing ??= calls?.close() ?? loading?.then(closeLoaded, () => undefined) ?? Promise.resolve();
    return closing;
  }

  const client: Omit<AtlasClient, typeof Symbol.asyncDispose> = {
    ...createOperations(runOperation),
    raw: createRawClient((...given) => run(({ runRaw }) => runRaw, given)),
    clientId,
    updateClientSecret(secret) {
      const wrong = credentialViolation("clientSecret", secret, "secret");
      if (wrong !== undefined) throw new AtlasRequestError("The client secret was not changed", [wrong]);
      if (clientId === undefined) {
        throw new AtlasRequestError("updateClientSecret is for a client that signs in as a service account");
      }
      redactor.protect(secret);
      settings = { ...settings, credentials: { clientId, clientSecret: secret } };
      calls?.updateClientSecret(secret);
    },
    async verifySecret(account, callOptions) {
      return run(({ verifySecret }) => verifySecret, [readAccount(account), callOptions]);
    },
    redact: redactor.redact,
    close,
  };
  const { asyncDispose }: { readonly asyncDispose?: typeof Symbol.asyncDispose } = Symbol;
  // Without the symbol, nothing can ask for the member.
  return Object.assign(client, asyncDispose && { [asyncDispose]: close }) as AtlasClient;
}

/** @throws AtlasRequestError if no service account can sign in with it */
function readAccount(given: unknown): ServiceAccount {
  const violations: RequestViolation[] = [];
  const account = readCredentials(given, violations, (name) => `account.${name}`);
  if (account?.clientId !== undefined) return account;
  if (account !== undefined) violations.push(missing("account.clientSecret"));
  throw new AtlasRequestError("Cannot verify the secret", violations);
}

/**
 * Returns the request that a call would send, without its credentials. It needs no client and sends nothing.
 *
 * @throws AtlasRequestError listing every violation
 */
export async function previewRequest<Id extends OperationId>(
  operationId: Id,
  args: Parameters<Operations<CallOptions>[Id]>[0],
): Promise<RequestPreview> {
  const given = captured(args ?? {});
  return (await load(() => import("./calls.js"))).previewRequest(operationId, given);
}

/**
 * The client: the pipeline put together, with the generated functions on top.
 */
import { createOperations, type Operations } from "../generated/client.js";
import { checkCredential, readCredentials } from "./auth/credentials.js";
import { signInOnce } from "./auth/service-account-tokens.js";
import { createSignIn } from "./auth/sign-in.js";
import { authErrorOf, createTokenEndpoint, type ServiceAccount } from "./auth/token-endpoint.js";
import { AtlasRequestError, type RequestViolation } from "./errors.js";
import { type CallOptions, checkCallOptions } from "./operation/call-options.js";
import { createRunOperation } from "./operation/operation.js";
import { type AtlasClientOptions, checkOptions } from "./options/client-options.js";
import { createRawClient, type RawClient } from "./raw/raw.js";
import { notify } from "./safe/notify.js";
import { createRedactor } from "./safe/redaction.js";
import type { ResponseMetadata } from "./safe/response-metadata.js";
import { attempt } from "./transport/attempt.js";
import { keepSentRequests, recordAborts } from "./transport/caller-abort.js";
import { unwrapEnvelope } from "./transport/envelope.js";
import type { Send } from "./transport/pipeline.js";
import { type RetryEvent, retry } from "./transport/retry.js";
import { observeDeprecation } from "./transport/versions.js";

/**
 * A client of the contract's operations: one function for each operationId. The value of a new secret is read by its name,
 * `result.secret`; inspection, JSON and spreads of the result leave it out. What the response says beside its body is
 * there for whoever asks.
 *
 * @example
 * const { data, response } = await atlas.createGroupServiceAccountSecret(args).withResponse();
 * console.log(data.id, response.headers["ratelimit-remaining"]);
 */
export interface AtlasClient extends Operations<CallOptions, ResponseMetadata> {
  /** openapi-fetch over the same pipeline, for whoever wants `{ data, error, response }` or a middleware. */
  readonly raw: RawClient;
  /** Client id of the service account that this client signs in as; undefined for other kinds of credentials. */
  readonly clientId: string | undefined;
  /**
   * Switches to this secret of the same service account; the token of the old one is revoked as soon as no call uses it.
   *
   * @throws AtlasRequestError if the client does not sign in as a service account, or cannot sign in with this value
   */
  updateClientSecret(secret: string): void;
  /**
   * Signs in with a secret, of this or any other service account, to see whether it works, and revokes the token again.
   * The client's own sign-in stays as it is.
   *
   * @throws AtlasAuthError if Atlas refuses the secret (`oauthError` is then `invalid_client`), or did not give a token
   * @example
   * await atlas.verifySecret({ clientId, clientSecret: created.secret });
   */
  verifySecret(account: ServiceAccount, options?: Pick<CallOptions, "signal">): Promise<void>;
  /** Masks, in a text, every credential of this client, plain or encoded, and whatever else has the form of one. */
  redact(text: string): string;
  /**
   * Refuses calls from now on, and revokes every access token that the client has been issued, as soon as no call uses it.
   * Calls that are under way go on; those that hold a token are waited for. Closing again does nothing.
   *
   * @throws AtlasAuthError if the token cannot be revoked; the client is closed all the same
   */
  close(): Promise<void>;
}

/**
 * Creates a client. Nothing is sent before the first call.
 *
 * @throws AtlasRequestError listing every option that cannot be used
 * @example
 * const atlas = createAtlasClient({ credentials: { clientId, clientSecret } });
 * const { id, secret } = await atlas.createGroupServiceAccountSecret({ groupId, clientId, body });
 */
export function createAtlasClient(options: AtlasClientOptions): AtlasClient {
  const settings = checkOptions(options);
  const { baseUrl, userAgent, timeoutMs, fetch, onRetry, onDeprecation, signInMethod } = settings;
  const { redactor } = settings;
  const { redact } = redactor;
  const policy = {
    policy: settings.retry,
    onRetry: onRetry && ((event: RetryEvent) => notify(onRetry, event, "onRetry", redact)),
  };
  const once = attempt({ fetch, timeoutMs, redact });
  const retryTogether = retry(policy);
  // By itself: the token of a call that is refused over and over is no other call that gets through.
  const endpoint = createTokenEndpoint(baseUrl, retry(policy)(once), redactor, userAgent);
  const signIn = createSignIn(signInMethod, endpoint, redactor);
  const pipeline = recordAborts(
    retryTogether(observeDeprecation(onDeprecation, redact)(signIn.stage(keepSentRequests(unwrapEnvelope(once))))),
  );

  let closing: Promise<void> | undefined;
  /** Of tokens that only proved that a secret works. */
  const revocations = new Set<Promise<void>>();
  const send: Send = (request) => {
    if (closing === undefined) return pipeline(request);
    return Promise.reject(new AtlasRequestError("The client is closed", [], { operation: request.operation }));
  };

  const maxDelayMs = settings.retry === false ? undefined : settings.retry.maxDelayMs;
  const runOperation = createRunOperation({ ...settings, maxDelayMs, signedInAs: signIn.clientId, redactor }, send);
  const client: AtlasClient = {
    ...createOperations(runOperation),
    raw: createRawClient({ ...settings, redact }, send),
    clientId: signIn.clientId,
    updateClientSecret(secret) {
      const violations: RequestViolation[] = [];
      checkCredential("clientSecret", secret, violations, "secret");
      if (violations.length > 0) throw new AtlasRequestError("The client secret was not changed", violations);
      signIn.updateClientSecret(secret);
    },
    async verifySecret(account, callOptions) {
      const { clientId, clientSecret } = readAccount(account);
      const { signal } = checkCallOptions(callOptions, redact);
      // A redactor of its own: the client need not know a fleet's secrets for good.
      const ofAccount = createTokenEndpoint(baseUrl, retryTogether(once), createRedactor(redact), userAgent);
      try {
        const { revoked } = await signInOnce(ofAccount, { clientId, clientSecret }, signal);
        revocations.add(revoked);
        void revoked.finally(() => revocations.delete(revoked));
      } catch (error) {
        throw authErrorOf(error, "Could not get an access token with this secret", {
          outcome: "not-applied",
          effect: "",
        });
      }
    },
    redact,
    close() {
      closing ??= Promise.all([signIn.end(), ...revocations]).then(() => undefined);
      return closing;
    },
  };
  return client;
}

/** @throws AtlasRequestError if no service account can sign in with it */
function readAccount(given: unknown): ServiceAccount {
  const violations: RequestViolation[] = [];
  const account = readCredentials(given, violations, (name) => `account.${name}`);
  if (account?.kind === "service-account") return account;
  if (account !== undefined)
    violations.push({ argument: "account.clientSecret", expected: "is missing", received: "" });
  throw new AtlasRequestError("Cannot verify the secret", violations);
}

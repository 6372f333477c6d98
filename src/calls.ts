/** What a client loads at its first call: the pipeline put together, the writing of requests, the reading of responses. */
import type { ServiceAccount } from "./auth/credentials.js";
import { warnNotRevoked } from "./auth/service-account-tokens.js";
import { createSignIn } from "./auth/sign-in.js";
import { authErrorOf, createTokenEndpoint } from "./auth/token-endpoint.js";
import { AtlasRequestError } from "./errors.js";
import type { CallOptions } from "./operation/arguments.js";
import { createRunOperation } from "./operation/operation.js";
import type { Settings } from "./options/client-options.js";
import { ABORT_SIGNAL, readOptions } from "./options/read-options.js";
import { createRunRaw } from "./raw/raw.js";
import { notify } from "./safe/foreign-error.js";
import { createRedactor } from "./safe/redaction.js";
import { attempt } from "./transport/attempt.js";
import { noteAborted } from "./transport/caller-abort.js";
import { createLog, logFailures, logRetry, observeDeprecation, observeRequests } from "./transport/observe.js";
import { outcomeIfNotApplied, type Send, unwrapEnvelope } from "./transport/pipeline.js";
import { type RetryEvent, retry } from "./transport/retry.js";

export { previewRequest } from "./operation/operation.js";

const CLOSED = "The client is closed";

type SignalOption = Pick<CallOptions, "signal">;

export type Calls = ReturnType<typeof createCalls>;

/** Each as the client's own function of that name does it. */
export function createCalls(settings: Settings) {
  const { baseUrl, userAgent, timeoutMs, fetch, onRetry, onDeprecation, credentials, redactor } = settings;
  const { redact } = redactor;
  const log = createLog(settings.logger, settings.logLevels, redact);
  const retries = {
    policy: settings.retry,
    onRetry(event: RetryEvent) {
      if (log !== undefined) logRetry(log, event);
      notify(onRetry, event, "onRetry", redact);
    },
  };
  const once = observeRequests(log, redact)(attempt({ fetch, timeoutMs, redact }));
  const retryTogether = retry(retries);
  // By itself: the token of a call that is refused over and over is no other call that gets through.
  const endpoint = createTokenEndpoint(baseUrl, retry(retries)(once), redactor, userAgent);
  const signIn = createSignIn(credentials, endpoint, redactor);
  const pipeline = retryTogether(observeDeprecation(onDeprecation, redact)(signIn.stage(unwrapEnvelope(once))));

  let closing: Promise<void> | undefined;
  /** Of all tokens that only prove that a secret works, from the request for them on. */
  let revocations: Promise<void> = Promise.resolve();
  const send: Send = (request) => {
    const { operation, signal } = request;
    if (closing !== undefined) return Promise.reject(new AtlasRequestError(CLOSED, [], { operation }));
    const sent = pipeline(request);
    if (signal === undefined) return sent;
    return sent.catch((error: unknown) => {
      if (Object.is(error, signal.reason)) noteAborted(signal, outcomeIfNotApplied(request));
      throw error;
    });
  };

  return {
    runOperation: logFailures(log, createRunOperation({ ...settings, signedInAs: credentials.clientId }, send)),
    runRaw: logFailures(log, createRunRaw({ ...settings, redact }, send)),
    async verifySecret(account: ServiceAccount, options: SignalOption | undefined): Promise<void> {
      const summary = "Cannot use the call options";
      const { signal } = readOptions<SignalOption>(options ?? {}, { signal: ABORT_SIGNAL }, { summary, redact });
      if (closing !== undefined) throw new AtlasRequestError(CLOSED);
      // A redactor of its own: the client need not know a fleet's secrets for good.
      const ofAccount = createTokenEndpoint(baseUrl, retryTogether(once), createRedactor(redact), userAgent);
      const issued = ofAccount.requestToken(account, signal);
      const revoked = issued.then(
        ({ value }) => ofAccount.revokeToken(account, value).catch(warnNotRevoked),
        () => undefined,
      );
      revocations = revocations.then(() => revoked);
      await issued.catch((error: unknown) => {
        const context = { outcome: "not-applied", effect: "" } as const;
        throw authErrorOf(error, "Could not get an access token with this secret", context);
      });
    },
    updateClientSecret: (secret: string) => signIn.updateClientSecret?.(secret),
    close(): Promise<void> {
      closing ??= Promise.all([signIn.end?.(), revocations]).then(() => undefined);
      return closing;
    },
  };
}

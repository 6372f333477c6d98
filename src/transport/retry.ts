/**
 * The outermost layer: sends a call again if the policy allows it, and keeps account of what may have happened.
 */
import { AtlasNetworkError } from "../errors.js";
import { sleep } from "../signals.js";
import { finishesOnceSent } from "./caller-abort.js";
import type { RetryPolicy, Stage, TransportResponse } from "./pipeline.js";
import { RateLimitGates } from "./rate-limit-gate.js";
import {
  type FailureReason,
  mayRepeat,
  provesNotApplied,
  requestedWaitMs,
  retryDelayMs,
  tokenBucketOf,
} from "./retry-policy.js";

/** For `onRetry`. */
export interface RetryEvent {
  readonly operationId: string;
  /** That failed, from 1. */
  readonly attempt: number;
  /** Until the next one, in milliseconds. */
  readonly delayMs: number;
  /** The status of the response, or why there is none. */
  readonly reason: number | AtlasNetworkError;
}

export interface RetryStageOptions {
  /** Of requests without their own. `false` sends once, whatever comes; a gate that others have closed is waited for. */
  readonly policy: RetryPolicy | false;
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
  readonly random?: () => number;
}

/** Of `false`: no wait is short enough. */
const NEVER: RetryPolicy = { maxAttempts: 1, maxDelayMs: -1 };

/** @throws what the layers below throw; the caller's abort reason, at once, also during a wait */
export function retry({ policy: usualPolicy, onRetry, random = Math.random }: RetryStageOptions): Stage {
  const gates = new RateLimitGates();
  let calls = 0;
  /** Responses other than 429, over all operations. */
  let accepted = 0;
  return (next) => async (request) => {
    const { retry: policy = usualPolicy, operation, signal, account } = request;
    const limits = policy === false ? NEVER : policy;
    const { operationId } = operation;
    // What changes nothing may be repeated like a GET.
    const method = request.changesNothing ? "GET" : operation.method;
    calls += 1;
    const ticket = calls;
    let counted = 0;
    let acceptedBefore = accepted;
    for (let attempt = 1; ; attempt += 1) {
      const gate = gates.of(operationId);
      const pass = gate.enterIfOpen() ?? (await gate.enter(ticket, signal));
      let response: TransportResponse | undefined;
      let reason: FailureReason;
      try {
        response = await next(request);
        reason = response.status;
      } catch (thrown) {
        const isEnd = endsCall(thrown, signal);
        if (isEnd || !(thrown instanceof AtlasNetworkError)) {
          gate.leave(pass);
          throw isEnd ? signal?.reason : thrown;
        }
        reason = thrown;
      }
      const rateLimited = reason === 429;
      // Rate limits are shared: a refusal while other calls get through is a place in the queue, not an attempt.
      if (!rateLimited || accepted === acceptedBefore) counted += 1;
      const delayMs = mayRepeat(method, reason)
        ? retryDelayMs({
            attempt: Math.max(counted, 1),
            rateLimited,
            requestedMs: response && requestedWaitMs(response),
            maxDelayMs: limits.maxDelayMs,
            random: random(),
          })
        : undefined;
      // Closed before it is left: the next in line must not slip through between the two.
      if (response?.status === 429 && delayMs !== undefined) {
        gates.close(operationId, delayMs, tokenBucketOf(response, limits));
      }
      gate.leave(pass, response);
      if (response !== undefined && !rateLimited) accepted += 1;
      acceptedBefore = accepted;
      if (delayMs === undefined || counted >= limits.maxAttempts) {
        if (response === undefined) throw reason;
        return response;
      }
      account.mayHaveBeenApplied ||= !provesNotApplied(reason);
      onRetry?.({ operationId, attempt, delayMs, reason });
      // After a 429 the gate is what waits; a wait of its own would make a call late that the gate lets through.
      if (!rateLimited) await sleep(delayMs, signal);
    }
  };
}

/**
 * Whether the caller has ended the call, whatever was thrown, even an error of ours from another call as the reason; but if
 * a sent request is not given up, its own error says what may have happened.
 */
function endsCall(thrown: unknown, signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true && (Object.is(thrown, signal.reason) || !finishesOnceSent(signal));
}

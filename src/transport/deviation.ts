/**
 * A response that breaks only a `pattern` of the contract is given all the same, and told: documents get patterns wrong
 * more often than servers break them.
 */
import { emitWarning } from "../platform.js";
import { notify } from "../safe/notify.js";
import type { Redact } from "../safe/redaction.js";

/** What `onDeviation` is called with. */
export interface DeviationEvent {
  readonly operationId: string;
  /** The values in question, by their JSON pointers in the body, and the pattern that each of them breaks. */
  readonly broken: readonly { readonly pointer: string; readonly pattern: string }[];
}

/** Without a handler, one process warning for each operation and pattern. */
export function observeDeviation(
  onDeviation: ((event: DeviationEvent) => void) | undefined,
  redact?: Redact,
): (event: DeviationEvent) => void {
  const handler = onDeviation ?? warnOnce();
  return (event) => notify(handler, event, "onDeviation", redact);
}

function warnOnce(): (event: DeviationEvent) => void {
  const warned = new Set<string>();
  return ({ operationId, broken }) => {
    for (const { pointer, pattern } of broken) {
      const key = `${operationId} ${pattern}`;
      if (warned.has(key)) continue;
      warned.add(key);
      emitWarning(
        `The response of ${operationId} breaks the contract at ${pointer || "/"}: it must match ${pattern}.`,
        {
          type: "AtlasClientWarning",
          code: "ATLAS_RESPONSE_DEVIATION",
        },
      );
    }
  };
}

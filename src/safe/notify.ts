/**
 * Calls an observer. What an observer does must not decide over a call: its failure becomes a process warning.
 */
import { emitWarning } from "../platform.js";
import { cleanCause, type Redact, redactByForm } from "./redaction.js";

export function notify<Event>(
  observer: ((event: Event) => void) | undefined,
  event: Event,
  name: string,
  redact: Redact = redactByForm,
): void {
  const warn = (error: unknown) => {
    const { message } = cleanCause(error, redact);
    emitWarning(`${name} threw: ${message}`, { type: "AtlasClientWarning", code: "ATLAS_OBSERVER_THREW" });
  };
  try {
    // An async function fits the type too, and its rejection would end the process.
    const returned: unknown = observer?.(event);
    Promise.resolve(returned).catch(warn);
  } catch (error) {
    warn(error);
  }
}

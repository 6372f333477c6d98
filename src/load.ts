/** Loads a part of the library when it is first needed, so that an import of the library costs little. */
import { AtlasRequestError } from "./errors.js";
import { cleanCause } from "./safe/foreign-error.js";
import { redactByForm } from "./safe/redaction.js";

/**
 * Remembers nothing of a failure: what could not be read once may be there the next time.
 *
 * @throws AtlasRequestError if it cannot be loaded
 */
export async function load<Part>(importPart: () => Promise<Part>): Promise<Part> {
  // A test that fakes timers may advance them as soon as a call has begun, and test runners give the event loop a turn
  // only between two timers: without any, the clock would be past what the call is going to wait for.
  let timer = setTimeout(function turn() {
    timer = setTimeout(turn, 1);
  }, 1);
  try {
    return await importPart();
  } catch (error) {
    const cause = cleanCause(error, redactByForm);
    throw new AtlasRequestError(`Cannot load a part of the library: ${cause.message}`, [], { cause });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Whether a mock that can be asked for documented answers gives the ones that it was asked for.
 */
import type { Case } from "../cases/case.js";
import { NoAnswer } from "../http/answer.js";
import type { Delivered } from "./delivery.js";
import type { Session } from "./session.js";

/** A request with `Prefer: code=NNN`, and what came of it. */
export interface Preference {
  readonly each: Case;
  readonly delivered: Delivered;
}

/** One obeyed request may be chance: a server that fails always also answers 500 to `Prefer: code=500`. */
const OBEYED_BY_CHANCE = 1;

/** Reports the answers that a server which obeys `Prefer` did not give. A server that does not obey it owes none. */
export function checkPreferences(session: Session, preferences: readonly Preference[]): void {
  const obeyed = preferences.filter(({ each, delivered }) => statusOf(delivered) === each.prefer);
  if (obeyed.length <= OBEYED_BY_CHANCE) return;
  for (const { each, delivered } of preferences) {
    const status = statusOf(delivered);
    if (status === undefined || status === each.prefer) continue;
    const documented = each.operation.responses.filter((response) => response.status === String(each.prefer));
    const fault = {
      check: "status_code_conformance",
      problem: `answered ${status} when asked for the documented ${each.prefer}`,
      contract: documented.map(({ at }) => ({ says: `documents ${each.prefer}`, at })),
    } as const;
    session.dispatch.fail(each, fault, delivered.sent, delivered.outcome);
  }
}

function statusOf({ outcome }: Delivered): number | undefined {
  return outcome instanceof NoAnswer ? undefined : outcome.status;
}

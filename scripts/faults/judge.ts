/**
 * Lays what the client said of a call beside what the server did.
 */
import { inspect } from "node:util";
import { AtlasApiError, AtlasError } from "../../src/index.js";
import type { Ledger } from "./ledger.js";

export interface PlannedCall {
  readonly number: number;
  readonly kind: "create" | "delete";
  /** What a delete is to delete. */
  readonly secretId: string;
  readonly envelope: boolean;
}

/** What is known of a call beside its plan. */
export interface Evidence {
  readonly said: Said;
  readonly ledger: Ledger;
  /** How many requests the client made of it, those aside to which nobody listened. */
  readonly sent: number;
}

/** How a call ended. */
export type Said = { readonly value: unknown } | { readonly error: unknown };

/** Everything that the client said of the call and that is not so, in sentences. */
export function judge(call: PlannedCall, { said, ledger, sent }: Evidence): readonly string[] {
  const faults = "error" in said ? judgeError(call, said.error, ledger, sent) : judgeResult(call, said.value, ledger);
  return [...faults, ...judgeRepeats(call, ledger)].map((fault) => `call ${call.number} (${call.kind}): ${fault}`);
}

/** Every secret that the server made and that no call's end leads to, neither by its id nor by an outcome. */
export function unlistedSecrets(ledger: Ledger, said: ReadonlyMap<number, Said>): readonly string[] {
  const isListed = (id: string, ending: Said | undefined) => {
    if (ending === undefined) return false;
    if ("error" in ending) return ending.error instanceof AtlasError && ending.error.outcome !== "not-applied";
    return Object(ending.value).id === id;
  };
  return ledger
    .secretsMade()
    .filter(({ id, madeBy }) => !isListed(id, said.get(madeBy)))
    .map(({ id }) => `secret ${id}: nobody was told of it`);
}

function judgeResult({ number, kind, secretId }: PlannedCall, value: unknown, ledger: Ledger): readonly string[] {
  if (kind === "delete") return ledger.isLive(secretId) ? ["it resolved, but the secret is still there"] : [];
  const made = ledger.secretsMade().filter(({ madeBy }) => madeBy === number);
  const [only] = made;
  if (only === undefined || made.length > 1) return [`it resolved, but ${made.length} secrets were made`];
  const { id, secret }: { id?: unknown; secret?: unknown } = Object(value);
  return id === only.id && secret === only.value
    ? []
    : ["it resolved with something else than the secret that was made"];
}

function judgeError({ number }: PlannedCall, error: unknown, ledger: Ledger, sent: number): readonly string[] {
  if (!(error instanceof AtlasError)) return [`it ended with ${String(error)}, which has no outcome`];
  const applied = ledger.applied(number);
  const faults: string[] = [];
  if (error.outcome === "not-applied" && applied > 0) faults.push("its outcome is not-applied, but it was applied");
  if (error.outcome === "applied" && applied === 0) faults.push("its outcome is applied, but it was not");
  const [only] = ledger.arrivals(number);
  // Of several requests, one may have timed out on the client's side whatever the server answered.
  if (error.outcome === "unknown" && sent === 1 && error instanceof AtlasApiError && error.status === only?.proof) {
    faults.push("its outcome is unknown, though the only answer proves that nothing was done");
  }
  if (showsSecret(error)) faults.push("its error shows a secret");
  return faults;
}

/** A create that may have been carried out must not be sent again. */
function judgeRepeats({ number, kind }: PlannedCall, ledger: Ledger): readonly string[] {
  const faults = ledger
    .arrivals(number)
    .filter(({ fault }) => fault === FOLLOWED)
    .map(() => "a redirect was followed");
  const repeated = ledger.arrivals(number).slice(0, -1);
  const unproven = repeated.filter(({ proof }) => proof !== 429);
  if (kind === "create" && unproven.length > 0) faults.push(`it was sent again after "${unproven[0]?.fault}"`);
  return faults;
}

/** Name of what the server notes where somebody asks for the target of one of its redirects. */
export const FOLLOWED = "a redirect was followed";

function showsSecret(error: AtlasError): boolean {
  const shown = [error.message, error.stack, inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error)];
  // Whatever stands between its characters, a person could still read it.
  return shown.some((text) => text?.replace(/[^\w-]/g, "").includes("not-real-"));
}

/**
 * Compares what the client said of a call with what the fake Atlas did.
 */
import { inspect } from "node:util";
import { AtlasApiError, AtlasError, AtlasResponseError } from "../../src/index.js";
import type { StoredSecret } from "../../src/testing/atlas/start-atlas.js";
import type { Sent } from "./faults.js";

/** A call with an account of its own, so that all that happens to the account is the call's doing. */
export interface PlannedCall {
  readonly number: number;
  readonly kind: "create" | "delete";
  readonly clientId: string;
  /** What a delete is to delete. */
  readonly secretId: string;
  /** Whether it is there to be deleted. */
  readonly exists: boolean;
  readonly envelope: boolean;
}

/** One request as the server treated it. */
export interface Arrival {
  /** Name of the fault. */
  readonly fault: string;
  /** The status that was sent, if it proves that nothing was done (a 4xx other than 408); undefined for every other one. */
  readonly proof: number | undefined;
  readonly sent: Sent;
}

/** What is known of a call beside its plan. */
export interface Evidence {
  readonly said: Said;
  /** The secrets that the account has when all is over. */
  readonly secrets: readonly StoredSecret[];
  readonly arrivals: readonly Arrival[];
  /** How many requests the client made of it, without those that cannot have been heard. */
  readonly sent: number;
}

/** How a call ended. */
export type Said = { readonly value: unknown } | { readonly error: unknown };

/** Everything that the client said of the call and that is not so, in sentences. */
export function judge(call: PlannedCall, evidence: Evidence): readonly string[] {
  const { said } = evidence;
  const faults = "error" in said ? judgeError(call, said.error, evidence) : judgeResult(call, said.value, evidence);
  return [...faults, ...judgeRequests(call, evidence)].map((fault) => `call ${call.number} (${call.kind}): ${fault}`);
}

function judgeResult(call: PlannedCall, value: unknown, { secrets }: Evidence): readonly string[] {
  if (call.kind === "delete") return secrets.length > 0 ? ["it resolved, but the secret is still there"] : [];
  const [only, ...others] = secrets;
  if (only === undefined || others.length > 0) return [`it resolved, but ${secrets.length} secrets were created`];
  const { id, secret }: { id?: unknown; secret?: unknown } = Object(value);
  return id === only.id && secret === only.value ? [] : ["it resolved with something else than the secret created"];
}

function judgeError(call: PlannedCall, error: unknown, { secrets, arrivals, sent }: Evidence): readonly string[] {
  if (!(error instanceof AtlasError)) return [`it ended with ${String(error)}, which has no outcome`];
  const applied = call.kind === "create" ? secrets.length > 0 : call.exists && secrets.length === 0;
  const faults: string[] = [];
  if (error.outcome === "not-applied" && applied) faults.push("its outcome is not-applied, but it was applied");
  if (error.outcome === "applied" && !applied) faults.push("its outcome is applied, but it was not");
  const [only] = arrivals;
  // Of several requests, one may have timed out on the client's side whatever the server sent.
  if (error.outcome === "unknown" && sent === 1 && error instanceof AtlasApiError && error.status === only?.proof) {
    faults.push("its outcome is unknown, though the only response proves that nothing was done");
  }
  if (error.outcome !== "not-applied" && sent === 0)
    faults.push(`its outcome is ${error.outcome}, but nothing was sent`);
  const last = arrivals.at(-1);
  // An error of the response has seen it; any other may have come before it.
  if (error instanceof AtlasResponseError && call.kind === "create") {
    if (last?.sent.value === true) faults.push("it lost a secret whose value had arrived");
    if (last?.sent.id !== undefined && error.id !== last.sent.id) faults.push("it lost the id that had arrived");
  }
  if (secrets.length > 1) faults.push(`${secrets.length} secrets were created`);
  if (showsSecret(error)) faults.push("its error shows a secret");
  return faults;
}

/** Name of the request for the target of a redirect. */
export const FOLLOWED = "a redirect was followed";

/** A create that may have been applied must not be sent again. */
function judgeRequests({ kind }: PlannedCall, { arrivals }: Evidence): readonly string[] {
  const faults = arrivals.filter(({ fault }) => fault === FOLLOWED).map(() => FOLLOWED);
  // After a 401, a client with another token or a new challenge asks once more.
  const unproven = arrivals.slice(0, -1).filter(({ proof }) => proof !== 429 && proof !== 401);
  if (kind === "create" && unproven.length > 0) faults.push(`it was sent again after "${unproven[0]?.fault}"`);
  return faults;
}

function showsSecret(error: AtlasError): boolean {
  const shown = [error.message, error.stack, inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error)];
  // Whatever stands between its characters, a person could still read it.
  return shown.some((text) => /mdb_sa_sk_fake-|fake-token-|not-a-real-/.test(text?.replace(/[^\w-]/g, "") ?? ""));
}

/** A call as it is planned; and whether what the client said of it is what the fake Atlas did. */
import { inspect } from "node:util";
import { AtlasApiError, AtlasError, AtlasResponseError } from "../../src/index.js";
import { seededRandom } from "../../src/testing/atlas/seeded-random.js";
import type { StoredSecret } from "../../src/testing/atlas/start-atlas.js";
import { type Arrival, FOLLOWED } from "./faults.js";

export type Said = { readonly value: unknown } | { readonly error: unknown };

/** Of a call that has not ended. */
const NOTHING: Said = { error: "nothing" };

/** A call with an account of its own, so that all that happens to the account is the call's doing. */
export type TriedCall = ReturnType<typeof planCall>;

export function planCall(seed: number, number: number) {
  const random = seededRandom(seed, `plan ${number}`);
  const digits = number.toString(16).padStart(24, "0");
  const kind = random.pick<"create" | "delete">(["create", "delete"]);
  const arrivals: Arrival[] = [];
  return {
    number,
    kind,
    clientId: `mdb_sa_id_${digits}`,
    secretId: digits,
    /** Whether it is there to be deleted; one delete in eight is of a secret that is not. */
    exists: kind === "delete" && random.chance(7 / 8),
    envelope: random.chance(0.25),
    /** How many requests the client made of it, without those that cannot have been heard. */
    sent: 0,
    arrivals,
    /** Whether it ended long before a request of it can have timed out. */
    quick: false,
    said: NOTHING,
  };
}

/**
 * Everything that the client said of the call and that is not so, in sentences.
 *
 * @param secrets - Those that the account has when all is over.
 */
export function judge(call: TriedCall, secrets: readonly StoredSecret[]): readonly string[] {
  const { said } = call;
  const ofEnd = "error" in said ? judgeError(call, said.error, secrets) : judgeResult(call, said.value, secrets);
  return [...ofEnd, ...judgeRequests(call)].map((fault) => `call ${call.number} (${call.kind}): ${fault}`);
}

function judgeResult(call: TriedCall, value: unknown, secrets: readonly StoredSecret[]): readonly string[] {
  if (call.kind === "delete") {
    if (secrets.length > 0) return ["it resolved, but the secret is still there"];
    return isRefused(onlyArrivalOf(call)) ? ["it resolved, though the only response refuses it"] : [];
  }
  const [only] = secrets;
  if (only === undefined || secrets.length > 1) return [`it resolved, but ${secrets.length} secrets were created`];
  const { id, secret } = Object(value);
  return id === only.id && secret === only.value ? [] : ["it resolved with something else than the secret created"];
}

function judgeError(call: TriedCall, error: unknown, secrets: readonly StoredSecret[]): readonly string[] {
  if (!(error instanceof AtlasError)) return [`it ended with ${String(error)}, which has no outcome`];
  const { kind, exists, sent, arrivals, quick } = call;
  const { outcome } = error;
  const applied = kind === "create" ? secrets.length > 0 : exists && secrets.length === 0;
  const only = onlyArrivalOf(call);
  const status = error instanceof AtlasApiError ? error.status : undefined;
  const isProven = status !== undefined && status === only?.status && isRefused(only);
  // An error of the response has seen it; any other may have come before it.
  const unread = error instanceof AtlasResponseError && kind === "create" ? error : undefined;
  const last = unread && arrivals.at(-1);
  const faults = {
    "its outcome is not-applied, but it was applied": outcome === "not-applied" && applied,
    "its outcome is applied, but it was not": outcome === "applied" && !applied,
    "its outcome is unknown, though the only response proves that nothing was done": outcome === "unknown" && isProven,
    [`its outcome is ${outcome}, but nothing was sent`]: outcome !== "not-applied" && sent === 0,
    "it failed, though the only response is its success": quick && only?.whole === true && !isRefused(only),
    "its status is one that no response had": status !== undefined && arrivals.every((each) => each.status !== status),
    "it lost a secret whose value had arrived": last?.value === true,
    "it lost the id that had arrived": last?.id !== undefined && unread?.id !== last.id,
    [`${secrets.length} secrets were created`]: secrets.length > 1,
    "its error shows a secret": showsSecret(error),
  };
  return Object.entries(faults).flatMap(([fault, isSo]) => (isSo ? [fault] : []));
}

/** Of several requests, one may have timed out on the client's side whatever the server sent. */
function onlyArrivalOf({ sent, arrivals: [first] }: TriedCall): Arrival | undefined {
  return sent === 1 ? first : undefined;
}

/** Whether its status proves that nothing was done. */
function isRefused({ status = 0 }: Partial<Arrival> = {}): boolean {
  return status >= 400 && status <= 499 && status !== 408;
}

/** A redirect must not be followed, nor a create that may have been applied be sent again, nor anything before its time. */
function judgeRequests({ kind, arrivals, quick }: TriedCall): readonly string[] {
  const repeated = arrivals.slice(0, -1);
  // After a 401, a client with another token or a new challenge asks once more.
  const unproven = repeated.find(({ status }) => status !== 429 && status !== 401);
  return [
    ...arrivals.flatMap(({ fault }) => (fault === FOLLOWED.name ? [fault] : [])),
    ...(kind === "create" && unproven !== undefined ? [`it was sent again after "${unproven.fault}"`] : []),
    ...(quick && repeated.some(({ mustWait }) => mustWait) ? ["it was sent again before its time"] : []),
  ];
}

function showsSecret(error: AtlasError): boolean {
  const shown = [error.message, error.stack, inspect(error, { depth: 9, showHidden: true }), JSON.stringify(error)];
  // Whatever stands between its characters, a person could still read it.
  return shown.some((text) => /mdb_sa_sk_fake-|fake-token-|not-a-real-/.test(text?.replace(/[^\w-]/g, "") ?? ""));
}

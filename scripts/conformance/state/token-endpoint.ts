/**
 * The token endpoint: who signs in there with nearly the right secret gets no token, nor whoever does with a deleted one.
 */
import { memberOf } from "../../../contract-tests/contract/json.js";
import { seededRandom } from "../../../src/testing/atlas/seeded-random.js";
import { ALTERATIONS } from "../cases/authentication.js";
import { type Callable, caseOf } from "../cases/case.js";
import { otherId } from "../cases/positive.js";
import { basisOf, type CheckName } from "../checks.js";
import { isSuccess, jsonOf, NoResponse } from "../http/exchange.js";
import type { Exchanged } from "../http/server.js";
import type { Alteration, ClientIdentity } from "../http/sign-in.js";
import { type Run, reportFault } from "../send-case.js";
import type { Target } from "../target.js";

/** Tries secrets and client ids that are nearly those of the check, if it signs in with a service account. */
export async function checkTokenEndpoint(
  run: Run,
  callables: readonly Callable[],
  { credentials: { clientId, clientSecret }, local }: Target,
): Promise<void> {
  const takingTokens = callables.filter(
    ({ operation }) =>
      run.verdicts.selects(operation, "ignored_auth") &&
      operation.security.flat().some(({ kind }) => kind === "bearer"),
  );
  if (clientId === undefined || clientSecret === undefined || takingTokens.length === 0) return;
  const tries: (readonly [what: string, identity: ClientIdentity])[] = [
    // The keys are the alterations that the record is of.
    ...(Object.keys(ALTERATIONS) as Alteration[]).map((change) => {
      return [`the client secret ${ALTERATIONS[change]}`, { kind: "client", clientId, clientSecret, change }] as const;
    }),
    [
      "another client id",
      { kind: "client", clientId: otherId(clientId, seededRandom(run.seed, "client id")), clientSecret },
    ],
  ];
  for (const [what, identity] of tries) {
    const title = `wrong credentials at the token endpoint: ${what}`;
    const exchanged = local ? await requestToken(run, identity) : undefined;
    const obstacle = local ? whyNoToken(exchanged) : "an account may ask for about ten tokens a minute only";
    for (const callable of takingTokens) {
      const { operation } = callable;
      if (exchanged !== undefined && obstacle === undefined) {
        fail(run, callable, "ignored_auth", { title, identity, exchanged, problem: `a token is issued for ${what}` });
      } else if (!local || obstacle?.startsWith("429") === true)
        run.verdicts.notTried(operation, title, obstacle ?? "");
      else run.verdicts.judged(operation, "ignored_auth");
    }
  }
}

/**
 * use_after_free of a secret's value.
 *
 * @returns what has to be done once the secret is deleted; `undefined` if nobody can sign in with it before.
 */
export async function signInWithNew(
  run: Run,
  callable: Callable,
  value: string | undefined,
): Promise<(() => Promise<void>) | undefined> {
  const clientId = callable.parameters["clientId"];
  if (value === undefined || typeof clientId !== "string") return undefined;
  const identity: ClientIdentity = { kind: "client", clientId, clientSecret: value };
  const obstacle = whyNoToken(await requestToken(run, identity));
  if (obstacle !== undefined) {
    run.verdicts.notTried(callable.operation, "signing in with what was deleted", `before the deletion: ${obstacle}`);
    return undefined;
  }
  return async () => {
    const exchanged = await requestToken(run, identity);
    run.verdicts.judged(callable.operation, "use_after_free");
    if (whyNoToken(exchanged) !== undefined) return;
    const title = "signing in with what was deleted";
    const problem = "a token is issued for a secret that was deleted";
    fail(run, callable, "use_after_free", { title, identity, exchanged, problem });
  };
}

function requestToken(run: Run, identity: ClientIdentity): Promise<Exchanged> {
  const headers = { accept: "application/json", "content-type": "application/x-www-form-urlencoded" };
  const request = { operationId: "requestToken", method: "POST", target: "/api/oauth/token", headers };
  const body = "grant_type=client_credentials";
  // A 429 is not waited out: it is no token.
  return run.server.send({ ...request, body, identity, prefer: 429 }, { signal: run.signal, finish: false });
}

/** Why an exchange with the endpoint brought no token; `undefined` if it did. */
function whyNoToken(exchanged: Exchanged | undefined): string | undefined {
  const outcome = exchanged?.outcome;
  if (outcome === undefined || outcome instanceof NoResponse) return "the token endpoint does not respond";
  const hasToken = isSuccess(outcome) && typeof memberOf(jsonOf(outcome)?.value, "access_token") === "string";
  return hasToken ? undefined : `${outcome.status} at the token endpoint`;
}

function fail(
  run: Run,
  callable: Callable,
  check: CheckName,
  found: { title: string; problem: string; identity: ClientIdentity; exchanged: Exchanged },
): void {
  const { title, identity, problem, exchanged } = found;
  const { operation } = callable;
  run.verdicts.judged(operation, check);
  const described = operation.at.get("description") ?? operation.at;
  const contract = [...basisOf(operation, check), { says: "what the operation is for", at: described }, INVALID_CLIENT];
  const each = caseOf(callable, { check, title, identity, expected: undefined });
  reportFault(run, each, { check, problem, contract }, exchanged);
}

const INVALID_CLIENT = {
  says: "a client that cannot be authenticated gets invalid_client",
  at: { name: "RFC 6749, section 5.2", url: "https://www.rfc-editor.org/rfc/rfc6749#section-5.2" },
};

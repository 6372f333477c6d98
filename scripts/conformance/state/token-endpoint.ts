/**
 * The token endpoint: who signs in there with nearly the right secret gets no token, nor whoever does with a deleted one.
 */
import { memberOf } from "../../../contract-tests/contract/json.js";
import { seededRandom } from "../../../src/testing/atlas/seeded-random.js";
import { type Callable, type Case, caseOf, otherId } from "../cases/case.js";
import { basisOf } from "../checks.js";
import { type HttpResponse, isSuccess, jsonOf } from "../http/exchange.js";
import { ALTERATION_NAMES, ALTERATIONS, type ClientIdentity } from "../http/sign-in.js";
import { type Run, reportFault } from "../send-case.js";

/** Tries secrets and client ids that are nearly those of the check, if it signs in with a service account. */
export async function checkTokenEndpoint(run: Run, callables: readonly Callable[]): Promise<void> {
  const { local, credentials } = run;
  const { clientId, clientSecret } = credentials;
  const takingTokens = callables.filter(
    ({ operation }) =>
      run.verdicts.selects(operation, "ignored_auth") &&
      operation.security.flat().some(({ kind }) => kind === "bearer"),
  );
  if (clientId === undefined || clientSecret === undefined || takingTokens.length === 0) return;
  const tries: [what: string, identity: ClientIdentity][] = ALTERATION_NAMES.map((change) => [
    `the client secret ${ALTERATIONS[change].words}`,
    { kind: "client", clientId, clientSecret, change },
  ]);
  const otherClientId = otherId(clientId, seededRandom(run.seed, "client id"));
  tries.push(["another client id", { kind: "client", clientId: otherClientId, clientSecret }]);
  for (const [what, identity] of tries) {
    const title = `wrong credentials at the token endpoint: ${what}`;
    const response = local ? await requestToken(run, identity) : undefined;
    const obstacle = response ? whyNoToken(response) : "an account may ask for about ten tokens a minute only";
    const isTried = response !== undefined && response.status !== 429;
    for (const callable of takingTokens) {
      const each = caseOf(callable, { check: "ignored_auth", title, identity });
      if (isTried) judgeToken(run, each, response, `a token is issued for ${what}`);
      else run.verdicts.notTried(callable.operation, title, obstacle ?? "");
    }
  }
}

const SIGNING_IN = "signing in with what was deleted";

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
    run.verdicts.notTried(callable.operation, SIGNING_IN, `before the deletion: ${obstacle}`);
    return undefined;
  }
  return async () => {
    const response = await requestToken(run, identity);
    const each = caseOf(callable, { check: "use_after_free", title: SIGNING_IN, identity });
    judgeToken(run, each, response, "a token is issued for a secret that was deleted");
  };
}

function requestToken(run: Run, identity: ClientIdentity): Promise<HttpResponse> {
  const headers = { accept: "application/json", "content-type": "application/x-www-form-urlencoded" };
  const request = { operationId: "requestToken", method: "POST", target: "/api/oauth/token", headers };
  // A 429 is not waited out: it is no token.
  return run.server.send({ ...request, body: "grant_type=client_credentials", identity, prefer: 429 }, run.signal);
}

/** Why the endpoint gave no token; `undefined` if it did. */
function whyNoToken(response: HttpResponse): string | undefined {
  if (response.failure !== undefined) return "the token endpoint does not respond";
  const hasToken = isSuccess(response) && typeof memberOf(jsonOf(response)?.value, "access_token") === "string";
  return hasToken ? undefined : `${response.status} at the token endpoint`;
}

/** Reports a token that should not have been issued. */
function judgeToken(run: Run, each: Case, response: HttpResponse, problem: string): void {
  const { operation, check } = each;
  run.verdicts.judged(operation, check);
  if (whyNoToken(response) !== undefined) return;
  const described = operation.at.get("description") ?? operation.at;
  const contract = [...basisOf(operation, check), { says: "what the operation is for", at: described }, INVALID_CLIENT];
  reportFault(run, each, { check, problem, contract }, response);
}

const INVALID_CLIENT = {
  says: "a client that cannot be authenticated gets invalid_client",
  at: { name: "RFC 6749, section 5.2", url: "https://www.rfc-editor.org/rfc/rfc6749#section-5.2" },
};

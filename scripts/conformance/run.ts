/**
 * A whole run: every check of every operation against one server, and afterwards nothing left behind.
 */
import { fileURLToPath } from "node:url";
import { type Mock, mockCredentials, startMock } from "../../contract-tests/mock/start-mock.js";
import { callablesOf } from "./callables.js";
import type { Untried } from "./cases/case.js";
import { CHECKS, type CheckName } from "./checks.js";
import { linksOf } from "./contract/creation.js";
import { type Contract, type Operation, readContract } from "./contract/operations.js";
import { exchange } from "./http/exchange.js";
import { reach } from "./http/reach.js";
import { createSignedExchange } from "./http/sign-in.js";
import { createMask } from "./output/mask.js";
import type { Report } from "./report.js";
import { checkOperations } from "./session/check-operations.js";
import { Delivery } from "./session/delivery.js";
import { Session } from "./session/session.js";
import { Verdicts } from "./session/verdicts.js";
import { ACCOUNT_PARAMETERS, admitTarget, type Target, type TargetWish } from "./target.js";

/** What a run is to do. */
export interface ConformanceOptions {
  /** The server; the project's own mock, started for the run, if there is none. */
  readonly target?: TargetWish | undefined;
  /** Path of the contract, or the contract; the project's own if there is none. */
  readonly spec?: string | Contract | undefined;
  /** Whether a check of an operation is to be judged; all are if this is absent. */
  readonly selects?: ((operationId: string, check: CheckName) => boolean) | undefined;
  /** A whole number; the same seed makes the same cases. */
  readonly seed: number;
  /** How long an answer may take, in milliseconds. Default 10 000. */
  readonly timeoutMs?: number | undefined;
  /** Ends the run early; what was made is still deleted. */
  readonly signal?: AbortSignal | undefined;
  /** Told what is being done, in a few words. */
  readonly onProgress?: ((words: string) => void) | undefined;
}

/** The contract of this project. */
export const OWN_CONTRACT = fileURLToPath(new URL("../../openapi/atlas-service-account-secrets.yaml", import.meta.url));
const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Checks a server.
 *
 * @throws UsageError where the wish makes no sense; ContractError where the contract cannot be used; Unreachable where no
 * connection can be made; SignInFailure where no token can be had.
 */
export async function runConformance(options: ConformanceOptions): Promise<Report> {
  const { spec = OWN_CONTRACT } = options;
  const contract = typeof spec === "string" ? await readContract(spec) : spec;
  if (options.target !== undefined) return checkTarget(contract, admitTarget(options.target), options);
  options.onProgress?.("starting the mock");
  const mock = await startMock({ spec: contract.document.file });
  try {
    return await checkTarget(contract, mockTarget(mock), options);
  } finally {
    await mock.stop();
  }
}

function mockTarget({ url }: Mock): Target {
  return { url, credentials: { accessToken: mockCredentials.accessToken }, ids: {}, local: true };
}

/**
 * Checks a server that was admitted.
 *
 * @throws as `runConformance`.
 */
export async function checkTarget(
  contract: Contract,
  target: Target,
  options: Omit<ConformanceOptions, "target" | "spec">,
): Promise<Report> {
  const started = Date.now();
  const { signal, seed, timeoutMs = DEFAULT_TIMEOUT_MS, onProgress = () => undefined } = options;
  const selects = (operation: Operation, name: CheckName): boolean =>
    options.selects?.(operation.operationId, name) ?? true;
  const links = linksOf(contract.operations, ACCOUNT_PARAMETERS);
  const { callables, uncallable } = callablesOf(contract, target, links);
  await reach(target.url, timeoutMs);
  const mask = createMask();
  let requests = 0;
  const signed = createSignedExchange(
    target.credentials,
    target.url,
    (request, aborted) => {
      requests += 1;
      return exchange(request, { timeoutMs, signal: aborted });
    },
    mask,
  );
  const onWait = (milliseconds: number): void =>
    onProgress(`the server asks to wait ${Math.ceil(milliseconds / 1000)} s`);
  const delivery = new Delivery({ baseUrl: target.url, signed, signal, onWait });
  const verdicts = new Verdicts(selects);
  for (const { operation, reason } of uncallable) {
    for (const name of CHECKS) verdicts.omitted(operation, name, `not sent: ${reason}`);
  }
  const untried: Untried[] = [];
  const usesDigest = signed.kind === "api-key";
  const session = new Session({
    callables,
    links,
    delivery,
    verdicts,
    mask,
    usesDigest,
    exampleIds: target.local,
    signal,
  });
  let failure: unknown;
  try {
    const given = { bearer: !usesDigest, publicKey: target.credentials.publicKey };
    const selected = { operations: contract.operations, callables, links, session, verdicts, untried };
    await checkOperations({ ...selected, derivation: { seed, given, prefer: target.local }, onProgress });
  } catch (error) {
    failure = error;
  }
  onProgress("cleaning up");
  await session.fixtures.cleanUp(true);
  await signed.end();
  const leftOver = session.made.leftOver();
  const interrupted = failure !== undefined && signal?.aborted === true;
  if (failure !== undefined && !interrupted) throw naming(leftOver, failure);
  const { operations, document } = contract;
  const judged = operations.filter((operation) => verdicts.selectsAny(operation));
  const { failures } = verdicts;
  const results = verdicts.results(judged);
  const reason = target.local
    ? "the server did not show it"
    : "no request of a well-behaved client makes a server show it";
  return {
    target: target.url,
    contract: document.file,
    seed,
    requests,
    durationMs: Date.now() - started,
    interrupted,
    conforms:
      results.some(({ verdict }) => verdict === "passed") &&
      failures.length === 0 &&
      leftOver.length === 0 &&
      !interrupted,
    operations: judged.map(({ operationId }) => operationId),
    results,
    failures,
    notProvoked: [...verdicts.notShown(judged, reason), ...verdicts.omissions(judged)],
    notTried: untried.filter(({ operation }) => judged.includes(operation)).map(omission),
    leftOver,
  };
}

/** What ends a run must not hide what the run leaves behind. */
function naming(leftOver: Report["leftOver"], failure: unknown): unknown {
  if (leftOver.length === 0 || !(failure instanceof Error)) return failure;
  const list = leftOver.map(({ id, reason }) => `${id ?? "(id unknown)"} (${reason})`).join(", ");
  failure.message = `${failure.message} Could not be deleted: ${list}`;
  return failure;
}

function omission({ operation, what, reason }: Untried): Report["notTried"][number] {
  return { operationId: operation.operationId, what, reason };
}

/**
 * A whole run: every check of every operation against one server, and afterwards nothing left behind.
 */
import { setTimeout as wait } from "node:timers/promises";
import {
  CONTRACT_FILE,
  type Contract,
  type Operation,
  readContract,
} from "../../contract-tests/contract/operations.js";
import { mockCredentials } from "../../contract-tests/mock/settings.js";
import { createRedactor } from "../../src/safe/redaction.js";
import type { Callable, Case } from "./cases/case.js";
import { callableOf, casesOf } from "./cases/cases-of.js";
import { CHECKS, type CheckName, documentedAs, expiryRule, OBSERVING_CHECKS } from "./checks.js";
import { CreatedResources, linksOf } from "./created-resources.js";
import { type HttpResponse, saysNothing } from "./http/exchange.js";
import { Server } from "./http/server.js";
import { judgeOf } from "./judge/judge-response.js";
import { Secrets } from "./judge/secrets.js";
import { type Report, Verdicts } from "./report.js";
import { cleanUp, runCase, whyNoState } from "./run-case.js";
import { mayBeApplied, type Run, reportFault } from "./send-case.js";
import { checkAuthorization, checkTokenEndpoint } from "./state/access.js";
import { checkDeletions, checkUseAfterFree, requireStillAccepted, sendFirstRequests } from "./state/first-requests.js";
import { checkLimit, examineSuspects } from "./state/refusals.js";
import { admitTarget, refuseOwnAccount, requireIds, type Target, type TargetOptions } from "./target.js";

export interface ConformanceOptions {
  /** The server. Default: the project's own mock, started for the run. */
  readonly target?: TargetOptions | undefined;
  /** Path of the contract, or the contract. Default: the project's own. */
  readonly spec?: string | Contract | undefined;
  /** Whether a check of an operation is to be judged. Default: all are. */
  readonly selects?: ((operationId: string, check: CheckName) => boolean) | undefined;
  /** An integer; the same seed makes the same cases. */
  readonly seed: number;
  /** How long a response may take, in milliseconds. Default 10 000. */
  readonly timeoutMs?: number | undefined;
  /** How long to wait for what a refused request may still do, in milliseconds. Default 500. */
  readonly settleMs?: number | undefined;
  /** How many cases that try the same thing with different values are sent. Default: all that are known. */
  readonly casesPerKind?: number | undefined;
  /** Ends the run early; what was created is still deleted. */
  readonly signal?: AbortSignal | undefined;
  /** Is called with what is being done, in a few words. */
  readonly onProgress?: ((words: string) => void) | undefined;
}

type RunOptions = Omit<ConformanceOptions, "target" | "spec">;

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_SETTLE_MS = 500;

/**
 * Checks a server.
 *
 * @throws UsageError if the options make no sense; ContractError if the contract cannot be used; CannotCheck if no
 * connection can be made, no token obtained, or the credentials are refused.
 */
export async function runConformance(options: ConformanceOptions): Promise<Report> {
  const { spec = CONTRACT_FILE, target } = options;
  const contract = typeof spec === "string" ? await readContract(spec) : spec;
  if (target !== undefined) return checkTarget(contract, admitTarget(target), options);
  options.onProgress?.("starting the mock");
  // Only now: a run against another server needs nothing of the mock, and starts sooner.
  const { startMock } = await import("../../contract-tests/mock/start-mock.js");
  const mock = await startMock({ spec: contract.document.source });
  try {
    const credentials = { accessToken: mockCredentials.accessToken };
    // An account that is named for the first time has one secret.
    return await checkTarget(contract, { url: mock.url, credentials, ids: {}, held: 1, local: true }, options);
  } finally {
    await mock.stop();
  }
}

/**
 * Checks a server that was admitted.
 *
 * @throws as `runConformance`.
 */
export async function checkTarget(contract: Contract, target: Target, options: RunOptions): Promise<Report> {
  const started = Date.now();
  const run = await prepareRun(contract, target, options);
  const { verdicts, server, created, seed, signal, onProgress } = run;
  const selected = contract.operations.filter((operation) => verdicts.selectsAny(operation));
  let failure: unknown;
  try {
    await runAll(run, selected);
  } catch (error) {
    failure = error;
  }
  onProgress("cleaning up");
  await cleanUp(run, true);
  await server.close();
  const leftOver = created.leftOver();
  const interrupted = failure !== undefined && signal?.aborted === true;
  if (failure !== undefined && !interrupted) throw naming(leftOver, failure);
  const findings = verdicts.findings(
    selected,
    target.local ? "the server did not show it" : "no request of a well-behaved client makes a server show it",
  );
  const passed = findings.results.some(({ verdict }) => verdict === "passed");
  return {
    target: target.url,
    contract: contract.document.source,
    seed,
    requests: server.requests,
    durationMs: Date.now() - started,
    interrupted,
    conforms: passed && findings.failures.length === 0 && leftOver.length === 0 && !interrupted,
    operations: selected.map(({ operationId }) => operationId),
    ...findings,
    leftOver,
  };
}

async function prepareRun(contract: Contract, target: Target, options: RunOptions): Promise<Run> {
  const { operations } = contract;
  const { seed, signal, selects, onProgress = () => undefined } = options;
  requireIds(operations, target);
  const links = linksOf(operations);
  const verdicts = new Verdicts(({ operationId }, check) => selects?.(operationId, check) ?? true);
  const callables = new Map<Operation, Callable>();
  for (const operation of operations) {
    const callable = callableOf(operation, target, links);
    if (typeof callable !== "string") callables.set(operation, callable);
    else for (const check of CHECKS) verdicts.omit(operation, check, `not sent: ${callable}`);
  }
  // Once more, for an id that was not given but taken from the contract's example.
  for (const { parameters } of callables.values()) refuseOwnAccount(target.credentials, parameters["clientId"]);
  const mask = createRedactor((text) => text);
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const onWait = (milliseconds: number): void =>
    onProgress(`the server asks to wait ${Math.ceil(milliseconds / 1000)} s`);
  return {
    ...target,
    server: new Server({ ...target, mask, timeoutMs, onWait }),
    links,
    callables,
    verdicts,
    created: new CreatedResources(links),
    stateful: new Map(),
    suspects: [],
    sent: new Set(),
    judge: await judgeOf(contract),
    secrets: new Secrets(mask),
    mask,
    settleMs: options.settleMs ?? DEFAULT_SETTLE_MS,
    casesPerKind: options.casesPerKind ?? Number.POSITIVE_INFINITY,
    seed,
    signal,
    onProgress,
  };
}

/** Every case of every operation whose response some selected check judges. */
async function runAll(run: Run, selected: readonly Operation[]): Promise<void> {
  run.onProgress("the first requests");
  const done = await sendFirstRequests(run, selected);
  const callables = selected.flatMap((operation) => run.callables.get(operation) ?? []);
  await checkTokenEndpoint(run, callables);
  // First, while the account is as it was found: if deletions have no effect, it is soon full.
  const all = callables.map((callable) => ({ callable, ...casesOf(run, callable) }));
  for (const { callable, cases } of all) {
    if (!done.has(callable.operation)) await checkUseAfterFree(run, callable);
    await checkState(run, callable, cases);
  }
  for (const { callable, cases, untried } of all) {
    for (const { what, reason } of untried) run.verdicts.notTried(callable.operation, what, reason);
    await checkCases(run, callable, cases);
  }
  await checkDeletions(run);
  await requireStillAccepted(run, callables);
}

/** What only a server that keeps state can be held to. */
async function checkState(run: Run, callable: Callable, cases: readonly Case[]): Promise<void> {
  const { verdicts, onProgress } = run;
  const { operation } = callable;
  const obstacle = run.created.creates(operation) ? whyNoState(run, operation) : undefined;
  if (obstacle !== undefined && expiryRule(operation).length > 0) verdicts.omit(operation, "secret_expiry", obstacle);
  const refused = cases.filter((each) => !mayBeApplied(each));
  const steps: readonly (readonly [readonly CheckName[], () => Promise<void>])[] = [
    [["object_level_authorization"], () => checkAuthorization(run, callable)],
    [["secret_limit", "no_effect_when_refused"], () => checkLimit(run, callable, refused)],
  ];
  for (const [checks, check] of steps) {
    if (!verdicts.selectsAny(operation, [...OBSERVING_CHECKS, ...checks])) continue;
    onProgress(`${operation.operationId} ${checks.join(", ")}`);
    await check();
    await settle(run);
    await examineSuspects(run);
  }
}

async function checkCases(run: Run, { operation }: Callable, cases: readonly Case[]): Promise<void> {
  const { verdicts, onProgress, sent } = run;
  const wanted = cases.filter(
    (each) =>
      !sent.has(each) && verdicts.selectsAny(operation, [...OBSERVING_CHECKS, each.check, "no_effect_when_refused"]),
  );
  const preferred: [Case, HttpResponse][] = [];
  for (const [index, each] of wanted.entries()) {
    onProgress(`${operation.operationId} ${index + 1}/${wanted.length} ${each.check}: ${each.title}`);
    // What has to be refused comes first.
    if (each.expected === undefined) await settle(run, false);
    const response = await runCase(run, each);
    if (response !== undefined && each.prefer !== undefined) preferred.push([each, response]);
    if (each.check === "secret_expiry" && response !== undefined && response.status >= 400 && !saysNothing(response)) {
      verdicts.notTried(operation, each.title, "the server has stricter bounds and refuses them");
    }
  }
  checkPreferred(run, preferred);
  await cleanUp(run);
  await examineSuspects(run);
}

/**
 * Deletes what is there, once what had to be refused has had the time to take effect.
 *
 * @param all - Also what no request named that had to be refused.
 */
async function settle(run: Run, all = true): Promise<void> {
  const wasRefused = run.created.remaining().some(({ refused }) => refused.some(({ expected }) => expected));
  if (wasRefused) await wait(run.settleMs);
  if (wasRefused || all) await cleanUp(run);
}

/** One obeyed request may be chance: a server that always fails also responds with 500 to `Prefer: code=500`. */
const OBEYED_BY_CHANCE = 1;

/** Reports the documented responses that a mock which obeys `Prefer` did not give. A server that does not obey owes none. */
function checkPreferred(run: Run, preferred: readonly (readonly [Case, HttpResponse])[]): void {
  const obeyed = preferred.filter(([{ prefer }, { status }]) => status === prefer);
  if (obeyed.length <= OBEYED_BY_CHANCE) return;
  for (const [each, response] of preferred) {
    const { operation, prefer } = each;
    const { status } = response;
    if (prefer === undefined || status === prefer || saysNothing(response)) continue;
    const problem = `status ${status} when asked for the documented ${prefer}`;
    reportFault(run, each, response, { problem, basis: documentedAs(operation, prefer) });
  }
}

/** What ends a run must not hide what the run leaves behind. */
function naming(leftOver: Report["leftOver"], failure: unknown): unknown {
  if (leftOver.length === 0 || !(failure instanceof Error)) return failure;
  const list = leftOver.map(({ id, reason }) => `${id ?? "(id unknown)"} (${reason})`).join(", ");
  failure.message = `${failure.message} Could not be deleted: ${list}`;
  return failure;
}

/** A whole run: every check of every operation against one server, and afterwards nothing left behind. */
import { setTimeout as wait } from "node:timers/promises";
import { type Contract, type Operation, readContract } from "../../contract-tests/contract/operations.js";
import { createRedactor } from "../../src/safe/redaction.js";
import type { Callable, Case } from "./cases/case.js";
import { callableOf, casesOf } from "./cases/cases-of.js";
import { basisOf, CHECKS, type CheckName, documentedAs } from "./checks.js";
import { CreatedResources, linksOf } from "./created-resources.js";
import { type HttpResponse, saysNothing } from "./http/exchange.js";
import { createServer } from "./http/server.js";
import { judgeOf } from "./judge/judge-response.js";
import { Secrets } from "./judge/secrets.js";
import { describeLeftOver, type Report, Verdicts } from "./report.js";
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
  /** How many cases of a check that try the same thing with different values are sent. Default: all that are known. */
  readonly casesPerKind?: ((check: CheckName) => number) | undefined;
  /** Ends the run early; what was created is still deleted. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((words: string) => void) | undefined;
}

type RunOptions = Omit<ConformanceOptions, "target" | "spec">;

/**
 * @throws UsageError if the options make no sense; ContractError if the contract cannot be used; CannotCheck if no
 * connection can be made, no token obtained, or the credentials are refused
 */
export async function runConformance(options: ConformanceOptions): Promise<Report> {
  const { spec, target } = options;
  const contract = typeof spec === "object" ? spec : await readContract(spec);
  if (target !== undefined) return checkTarget(contract, admitTarget(target), options);
  options.onProgress?.("starting the mock");
  // Only now: a run against another server needs nothing of the mock, and starts sooner.
  const { startMock } = await import("../../contract-tests/mock/start-mock.js");
  const { mockCredentials } = await import("../../contract-tests/mock/settings.js");
  const mock = await startMock({ spec: contract.document.source });
  try {
    const { accessToken } = mockCredentials;
    // An account that is named for the first time has one secret.
    const own = { url: mock.url, credentials: { accessToken }, ids: {}, held: 1, local: true };
    return await checkTarget(contract, own, options);
  } finally {
    await mock.stop();
  }
}

/** A server that was admitted. It throws as `runConformance` does. */
export async function checkTarget(contract: Contract, target: Target, options: RunOptions): Promise<Report> {
  const started = Date.now();
  const run = await prepareRun(contract, target, options);
  const { verdicts, server, created, signal } = run;
  const isSelected = (operation: Operation) => CHECKS.some((check) => verdicts.selects(operation, check));
  const selected = contract.operations.filter(isSelected);
  const failure: unknown = await runAll(run, selected).catch((error: unknown) => error);
  run.onProgress("cleaning up");
  await cleanUp(run, true);
  await server.close();
  const leftOver = created.leftOver();
  const interrupted = failure !== undefined && signal?.aborted === true;
  if (failure !== undefined && !interrupted) {
    // What ends a run must not hide what the run leaves behind.
    const left = leftOver.map(describeLeftOver).join(", ");
    if (left !== "" && failure instanceof Error) failure.message += ` Could not be deleted: ${left}`;
    throw failure;
  }
  const remote = "no request of a well-behaved client makes a server show it";
  return verdicts.report(selected, target.local ? "the server did not show it" : remote, {
    target: target.url,
    contract: contract.document.source,
    seed: run.seed,
    requests: server.requests(),
    durationMs: Date.now() - started,
    interrupted,
    leftOver,
  });
}

async function prepareRun(contract: Contract, target: Target, options: RunOptions): Promise<Run> {
  const { selects, timeoutMs = 10_000, onProgress = () => undefined } = options;
  requireIds(contract.operations, target);
  const links = linksOf(contract.operations);
  const verdicts = new Verdicts(({ operationId }, check) => selects?.(operationId, check) ?? true);
  const callables = new Map<Operation, Callable>();
  for (const operation of contract.operations) {
    const callable = callableOf(operation, target, links);
    if (typeof callable !== "string") callables.set(operation, callable);
    else for (const check of CHECKS) verdicts.omit(operation, check, `not sent: ${callable}`);
  }
  // Once more, for an id that was not given but taken from the contract's example.
  for (const { parameters } of callables.values()) refuseOwnAccount(target.credentials, parameters["clientId"]);
  const mask = createRedactor((text) => text);
  const onWait = (ms: number): void => onProgress(`the server asks to wait ${Math.ceil(ms / 1000)} s`);
  return {
    ...target,
    server: createServer({ ...target, mask, timeoutMs, onWait }),
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
    settleMs: options.settleMs ?? 500,
    casesPerKind: options.casesPerKind ?? (() => Number.POSITIVE_INFINITY),
    seed: options.seed,
    signal: options.signal,
    onProgress,
  };
}

/** Every case of every operation whose response some selected check judges. */
async function runAll(run: Run, selected: readonly Operation[]): Promise<void> {
  const { verdicts, created, onProgress } = run;
  onProgress("the first requests");
  const deletions = await sendFirstRequests(run, selected);
  const callables = selected.flatMap((operation) => run.callables.get(operation) ?? []);
  for (const callable of new Set([...deletions, ...callables])) {
    await checkUseAfterFree(run, callable);
    await cleanUp(run);
  }
  await checkTokenEndpoint(run, callables);
  const all = callables.map((callable) => ({ callable, ...casesOf(run, callable) }));
  // First what only a server that keeps state can be held to, while the account is as it was found: if deletions have no
  // effect, it is soon full.
  for (const { callable, cases } of all) {
    const { operation } = callable;
    const obstacle = created.creates(operation) ? whyNoState(run, operation) : undefined;
    const isExpiring = basisOf(operation, "secret_expiry").length > 0;
    if (obstacle !== undefined && isExpiring) verdicts.omit(operation, "secret_expiry", obstacle);
    onProgress(`${operation.operationId}: what only several requests show`);
    await checkAuthorization(run, callable);
    await settle(run);
    const refused = cases.filter((each) => !mayBeApplied(each));
    await checkLimit(run, callable, refused);
    await settle(run);
  }
  for (const { callable, cases, untried } of all) {
    for (const { what, reason } of untried) verdicts.notTried(callable.operation, what, reason);
    await checkCases(run, callable.operation, cases);
  }
  await checkDeletions(run);
  await requireStillAccepted(run, callables);
}

async function checkCases(run: Run, operation: Operation, cases: readonly Case[]): Promise<void> {
  const { verdicts, onProgress, sent } = run;
  const isNeeded = ({ check }: Case) => verdicts.needs(operation, check, "no_effect_when_refused");
  const wanted = cases.filter((each) => !sent.has(each) && isNeeded(each));
  const preferred: [Case, HttpResponse][] = [];
  for (const [index, each] of wanted.entries()) {
    onProgress(`${operation.operationId} ${index + 1}/${wanted.length} ${each.check}: ${each.title}`);
    // What has to be refused comes first.
    if (each.expected === undefined && wasRefused(run)) await settle(run);
    const response = await runCase(run, each);
    if (response === undefined) continue;
    if (each.prefer !== undefined) preferred.push([each, response]);
    if (each.check === "secret_expiry" && response.status >= 400 && !saysNothing(response)) {
      verdicts.notTried(operation, each.title, "the server has stricter bounds and refuses them");
    }
  }
  checkPreferred(run, preferred);
  await settle(run);
}

/** Whether something is there that a request named which had to be refused. */
function wasRefused({ created }: Run): boolean {
  return created.remaining().some(({ refused }) => refused.some(({ expected }) => expected));
}

/** Deletes what is there, once what had to be refused has had the time to take effect. */
async function settle(run: Run): Promise<void> {
  if (wasRefused(run)) await wait(run.settleMs);
  await cleanUp(run);
  await examineSuspects(run);
}

/** One obeyed request may be chance: a server that always fails also responds with 500 to `Prefer: code=500`. */
const OBEYED_BY_CHANCE = 1;

/** Reports the documented responses that a mock which obeys `Prefer` did not give. A server that does not obey owes none. */
function checkPreferred(run: Run, preferred: readonly (readonly [Case, HttpResponse])[]): void {
  const isObeyed = ([{ prefer }, { status }]: readonly [Case, HttpResponse]): boolean => status === prefer;
  if (preferred.filter(isObeyed).length <= OBEYED_BY_CHANCE) return;
  for (const [each, response] of preferred.filter((pair) => !isObeyed(pair) && !saysNothing(pair[1]))) {
    const problem = `status ${response.status} when asked for the documented ${each.prefer}`;
    reportFault(run, each, response, { problem, basis: documentedAs(each.operation, Number(each.prefer)) });
  }
}

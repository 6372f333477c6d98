/**
 * The first requests of a run: whether the server accepts the credentials, which values its own bounds admit, and whether it
 * keeps state.
 */
import { memberOf } from "../../../contract-tests/contract/json.js";
import type { Operation } from "../../../contract-tests/contract/operations.js";
import { oneLine, redactByForm } from "../../../src/safe/redaction.js";
import { type Callable, isValid } from "../cases/case.js";
import { validCase, withHours } from "../cases/positive.js";
import { HOURS } from "../checks.js";
import { deletionOf } from "../created-resources.js";
import { type HttpResponse, jsonOf } from "../http/exchange.js";
import { cleanUp } from "../run-case.js";
import { examineResponse, type Run, sendCase } from "../send-case.js";
import { checkUseAfterFree } from "./use-after-free.js";

/** The server does not accept the credentials, so that nothing that it says means anything. */
export class CredentialsRefused extends Error {
  override readonly name = "CredentialsRefused";
}

/** Tried in this order if the server refuses the contract's own example: an organization may have stricter bounds. */
const OTHER_HOURS = [24, 720];

/**
 * Creates what the selected operations need; without any, sends the first of them a valid request.
 *
 * @returns the operations that use_after_free has been checked of.
 * @throws CredentialsRefused.
 */
export async function sendFirstRequests(run: Run, selected: readonly Operation[]): Promise<ReadonlySet<Operation>> {
  const { links, callables } = run;
  const isNeeded = (operation: Operation): boolean => selected.includes(operation);
  const creators = [
    ...new Set(links.filter(({ creator, user }) => isNeeded(creator) || isNeeded(user)).map(creatorOf)),
  ];
  const known = (operation: Operation): Callable[] => [callables.get(operation)].filter((found) => found !== undefined);
  const first = creators.flatMap(known);
  for (const callable of first.length > 0 ? first : selected.flatMap(known).slice(0, 1)) await sendFirst(run, callable);
  const deleting = creators.flatMap((creator) => deletionOf(links, creator)?.user ?? []);
  for (const callable of deleting.flatMap(known)) {
    await checkUseAfterFree(run, callable);
    await cleanUp(run);
  }
  return new Set(deleting);
}

const creatorOf = ({ creator }: Run["links"][number]): Operation => creator;

async function sendFirst(run: Run, callable: Callable): Promise<void> {
  if (callable.created.size > 0) return;
  const hasHours = typeof memberOf(callable.body, HOURS) === "number";
  const others = hasHours ? OTHER_HOURS.map((hours) => withHours(callable, hours)).filter(isValid) : [];
  let examineFirst: (() => void) | undefined;
  for (const variant of [callable, ...others]) {
    const each = validCase(variant, "valid data, the first request");
    const response = await sendCase(run, each, { unexamined: true });
    requireAccepted(run, response);
    examineFirst ??= () => examineResponse(run, each, response);
    if (response.status === 400) continue;
    if (variant !== callable) useOtherHours(run, callable, variant);
    return examineResponse(run, each, response);
  }
  examineFirst?.();
}

function useOtherHours({ callables, verdicts }: Run, callable: Callable, variant: Callable): void {
  callables.set(callable.operation, variant);
  const reason = `the server has stricter bounds and refuses it; ${JSON.stringify(variant.body)} is sent instead`;
  verdicts.notTried(callable.operation, `the contract's example ${JSON.stringify(callable.body)}`, reason);
}

function requireAccepted({ server, mask }: Run, response: HttpResponse): void {
  if (response.status !== 401) return;
  const body = jsonOf(response)?.value;
  const said = ["errorCode", "detail"].map((name) => memberOf(body, name)).filter((text) => typeof text === "string");
  const words = ["status 401", said.map((text) => oneLine(text, 200)).join(": ")].join(" ").replace(/[ .]+$/, "");
  const message = `${server.url} refuses the credentials of the check: ${words}. Nothing was checked`;
  throw new CredentialsRefused(redactByForm(mask.redact(message)));
}

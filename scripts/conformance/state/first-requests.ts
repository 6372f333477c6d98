/**
 * The first requests of a run: whether the server accepts the credentials, which values its own bounds admit, and whether it
 * keeps state.
 */
import { memberOf } from "../../../contract-tests/contract/json.js";
import type { Operation } from "../../../contract-tests/contract/operations.js";
import { type Callable, type Case, caseOf, isValid } from "../cases/case.js";
import { successOf } from "../cases/positive.js";
import { HOURS } from "../checks.js";
import { deletionOf } from "../created-resources.js";
import { jsonOf, NoResponse } from "../http/exchange.js";
import type { Exchanged } from "../http/server.js";
import { cleanUp } from "../run-case.js";
import { examineExchange, type Run, sendCase } from "../send-case.js";
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
  const creators = new Set(
    links.flatMap(({ creator, user }) => (selected.includes(creator) || selected.includes(user) ? [creator] : [])),
  );
  const known = (operation: Operation): Callable[] => [callables.get(operation)].filter((found) => found !== undefined);
  const first = [...creators].flatMap(known);
  for (const callable of first.length > 0 ? first : selected.flatMap(known).slice(0, 1)) await sendFirst(run, callable);
  const deleting = [...creators].flatMap((creator) => deletionOf(links, creator)?.user ?? []);
  for (const callable of deleting.flatMap(known)) {
    await checkUseAfterFree(run, callable);
    await cleanUp(run);
  }
  return new Set(deleting);
}

async function sendFirst(run: Run, callable: Callable): Promise<void> {
  const { operation } = callable;
  const sent: [Case, Exchanged][] = [];
  for (const variant of withOtherHours(callable)) {
    const expected = successOf(operation);
    const each = caseOf(variant, {
      check: "positive_data_acceptance",
      title: "valid data, the first request",
      expected,
    });
    const exchanged = each.created.size > 0 ? undefined : await sendCase(run, each, { unexamined: true });
    if (exchanged === undefined) return;
    sent.push([each, exchanged]);
    requireAccepted(run, exchanged);
    if (exchanged.outcome instanceof NoResponse || exchanged.outcome.status !== 400) {
      if (sent.length > 1) useOtherHours(run, callable, variant);
      return examineExchange(run, each, exchanged);
    }
  }
  for (const [each, exchanged] of sent.slice(0, 1)) examineExchange(run, each, exchanged);
}

function withOtherHours(callable: Callable): Callable[] {
  const { body } = callable;
  if (typeof body !== "object" || body === null || !(HOURS in body)) return [callable];
  const others = OTHER_HOURS.map((hours) => ({ ...callable, body: { ...body, [HOURS]: hours } }));
  return [callable, ...others.filter(isValid)];
}

function useOtherHours({ callables, verdicts }: Run, callable: Callable, variant: Callable): void {
  callables.set(callable.operation, variant);
  const reason = `the server has stricter bounds and refuses it; ${JSON.stringify(variant.body)} is sent instead`;
  verdicts.notTried(callable.operation, `the contract's example ${JSON.stringify(callable.body)}`, reason);
}

function requireAccepted({ server, mask }: Run, { outcome }: Exchanged): void {
  if (outcome instanceof NoResponse || outcome.status !== 401) return;
  const body = jsonOf(outcome)?.value;
  const said = ["errorCode", "detail"].flatMap((name) => {
    const text = memberOf(body, name);
    return typeof text === "string" && text !== "" ? [text.slice(0, 200)] : [];
  });
  const words = said.length === 0 ? "" : ` ${said.join(": ").replace(/\.$/, "")}`;
  throw new CredentialsRefused(
    mask.foreign(`${server.url} refuses the credentials of the check: status 401${words}. Nothing was checked`),
  );
}

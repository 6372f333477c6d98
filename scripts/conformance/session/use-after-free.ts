/**
 * use_after_free: what was deleted is not found any more. Only a server that keeps state can be held to that; whether one
 * does is found out by trying.
 */
import { type Callable, type Case, caseOf, documentedAs } from "../cases/case.js";
import { deletionOf, type Link } from "../contract/creation.js";
import { type Answer, NoAnswer } from "../http/answer.js";
import { expectationFault } from "./examine.js";
import { BROKEN_ID, type Session } from "./session.js";
import type { Verdicts } from "./verdicts.js";

/** What the check needs beside the session. */
export interface UseAfterFreeOptions {
  readonly session: Session;
  readonly verdicts: Verdicts;
  readonly links: readonly Link[];
  readonly callables: ReadonlyMap<Callable["operation"], Callable>;
  /** A request for an id that nobody made. */
  readonly unknownId: (callable: Callable, parameter: string) => Case | undefined;
}

const CHECK = "use_after_free";

/** Makes something, deletes it, and asks the operation for it once more. */
export async function checkUseAfterFree(callable: Callable, options: UseAfterFreeOptions): Promise<void> {
  const { session, verdicts, links, callables } = options;
  const { operation } = callable;
  const link = links.find(({ user }) => user === operation);
  const deletion = link && deletionOf(links, link.maker);
  const deleting = deletion && callables.get(deletion.user);
  if (link === undefined || deletion === undefined || deleting === undefined) return;
  const omit = (reason: string): void => verdicts.omitted(operation, CHECK, reason);
  await session.fixtures.cleanUp();
  const thing = await session.fixtures.provide(link.maker);
  if (typeof thing === "string") return omit(`nothing could be made to be deleted: ${thing}`);
  if (!session.admits(deletion.user, deletion.parameter, thing.id)) return omit(BROKEN_ID);
  const first = await session.run(withId(deleting, deletion.parameter, thing.id, "the deletion of what was just made"));
  if (first === undefined || !succeeded(first.outcome)) return omit("what was made could not be deleted");

  const again = withId(callable, link.parameter, thing.id, "what was deleted");
  const second = await session.run(again);
  if (second === undefined || second.outcome instanceof NoAnswer) return omit("the second request was not answered");
  if (second.outcome.status === 404) return verdicts.judged(operation, CHECK);
  if (!(await keepsState(link, options))) return omit(STATELESS);
  verdicts.judged(operation, CHECK);
  const expected = {
    accepts: (status: number) => status === 404,
    words: "404",
    undocumented: () => false,
    contract: documentedAs(operation, 404),
  };
  const fault = expectationFault({ ...again, check: CHECK, expected }, second.outcome.status);
  session.dispatch.fail(again, fault, second.sent, second.outcome);
}

const STATELESS = "the server keeps no state: it gives everything the same id and finds ids that nobody made";

/** Whether the server gives each thing an id of its own, or does not find what nobody made. */
async function keepsState(link: Link, options: UseAfterFreeOptions): Promise<boolean> {
  const { session, callables, unknownId } = options;
  await session.fixtures.provide(link.maker);
  if (session.made.idsDiffer(link.maker)) return true;
  const callable = callables.get(link.user);
  const unknown = callable && unknownId(callable, link.parameter);
  const delivered = unknown && (await session.run(unknown));
  return delivered !== undefined && !(delivered.outcome instanceof NoAnswer) && delivered.outcome.status === 404;
}

/** A valid request for one thing. Its own check says what of its answer is right. */
function withId(callable: Callable, parameter: string, id: string, title: string): Case {
  const args = { ...callable.args, parameters: { ...callable.args.parameters, [parameter]: id } };
  return { ...caseOf(callable, { check: CHECK, title, args, expected: undefined }), made: new Set() };
}

function succeeded(outcome: Answer | NoAnswer): boolean {
  return !(outcome instanceof NoAnswer) && outcome.status >= 200 && outcome.status < 300;
}

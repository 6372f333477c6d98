/** `atlas-secrets rotate`: the secrets of a fleet, or of one account: a fleet of one, whose report stands alone. */
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { previewRotation } from "../../index.js";
import { readFleet, trueName } from "../fleet/fleet-file.js";
import { conditionOf, type StateEntry } from "../state/state-entry.js";
import { journalOf, readState, resolved, StateFile } from "../state/state-file.js";
import { lockOf } from "../state/state-lock.js";
import { storeFor } from "../stores/store-command.js";
import { type ExitCode, worstOf } from "../terminal/exit-code.js";
import type { Ending, Report } from "../terminal/report.js";
import { lifetimeWarning } from "./options.js";
import { previousOf, type Rotation, runRotations } from "./run-rotations.js";
import type { Session } from "./session.js";

export async function rotate(session: Session): Promise<Ending> {
  const { io, messages, options, interruption } = session;
  const { state: path, fleet, renewBefore, jitter } = options;
  const open = async (file: string) => {
    if (options.dryRun === true) return readState(file);
    session.state = await StateFile.open(file, io.now, messages.print);
    return session.state;
  };
  const state = path === undefined ? undefined : await session.check(() => open(path));
  const entryOf = (clientId: string) => state?.get(clientId.toLowerCase());
  const isDue = (clientId: string) => conditionOf(entryOf(clientId), session.startedAt, renewBefore) !== "ok";
  const rotations = fleet === undefined ? await oneRotation(session) : await readFleet(fleet, session, isDue);
  // Of a state that cannot be used, it is known already what is wrong.
  if (path === undefined || state !== undefined) refuseOwnFiles(rotations, session);
  const atlas = await session.createClient();
  if (options.dryRun === true) return await preview(rotations, entryOf, session);
  if (jitter) {
    const waitMs = Math.random() * jitter;
    messages.progress(`waiting ${Math.ceil(waitMs / 1000)} s before the start`);
    // An interruption ends the wait; the rotations then do not begin.
    await sleep(waitMs, undefined, { signal: interruption }).catch(() => undefined);
  }
  const work = rotations.filter(({ ids }) => isDue(ids.clientId));
  const { endings, exitCode } = await runRotations(rotations, work, atlas, session);
  const worst = worstOf([exitCode, ...endings.map((each) => each.exitCode)]);
  const [only] = fleet === undefined ? endings : [];
  return only === undefined ? endingOfFleet(endings, worst) : { ...only, exitCode: worst };
}

async function oneRotation(session: Session): Promise<readonly Rotation[]> {
  const { options, problems } = session;
  const ids = options.ids;
  await session.check(() => previewRotation({ ...ids, store() {} }));
  if (options.secretFile === undefined && options.exec === undefined) {
    const why = "the new secret must be stored before the previous one is deleted";
    problems.push(`--secret-file or --exec is missing: ${why}`);
  }
  const destination = await storeFor(session);
  return destination === undefined ? [] : [{ ids, destination }];
}

/** What the command itself reads or writes would be lost, or would take the place of the secret. */
function refuseOwnFiles(rotations: readonly Rotation[], { options: { state, fleet }, problems }: Session): void {
  const path = state && resolved(resolve(state));
  const own = new Map<string, string>();
  for (const each of path ? [path, journalOf(path), lockOf(path)] : []) own.set(trueName(each), "the state");
  if (fleet !== undefined) own.set(trueName(resolve(fleet)), "the fleet file");
  for (const [index, { destination }] of rotations.entries()) {
    const { secretFile } = destination.name;
    const what = secretFile && own.get(trueName(secretFile));
    const where = fleet === undefined ? "--secret-file" : `${fleet}: /rotations/${index}/secretFile`;
    if (what) problems.push(`${where}: ${secretFile} is ${what}`);
  }
}

function endingOfFleet(endings: readonly Ending<Report>[], exitCode: ExitCode): Ending {
  const rotations = endings.map(({ output }) => output);
  const count = (status: Report["status"]) => rotations.filter((report) => report.status === status).length;
  const [untouched, notDue] = [count("interrupted"), count("not-due")];
  const messages = endings.flatMap(({ output, messages: lines = [] }, index) =>
    output.status === "interrupted" || lines.length === 0 ? [] : `/rotations/${index}: ${lines.join("\n  ")}`,
  );
  if (untouched > 0) {
    messages.push(`interrupted: ${untouched} of ${rotations.length} were not rotated, and none of them was changed`);
  }
  return {
    ...{ exitCode, messages, output: { rotations } },
    done: ["every rotation that failed is described above; the others are done"],
    info: `${count("rotated")} of ${rotations.length} rotated${notDue > 0 ? `, ${notDue} not due` : ""}`,
  };
}

async function preview(
  rotations: readonly Rotation[],
  entryOf: (clientId: string) => StateEntry | undefined,
  session: Session,
): Promise<Ending> {
  const { renewBefore, fleet } = session.options;
  const warnings = rotations.map(({ ids }, index) => {
    const warning = lifetimeWarning(ids.secretExpiresAfterHours);
    return warning && (fleet === undefined ? warning : `/rotations/${index}: ${warning}`);
  });
  const previews = rotations.map(async (rotation) => {
    const { ids, destination } = rotation;
    const { clientId } = ids;
    const entry = entryOf(clientId);
    const condition = entry && conditionOf(entry, session.startedAt, renewBefore);
    if (condition === "ok") return { clientId, condition: "not-due", steps: [] };
    const steps = await previewRotation({ ...ids, previousSecretId: previousOf(rotation, session, entry), store() {} });
    const shown = steps.map((each) => (each.step === "store" ? { ...each, ...destination.name } : each));
    return { clientId, condition, steps: shown };
  });
  const shown = await Promise.all(previews);
  return session.preview(fleet === undefined ? { ...shown[0], clientId: undefined } : { rotations: shown }, warnings);
}

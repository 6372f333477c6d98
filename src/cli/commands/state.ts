/** `atlas-secrets status`, `forget` and `adopt`: show the state of rotations and correct it. Nothing is sent. */
import { existsSync } from "node:fs";
import { readRotationRecord } from "../../index.js";
import { readFleet } from "../fleet/fleet-file.js";
import { adopted, conditionOf, deletable, HOUR_MS, type StateEntry } from "../state/state-entry.js";
import { readState, StateFile, unusable } from "../state/state-file.js";
import { EXIT, type ExitCode, UsageError, worstOf } from "../terminal/exit-code.js";
import type { Ending } from "../terminal/report.js";
import type { Session } from "./session.js";

export async function forget(session: Session): Promise<Ending> {
  return change("forgotten", session, (clientId, state) => {
    if (state.get(clientId) === undefined) throw new UsageError(`${state.path} has no account ${clientId}`);
    return undefined;
  });
}

export async function adopt(session: Session): Promise<Ending> {
  const { groupId, orgId, secretId: id, expiresAt } = session.options;
  return change("adopted", session, (clientId, state) => {
    const current = { id, ...(expiresAt && { expiresAt: new Date(expiresAt).toISOString() }) };
    return adopted(state.get(clientId), readRotationRecord({ version: 1, groupId, orgId, clientId, current }));
  });
}

/** @param decide returns the new entry; undefined drops it */
async function change(
  status: string,
  session: Session,
  decide: (clientId: string, state: StateFile) => StateEntry | undefined,
): Promise<Ending> {
  const { io, messages, problems, options } = session;
  if (options.clientId === undefined) problems.push("--client-id is missing; you can also set ATLAS_SECRETS_CLIENT_ID");
  const { clientId, path } = session.complete({ clientId: options.clientId, path: pathOf(session) });
  const state = await StateFile.open(path, io.now, messages.print);
  session.state = state;
  await state.put(clientId, decide(clientId, state)).catch((error: unknown) => {
    throw unusable(path, error);
  });
  return { exitCode: EXIT.done, output: { status, clientId }, done: ["it was done"] };
}

function pathOf({ options, problems }: Session): string | undefined {
  if (options.state === undefined) problems.push("--state or --fleet is missing");
  return options.state;
}

export async function status(session: Session): Promise<Ending> {
  const { io, problems, options } = session;
  const { fleet, renewBefore = 0, json } = options;
  const path = pathOf(session);
  const entries = path === undefined ? undefined : await session.check(() => readState(path));
  const rotations = fleet === undefined ? [] : await readFleet(fleet, session, () => false);
  // A fleet that has never been rotated has none; otherwise it is a wrong path, with which nobody would ever hear of anything.
  if (fleet === undefined && path !== undefined && entries?.size === 0 && !existsSync(path)) {
    problems.push(`--state: there is no ${path}`);
  }
  const state = session.complete({ entries }).entries;
  const now = io.now();
  // Accounts of the fleet first, in its order; then those that it does not list.
  const keys = new Set([...rotations.map(({ ids }) => ids.clientId.toLowerCase()), ...state.keys()]);
  const accounts = [...keys].map((key) => statusOf(key, state.get(key), renewBefore, now));
  const text = options.prometheus ? prometheus(accounts) : table(accounts, renewBefore, now);
  return {
    exitCode: worstOf(accounts.map(({ condition }) => EXIT_CODES[condition] ?? EXIT.refused)),
    output: json ? { state: path, accounts } : text,
  };
}

const EXIT_CODES: Readonly<Record<string, ExitCode>> = { ok: EXIT.done, "needs a person": EXIT.uncertain };

type Status = ReturnType<typeof statusOf>;

function statusOf(key: string, entry: StateEntry | undefined, renewBeforeHours: number, now: number) {
  const { clientId = key, current, underWay } = entry?.record ?? {};
  return {
    clientId,
    condition: conditionOf(entry, now, renewBeforeHours),
    id: current?.id,
    expiresAt: current?.expiresAt,
    rotatedAt: entry?.rotatedAt,
    step: underWay?.step,
    toDelete: deletable(entry).map(({ id }) => id),
  };
}

function table(accounts: readonly Status[], renewBeforeHours: number, now: number): string {
  const rows = accounts.map(({ clientId, id = "unknown", expiresAt = "", condition, step, toDelete }) => {
    const leftMs = Date.parse(expiresAt) - now;
    const dueMs = leftMs - renewBeforeHours * HOUR_MS;
    const state = `${condition}${step === undefined ? "" : ` (${step})`}`;
    const left = toDelete.length === 0 ? "" : `; to delete: ${toDelete.join(", ")}`;
    return [clientId, id, duration(leftMs), dueMs > 0 ? `in ${duration(dueMs)}` : "now", state + left];
  });
  const all = [["ACCOUNT", "SECRET", "EXPIRES IN", "DUE", "STATE"], ...rows];
  const widths = (all[0] ?? []).map((_title, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

/** Days and hours, rounded down. */
function duration(milliseconds: number): string {
  if (Number.isNaN(milliseconds)) return "unknown";
  const hours = Math.floor(milliseconds / HOUR_MS);
  if (hours < 0) return "expired";
  return hours >= 24 ? `${Math.floor(hours / 24)}d ${hours % 24}h` : `${hours}h`;
}

const seconds = (date: string | undefined) => date && Date.parse(date) / 1000;

/** @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
const METRICS: readonly (readonly [name: string, help: string, measure: (status: Status) => unknown])[] = [
  ["expiry_timestamp_seconds", "When the secret in use expires.", ({ expiresAt }) => seconds(expiresAt)],
  ["half_done", "Whether a rotation has begun and is not finished.", ({ step }) => Number(step !== undefined)],
  ["needs_person", "Whether no run can finish it.", ({ condition }) => Number(condition === "needs a person")],
  ["last_success_timestamp_seconds", "When the secret was last rotated.", ({ rotatedAt }) => seconds(rotatedAt)],
];

function prometheus(accounts: readonly Status[]): string {
  const metrics = METRICS.map(([name, help, measure]) => {
    const metric = `atlas_secret_${name}`;
    const samples = accounts.map((each) => [`${metric}{client_id="${each.clientId}"}`, measure(each)]);
    const lines = samples.flatMap(([sample, value]) => (value === undefined ? [] : `${sample} ${value}\n`));
    return `# HELP ${metric} ${help}\n# TYPE ${metric} gauge\n${lines.join("")}`;
  });
  return metrics.join("");
}

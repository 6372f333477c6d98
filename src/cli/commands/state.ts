/**
 * `atlas-secrets status`, `forget` and `adopt`: look at the state of rotations, and correct it. Nothing is sent.
 */
import { readRotationRecord } from "../../index.js";
import { StateError } from "../state/read-state.js";
import { adopted, type StateEntry } from "../state/state-entry.js";
import { StateFile } from "../state/state-file.js";
import { EXIT, type ExitCode } from "../terminal/exit-code.js";
import { printJson } from "../terminal/messages.js";
import { ID_VARIABLES, Problems } from "../terminal/problems.js";
import { type IdOptions, rotationIds } from "./options.js";
import { stateBeside } from "./rotate.js";
import type { Session } from "./session.js";

export interface StateOptions extends IdOptions {
  readonly state?: string;
  readonly fleet?: string;
  readonly renewBefore?: string;
  readonly json?: boolean;
  readonly prometheus?: boolean;
  readonly expiresAt?: string;
}

/** Drops an account, after somebody has looked in Atlas at what it has. */
export async function forget(options: StateOptions, session: Session): Promise<ExitCode> {
  return change(options, session, (clientId, state) => {
    if (state.get(clientId) === undefined) return `${state.path} has no account ${clientId}`;
    return { entry: undefined, status: "forgotten" };
  });
}

/** Tells the state which secret of an account is in use. */
export async function adopt(options: StateOptions, session: Session): Promise<ExitCode> {
  const { groupId, orgId } = rotationIds(options, session.io);
  const { expiresAt } = options;
  const id = options.secretId ?? (session.io.env[ID_VARIABLES.secretId] || undefined);
  return change(options, session, (clientId, state) => {
    // `Date.parse` takes a 1 for a month of 2001.
    if (expiresAt !== undefined && !(/^\d{4}-\d\d-\d\d/.test(expiresAt) && Date.parse(expiresAt) > 0)) {
      return `--expires-at: expected a date such as 2026-12-24T18:00:00Z, got ${JSON.stringify(expiresAt)}`;
    }
    const current = { id, ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }) };
    const record = readRotationRecord({ version: 1, groupId, orgId, clientId, current });
    return { entry: adopted(state.get(clientId), record), status: "adopted" };
  });
}

type Change = { readonly entry: StateEntry | undefined; readonly status: string };

/** @param decide returns the change, or why there can be none */
async function change(
  options: StateOptions,
  session: Session,
  decide: (clientId: string, state: StateFile) => Change | string,
): Promise<ExitCode> {
  const { io, messages } = session;
  const problems = new Problems();
  const { clientId } = rotationIds(options, io);
  if (clientId === undefined) problems.add("--client-id is missing; you can also set ATLAS_SECRETS_CLIENT_ID");
  const path = pathOf(options, problems);
  problems.complete({});
  const state = await opened(path ?? "", session, problems);
  try {
    const decision = problems.of(() => state && decide(clientId, state));
    if (typeof decision === "string") problems.add(decision);
    const complete = problems.complete({ state });
    if (typeof decision !== "object") return EXIT.usage;
    await complete.state.put(clientId, decision.entry);
    session.settle(EXIT.done);
    await printJson(
      session,
      { status: decision.status, clientId },
      { exitCode: EXIT.uncertain, lines: ["it was done"] },
    );
    return EXIT.done;
  } finally {
    await state?.close().catch((error: unknown) => messages.print(`${path} could not be written anew (${error})`));
  }
}

async function opened(path: string, { io, messages }: Session, problems: Problems): Promise<StateFile | undefined> {
  try {
    return await StateFile.open(path, io.now, messages.print);
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    problems.add(error.message);
    return undefined;
  }
}

export function pathOf({ state, fleet }: StateOptions, problems: Problems): string | undefined {
  if (state === undefined && fleet === undefined) problems.add("--state or --fleet is missing");
  return state ?? (fleet === undefined ? undefined : stateBeside(fleet));
}

/**
 * For tests: a program that rotates a secret and keeps its record, and that can die at any moment: at each call of
 * `record`, at each request and while it stores, before that takes effect or after. What it kept survives it.
 */
import { onTestFinished } from "vitest";
import { type AtlasClient, createAtlasClient } from "../../client.js";
import type { AtlasClientOptions } from "../../options/client-options.js";
import {
  ADMIN,
  type FakeAtlas,
  GROUP_ID,
  ORG_ID,
  type StoredSecret,
  startAtlas,
} from "../../testing/atlas/start-atlas.js";
import { resumeRotation, rotateSecret } from "../rotate-secret.js";
import type { NewSecret, RotationPlan } from "../rotation-plan.js";
import type { RotationRecord } from "../rotation-record.js";
import { matchesFingerprint } from "../rotation-record.js";
import type { ResumedRotation } from "../steps.js";

export const clientId = "mdb_sa_id_65a1b2c3d4e5f60718293a4b";

/** Where a run dies: at which of its moments, from 1, and on which side of what happens there. */
export interface Crash {
  readonly moment: number;
  readonly side: "before" | "after";
}

/** How a run ended. */
export type Ending =
  | { readonly kind: "done"; readonly result: ResumedRotation | undefined }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "died"; readonly at: string };

export interface Program {
  readonly server: FakeAtlas;
  readonly previous: StoredSecret;
  /** Value of the secret that is stored. */
  stored: string;
  /** The last record that was kept. */
  record: RotationRecord | undefined;
  /** Every record, in order. */
  readonly records: RotationRecord[];
  /** Starts the program: it resumes what is half-done, or else rotates unless that is done. */
  run(crash?: Crash, plan?: Partial<RotationPlan>): Promise<Ending>;
}

export interface ProgramOptions {
  /** Whether the program signs in with the very secret that it rotates. */
  readonly ownAccount?: boolean | undefined;
}

export async function crashingProgram({ ownAccount = false }: ProgramOptions = {}): Promise<Program> {
  const server = await startAtlas();
  onTestFinished(() => server.close());
  const previous = server.addAccount(clientId);
  const program: Program = { server, previous, stored: previous.value, record: undefined, records: [], run };
  return program;

  function run(crash?: Crash, more: Partial<RotationPlan> = {}): Promise<Ending> {
    const life = startLife(crash);
    const credentials = ownAccount ? { clientId, clientSecret: program.stored } : ADMIN;
    const atlas = clientOf({
      credentials,
      baseUrl: server.url,
      // Nothing depends on a revocation, and it is under way beside the other requests.
      fetch: (url, init) =>
        url.endsWith("/revoke") ? fetch(url, init) : life.at(nameOf(url, init), () => fetch(url, init)),
    });
    const plan: RotationPlan = {
      groupId: GROUP_ID,
      orgId: ORG_ID,
      clientId,
      secretExpiresAfterHours: 24,
      previousSecretId: previous.id,
      ...more,
      store: (secret, context) => life.at("store", () => (more.store ?? store)(secret, context)),
      record: (entry) => life.at("record", () => keep(entry)),
      isStored: (_id, fingerprint) => matchesFingerprint(program.stored, fingerprint),
    };
    return Promise.race([life.end, work(atlas, plan)]);
  }

  function store({ secret }: NewSecret): void {
    program.stored = secret;
  }

  function keep(entry: RotationRecord): void {
    // As a file would hold it.
    const kept: RotationRecord = JSON.parse(JSON.stringify(entry));
    program.record = kept;
    program.records.push(kept);
  }

  async function work(atlas: AtlasClient, plan: RotationPlan): Promise<Ending> {
    const { record } = program;
    try {
      if (record?.underWay !== undefined) return { kind: "done", result: await resumeRotation(atlas, plan, record) };
      const isDone = record?.current !== undefined && record.current.id !== previous.id;
      return { kind: "done", result: isDone ? undefined : await rotateSecret(atlas, plan) };
    } catch (error) {
      return { kind: "failed", error };
    }
  }
}

function clientOf(options: AtlasClientOptions): AtlasClient {
  return createAtlasClient({ ...options, retry: false });
}

function nameOf(url: string, { method = "GET" }: RequestInit): string {
  return url.endsWith("/token") ? "token" : method;
}

/** One run of a process. After its end nothing that it waits for comes about. */
function startLife(crash: Crash | undefined) {
  let moment = 0;
  let dead = false;
  let die: (ending: Ending) => void = () => undefined;
  const end = new Promise<Ending>((resolve) => {
    die = resolve;
  });
  const forever = (what: string) => {
    if (!dead) die({ kind: "died", at: `${crash?.side} ${what}` });
    dead = true;
    return new Promise<never>(() => undefined);
  };
  const at = async <Value>(what: string, happen: () => Value | Promise<Value>): Promise<Value> => {
    moment += 1;
    const isLast = moment === crash?.moment;
    if (dead || (isLast && crash.side === "before")) return forever(what);
    try {
      const value = await happen();
      return isLast ? await forever(what) : value;
    } catch (error) {
      if (isLast) return forever(what);
      throw error;
    }
  };
  return { end, at };
}

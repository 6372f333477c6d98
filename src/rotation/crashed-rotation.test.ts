/**
 * A program that rotates a secret and keeps its record dies at every moment: at each call of `record`, at each request and while
 * it stores, before that takes effect or after. What it kept survives it. Started again, it ends with exactly one live secret,
 * which is the stored one, or says what a person has to do.
 */
import { describe, expect, it, onTestFinished } from "vitest";
import { type AtlasClient, createAtlasClient } from "../client.js";
import type { AtlasClientOptions } from "../options/client-options.js";
import {
  ADMIN,
  type FakeAtlas,
  GROUP_ID,
  ORG_ID,
  type StoredSecret,
  startAtlas,
} from "../testing/atlas/start-atlas.js";
import { resumeRotation, rotateSecret } from "./rotate-secret.js";
import type { NewSecret, ResumedRotation, RotationPlan } from "./rotation-plan.js";
import { matchesFingerprint, type RotationRecord } from "./rotation-record.js";
import { SecretNotStoredError, SecretRotationError } from "./secret-rotation-error.js";

const clientId = "mdb_sa_id_65a1b2c3d4e5f60718293a4b";

/** Where a run dies: at which of its moments, from 1, and on which side of what happens there. */
interface Crash {
  readonly moment: number;
  readonly side: "before" | "after";
}

/** How a run ended. */
type Ending =
  | { readonly kind: "done"; readonly result: ResumedRotation | undefined }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "died"; readonly at: string };

interface Program {
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

interface ProgramOptions {
  /** Whether the program signs in with the very secret that it rotates. */
  readonly ownAccount?: boolean | undefined;
}

async function crashingProgram({ ownAccount = false }: ProgramOptions = {}): Promise<Program> {
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

const SIDES: readonly Crash["side"][] = ["before", "after"];

/** Starts the program until it is done; a person helps if the program says that one has to. */
async function untilDone(program: Program): Promise<void> {
  let ending: Ending = await program.run();
  if (ending.kind === "failed") {
    expectRemedyForUnknownId(program, ending.error);
    lookInAtlas(program);
    ending = await program.run(undefined, { acceptUnknown: true });
  }
  expect(ending).toMatchObject({ kind: "done" });
}

function expectRemedyForUnknownId({ record }: Program, error: unknown): void {
  expect(record?.underWay).toEqual({ step: "create" });
  expect(error).toBeInstanceOf(SecretRotationError);
  expect(error).toMatchObject({
    step: "create",
    outcome: "unknown",
    remedies: [{ action: "look-in-atlas", orgId: ORG_ID, clientId }],
  });
}

function idIsNotKnown({ record }: Program): boolean {
  return record?.underWay?.step === "create" && record.underWay.created === undefined;
}

/** What the remedy asks a person to do: delete the secret that nothing uses. */
function lookInAtlas({ server, stored }: Program): void {
  for (const { id, value } of server.accounts.secretsOf(clientId)) {
    if (value !== stored) server.accounts.deleteSecret(clientId, id);
  }
}

function expectOneStoredSecret({ server, stored, previous, record, records }: Program): void {
  const alive = server.accounts.secretsOf(clientId);
  expect(alive.map(({ value }) => value)).toEqual([stored]);
  expect(stored).not.toBe(previous.value);
  expect(record).toMatchObject({ current: { id: alive[0]?.id } });
  expect(record).not.toHaveProperty("previous");
  expect(record).not.toHaveProperty("underWay");
  expect(JSON.stringify(records)).not.toMatch(/mdb_sa_sk_fake/);
}

interface Kind {
  readonly what: string;
  readonly ownAccount?: boolean;
  /** What is unusual in the plan of the first run. */
  readonly plan?: Partial<RotationPlan>;
  /** What happens in the first run, in order; it dies before and after each. */
  readonly moments: readonly string[];
}

const ROTATION = ["record", "token", "POST", "record", "token", "record", "store", "record", "DELETE", "record"];
const kinds: readonly Kind[] = [
  { what: "a rotation", moments: ROTATION },
  {
    what: "a rotation of the account that the program signs in with",
    ownAccount: true,
    // The new secret signs in for the deletion.
    moments: [...ROTATION.slice(0, -2), "token", ...ROTATION.slice(-2)],
  },
  {
    what: "a rotation that verifies nothing",
    plan: { verify: false },
    moments: ["record", "token", "POST", "record", "store", "record", "DELETE", "record"],
  },
  {
    what: "a rotation whose secret does not work",
    plan: { verify: () => Promise.reject(new Error("no")) },
    moments: ["record", "token", "POST", "record", "record", "DELETE", "record"],
  },
  {
    what: "a rotation whose secret is not stored",
    plan: { store: () => Promise.reject(new SecretNotStoredError("no")) },
    moments: ["record", "token", "POST", "record", "token", "record", "store", "record", "DELETE", "record"],
  },
];

describe.each(kinds)("$what", ({ ownAccount, plan, moments }) => {
  it.each(SIDES)(
    "can die %s each of its moments and be resumed",
    async (side) => {
      for (const [index, what] of moments.entries()) {
        const program = await crashingProgram({ ownAccount });
        const moment = index + 1;
        expect(await program.run({ moment, side }, plan)).toEqual({ kind: "died", at: `${side} ${what}` });
        await untilDone(program);
        expectOneStoredSecret(program);
      }
      const program = await crashingProgram({ ownAccount });
      expect((await program.run({ moment: moments.length + 1, side }, plan)).kind).not.toBe("died");
    },
    120_000,
  );
});

it("a program that dies again at each moment of resuming, whatever it died of before, is resumed all the same", async () => {
  let deaths = 0;
  for (const first of ROTATION.keys()) {
    for (let second = 1, dies = true; dies; second += 1) {
      for (const side of SIDES) {
        const program = await crashingProgram();
        await program.run({ moment: first + 1, side });
        if (idIsNotKnown(program)) lookInAtlas(program);
        const ending = await program.run({ moment: second, side }, { acceptUnknown: true });
        dies = ending.kind === "died";
        if (dies) deaths += 1;
        await untilDone(program);
        expectOneStoredSecret(program);
      }
    }
  }
  expect(deaths).toBeGreaterThan(100);
}, 240_000);

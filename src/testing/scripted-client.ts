/**
 * For tests: a client whose Atlas is a scripted server, both gone when the test ends, and arguments that the contract allows.
 */
import { inspect } from "node:util";
import { afterAll, beforeAll, expect, onTestFinished } from "vitest";
import {
  type AtlasClient,
  type AtlasClientOptions,
  type AtlasError,
  AtlasRequestError,
  createAtlasClient,
  type RetryEvent,
} from "../index.js";
import { reply, type Script, type ScriptedServer, startScriptedServer } from "./scripted-server.js";

export const creation = {
  groupId: "5f0c1a2b3c4d5e6f70819203",
  clientId: "mdb_sa_id_65a1b2c3d4e5f60718293a4b",
  body: { secretExpiresAfterHours: 8 },
} as const;

export const deletion = {
  orgId: "4e1b0a9f8d7c6b5a49382716",
  clientId: "mdb_sa_id_65a1b2c3d4e5f60718293a4b",
  secretId: "32b6e34b3d91647abb20e7b8",
} as const;

/** What the value of a new secret looks like; no output may ever show it. */
export const secretValue = "mdb_sa_sk_not-a-real-secret_0123456789";

/** The response to a creation. */
export const secret = {
  createdAt: "2025-05-04T09:42:00Z",
  expiresAt: "2025-05-04T17:42:00Z",
  id: deletion.secretId,
  maskedSecretValue: "mdb_sa_sk_...",
  secret: secretValue,
} as const;

/** A result with the secret that it does not show, to compare it. */
export function revealed<Result extends { readonly secret?: string }>(result: Result): Result {
  return result.secret === undefined ? { ...result } : { ...result, secret: result.secret };
}

/** Waits are milliseconds, so that no test needs a clock of its own. */
export const quickRetry = { maxAttempts: 4, maxDelayMs: 5 } as const;

export interface Scripted {
  readonly server: ScriptedServer;
  readonly atlas: AtlasClient;
  /** What `onRetry` was told. */
  readonly retries: readonly RetryEvent[];
}

export async function scripted(script: Script, options: Partial<AtlasClientOptions> = {}): Promise<Scripted> {
  const server = await startScriptedServer(script);
  onTestFinished(() => server.close());
  return { server, ...clientOf(server, options) };
}

export function clientOf(
  { url }: Pick<ScriptedServer, "url">,
  options: Partial<AtlasClientOptions> = {},
): Omit<Scripted, "server"> {
  const retries: RetryEvent[] = [];
  const atlas = createAtlasClient({
    credentials: { accessToken: "test-access-token" },
    baseUrl: url,
    retry: quickRetry,
    onRetry: (event) => retries.push(event),
    ...options,
  });
  return { atlas, retries };
}

/** What a call rejected with; a call that resolved fails the test. */
export async function rejection(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => expect.fail(`The call resolved with ${JSON.stringify(value)}.`),
    (reason: unknown) => reason,
  );
}

/** The error of a call, of the class that is expected. */
export async function errorOf<Expected extends Error>(
  call: Promise<unknown>,
  expected: abstract new (...args: never[]) => Expected,
): Promise<Expected> {
  const reason = await rejection(call);
  return reason instanceof expected ? reason : expect.fail(`Not a ${expected.name}: ${String(reason)}`);
}

/** For all tests of a file: calls with arguments that must be refused, at a server that nothing may reach. */
export function refusingClient() {
  let server: ScriptedServer;
  let atlas: AtlasClient;
  beforeAll(async () => {
    server = await startScriptedServer(() => reply(500));
    ({ atlas } = clientOf(server, { retry: false }));
  });
  afterAll(() => server.close());
  return {
    // TypeScript would refuse these arguments; JavaScript does not.
    create: (args: unknown) => atlas.createGroupServiceAccountSecret(args as typeof creation),
    remove: (args: unknown) => atlas.deleteOrgServiceAccountSecret(args as typeof deletion),
    /** The error of a call that was refused as it should be: in class, code and outcome, and before anything was sent. */
    async refused(call: Promise<unknown>): Promise<AtlasRequestError> {
      const error = await errorOf(call, AtlasRequestError);
      expect(error).toMatchObject({ code: "ERR_ATLAS_REQUEST", outcome: "not-applied" });
      expect(error.message).toContain("The arguments break the contract: ");
      expect(error.violations.length).toBeGreaterThan(0);
      for (const { argument, expected, received } of error.violations) {
        const said = received === "" ? expected : `expected ${expected}, got ${received}`;
        expect(error.message).toContain(`${argument}: ${said}`);
      }
      expect(server.requests).toEqual([]);
      return error;
    },
  };
}

/** Nothing that a program, a logger or a debugger prints of the error may hold the secret, nor be long. */
export function expectHarmless(error: AtlasError): void {
  const printed = [
    error.message,
    error.stack ?? "",
    inspect(error, { depth: 9, showHidden: true }),
    JSON.stringify(error),
  ];
  for (const text of printed) {
    // Characters between the characters do not hide it: somebody could still read it.
    const legible = text.replace(/[^\w-]/g, "");
    expect(legible).not.toContain(secretValue.slice("mdb_sa_sk_".length));
  }
  expect(error.message.length).toBeLessThan(2000);
}

/** The process warnings of one kind that are emitted while something runs. */
export async function warningsDuring(code: string, run: () => Promise<unknown>): Promise<readonly string[]> {
  const seen: string[] = [];
  const listen = (warning: Error & { readonly code?: string }) => {
    if (warning.code === code) seen.push(`${warning.name}: ${warning.message}`);
  };
  process.on("warning", listen);
  try {
    await run();
    // Node emits warnings in the next tick, so also those of the last moment are there after this.
    await new Promise((resolve) => setImmediate(resolve));
    return seen;
  } finally {
    process.off("warning", listen);
  }
}

/**
 * For tests: one account whose secret a program uses, the place where that secret is stored, a client that rotates it,
 * and the rule that every rotation has to keep, however it ends.
 */

import { inspect } from "node:util";
import { expect, onTestFinished } from "vitest";
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
import { describeRemedy } from "../rotation-end.js";
import type { NewSecret, RotationPlan, RotationStepEvent } from "../rotation-plan.js";
import type { SecretRotationError } from "../secret-rotation-error.js";

export const clientId = "mdb_sa_id_65a1b2c3d4e5f60718293a4b";

/** A call to Atlas fails for good after two attempts; nobody waits longer than a millisecond. */
const retry = { maxAttempts: 2, maxDelayMs: 1 };

export interface RotationScenario {
  readonly server: FakeAtlas;
  readonly atlas: AtlasClient;
  /** The secret that is to be replaced. */
  readonly previous: StoredSecret;
  /** Value of the secret that the program uses. */
  stored: string;
  /** What `onStep` was told. */
  readonly steps: RotationStepEvent[];
  readonly controller: AbortController;
  /** A plan that puts the new secret where the old one is stored. */
  plan(more?: Partial<RotationPlan>): RotationPlan;
}

export async function rotationScenario(options: Partial<AtlasClientOptions> = {}): Promise<RotationScenario> {
  const server = await startAtlas();
  onTestFinished(() => server.close());
  const previous = server.addAccount(clientId);
  const steps: RotationStepEvent[] = [];
  const controller = new AbortController();
  const scenario: RotationScenario = {
    server,
    atlas: createAtlasClient({ credentials: ADMIN, baseUrl: server.url, retry, ...options }),
    previous,
    stored: previous.value,
    steps,
    controller,
    plan: (more) => ({
      groupId: GROUP_ID,
      orgId: ORG_ID,
      clientId,
      secretExpiresAfterHours: 24,
      previousSecretId: previous.id,
      store: ({ secret }: NewSecret) => {
        scenario.stored = secret;
      },
      onStep: (event) => steps.push(event),
      signal: controller.signal,
      // A secret that is refused is refused for good here; a function of the test's own has its time.
      verifyTimeoutMs: typeof more?.verify === "function" ? undefined : 1,
      ...more,
    }),
  };
  return scenario;
}

/**
 * What is stored works; a live secret that is not stored is the error's to remedy, by its id or, if that cannot be known
 * or nobody can say which one is stored, by looking; what is stored is never to be deleted. No secret's value is in the
 * error.
 */
export function expectNothingLost({ server, stored }: RotationScenario, error: SecretRotationError | undefined): void {
  const alive = server.accounts.secretsOf(clientId);
  expect(alive.map(({ value }) => value)).toContain(stored);
  const announced = error !== undefined && error.created === undefined && error.outcome !== "not-applied";
  if (announced) expect(error.message).toMatch(/neither its id nor its value can be known/);
  const remedies = error?.remedies ?? [];
  const toDelete = remedies.filter(({ action }) => action === "delete-secret").map(({ secretId }) => secretId);
  expect(toDelete).not.toContain(alive.find(({ value }) => value === stored)?.id);
  const unaccounted = alive.filter(({ id, value }) => value !== stored && !toDelete.includes(id));
  if (error !== undefined) expect(unaccounted.length).toBeLessThanOrEqual(remedies.length - toDelete.length);
  for (const remedy of remedies) {
    expect(remedy).toMatchObject({ orgId: ORG_ID, clientId });
    expect(error?.message).toContain(describeRemedy(remedy));
    expect(error?.summary).not.toContain("deleteOrgServiceAccountSecret");
  }
  const shown = `${inspect(error, { depth: 10, showHidden: true })}${JSON.stringify(error)}${error?.message}${error?.stack}`;
  expect(shown).not.toMatch(/mdb_sa_sk_fake/);
}

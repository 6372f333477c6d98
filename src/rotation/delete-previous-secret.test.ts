/**
 * The rotation is stopped at `delete-previous` in every way; the new secret is stored by then and stays.
 */
import { describe, expect, it } from "vitest";
import { AtlasApiError, AtlasNetworkError, AtlasRequestError, AtlasResponseError } from "../errors.js";
import { ORG_ID } from "../testing/atlas/start-atlas.js";
import { errorOf } from "../testing/scripted-client.js";
import { rotateSecret } from "./rotate-secret.js";
import { SecretRotationError } from "./secret-rotation-error.js";
import {
  aborting,
  abortingAt,
  apiError,
  clientId,
  expectStop,
  onDeletion,
  REASON,
  rotationScenario,
  type StoppedRotation,
} from "./testing/rotation-scenario.js";

const STORED = { step: "delete-previous", outcome: "applied", created: "alive" } as const;
const KEPT = { ...STORED, previous: "kept", alive: 2 } as const;
const PERHAPS_KEPT = { ...STORED, previous: "unknown", alive: 2 } as const;

const rows: readonly StoppedRotation[] = [
  ...[400, 401, 403, 429].map((status) => ({
    how: `${status}`,
    faults: onDeletion("previous", { applied: false, ends: apiError(status, { "retry-after": "0" }) }),
    expected: { ...KEPT, cause: AtlasApiError },
  })),
  {
    how: "404, as for a wrong organization",
    faults: onDeletion("previous", { applied: false, ends: apiError(404) }),
    expected: { ...PERHAPS_KEPT, cause: AtlasApiError },
  },
  {
    how: "500",
    faults: onDeletion("previous", { applied: false, ends: apiError(500) }),
    expected: { ...PERHAPS_KEPT, cause: AtlasApiError },
  },
  { how: "one 500", faults: onDeletion("previous", { applied: false, ends: apiError(500) }, 1), expected: "rotated" },
  {
    how: "a reset",
    faults: onDeletion("previous", { applied: false, ends: "reset" }),
    expected: { ...PERHAPS_KEPT, cause: AtlasNetworkError },
  },
  {
    how: "one reset after it was applied",
    faults: onDeletion("previous", { applied: true, ends: "reset" }, 1),
    expected: "rotated",
  },
  {
    how: "resets alone, though it was applied",
    faults: onDeletion("previous", { applied: true, ends: "reset" }),
    expected: { ...PERHAPS_KEPT, alive: 1, cause: AtlasNetworkError },
  },
  {
    how: "a timeout",
    hangs: true,
    faults: onDeletion("previous", { applied: false, ends: "hang" }),
    expected: { ...PERHAPS_KEPT, cause: AtlasNetworkError },
  },
  {
    how: "a success that is not the contract's",
    faults: onDeletion("previous", { applied: true, ends: { status: 202, body: {} } }),
    expected: { ...STORED, previous: "deleted", alive: 1, cause: AtlasResponseError },
  },
  {
    how: "a success that need not be Atlas's",
    faults: onDeletion("previous", { applied: true, ends: { status: 202 } }),
    expected: { ...PERHAPS_KEPT, alive: 1, cause: AtlasResponseError },
  },
  {
    how: "an abort as it begins",
    plan: abortingAt("delete-previous"),
    expected: { ...PERHAPS_KEPT, cause: REASON },
  },
  {
    how: "an abort while it is under way, and its response",
    faults: aborting(onDeletion("previous", { applied: true, ends: "response" })),
    expected: "rotated",
  },
  {
    how: "an abort while it is under way, and a reset",
    faults: aborting(onDeletion("previous", { applied: true, ends: "reset" })),
    expected: { ...PERHAPS_KEPT, alive: 1, cause: REASON },
  },
];

describe("a rotation stopped at delete-previous", () => {
  for (const { how, ...row } of rows) it(`by ${how} loses nothing`, () => expectStop(row));

  it("says that both are alive, until when, and how to delete the previous one", async () => {
    const { server, atlas, plan, previous } = await rotationScenario();
    server.setFaults(({ kind }) => (kind === "delete" ? { applied: false, ends: apiError(403) } : undefined));
    const error = await errorOf(rotateSecret(atlas, plan()), SecretRotationError);
    const { id, expiresAt } = error.created ?? {};
    expect(error.message).toContain("stopped at delete-previous: DELETE /api/atlas/v2/orgs/");
    expect(error.message).toMatch(
      new RegExp(
        `The new secret ${id} is stored and lives until ${expiresAt}\\. The previous secret ${previous.id} is alive as well\\. ` +
          `Atlas may now let the previous secret ${previous.id} expire within 7 days\\. Delete secret ${previous.id} with ` +
          `deleteOrgServiceAccountSecret\\({ orgId: "${ORG_ID}", clientId: "${clientId}", secretId: "${previous.id}" }\\)\\.$`,
      ),
    );
  });

  it.each([
    ["gone", "a reset and then 404, which a wrong organization brings too", { applied: true, ends: "reset" }],
    ["deleted", "a reset and then 204", { applied: false, ends: "reset" }],
  ] as const)("says %s after %s", async (expected, _what, fault) => {
    const scenario = await rotationScenario();
    scenario.server.setFaults((request) => onDeletion("previous", fault, 1)(request, scenario));
    const { previous } = await rotateSecret(scenario.atlas, scenario.plan());
    expect(previous).toBe(expected);
  });

  it("does not take an abort's reason that is another call's error for a response", async () => {
    const { server, atlas, plan, controller } = await rotationScenario();
    const reason = new AtlasRequestError("another call's");
    server.setFaults(({ kind }) =>
      kind === "delete" ? { applied: true, meanwhile: () => controller.abort(reason), ends: "reset" } : undefined,
    );
    const error = await errorOf(rotateSecret(atlas, plan()), SecretRotationError);
    expect(error).toMatchObject({ step: "delete-previous", previous: "unknown", outcome: "applied" });
    expect(error.cause).toBe(reason);
  });

  it("by an abort after the store stops before it, and deletes nothing", async () => {
    const scenario = await rotationScenario();
    const { server, atlas, plan, controller } = scenario;
    const store = ({ secret }: { secret: string }) => {
      scenario.stored = secret;
      controller.abort("stop");
    };
    const error = await errorOf(rotateSecret(atlas, plan({ store })), SecretRotationError);
    expect(error).toMatchObject({ step: "delete-previous", previous: "kept", outcome: "applied", cause: "stop" });
    expect(error.message).toContain("stopped before delete-previous: aborted by the caller (stop).");
    expect(server.requests.filter(({ kind }) => kind === "delete")).toHaveLength(0);
  });
});

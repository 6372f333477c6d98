/**
 * The rotation is stopped at `create` in every way.
 */
import { describe, expect, it } from "vitest";
import { createAtlasClient } from "../client.js";
import { AtlasApiError, AtlasAuthError, AtlasNetworkError, AtlasResponseError } from "../errors.js";
import { ADMIN, type Fault, GROUP_ID, ORG_ID } from "../testing/atlas/start-atlas.js";
import { errorOf } from "../testing/scripted-client.js";
import { rotateSecret } from "./rotate-secret.js";
import { SecretRotationError } from "./secret-rotation-error.js";
import {
  aborting,
  abortingAt,
  apiError,
  clientId,
  expectStop,
  firstOf,
  on,
  onDeletion,
  REASON,
  respondingWith,
  rotationScenario,
  type Stop,
  type StoppedRotation,
} from "./testing/rotation-scenario.js";

const stop = (outcome: Stop["outcome"], created: Stop["created"], alive: Stop["alive"]) =>
  ({ step: "create", outcome, created, alive }) as const;

const NOTHING = stop("not-applied", "unnamed", 1);
const NOTHING_KNOWN_NOT_APPLIED = stop("unknown", "unnamed", 1);
const NOTHING_KNOWN_APPLIED = stop("unknown", "unnamed", 2);
const UNREADABLE = { ...stop("applied", "unnamed", 2), cause: AtlasResponseError };
const COMPENSATED = stop("unknown", "deleted", 1);

/** The creation ends in this way. */
const creating = (how: string, applied: boolean, ends: Fault["ends"], expected: StoppedRotation["expected"]) => ({
  how,
  faults: on("create", { applied, ends }),
  ...(ends === "hang" && { hangs: true as const }),
  expected,
});

const rows: readonly StoppedRotation[] = [
  ...[400, 401, 403, 404, 409, 429].map((status) => ({
    how: `${status}`,
    faults: on("create", { applied: false, ends: apiError(status, { "retry-after": "0" }) }),
    expected: { ...NOTHING, cause: AtlasApiError },
  })),
  creating("a Retry-After that is longer than the client waits", false, apiError(429, { "retry-after": "55" }), {
    ...NOTHING,
    cause: AtlasApiError,
  }),
  creating("500", false, apiError(500), { ...NOTHING_KNOWN_NOT_APPLIED, cause: AtlasApiError }),
  creating("500 to what was applied", true, apiError(500), { ...NOTHING_KNOWN_APPLIED, cause: AtlasApiError }),
  creating("a reset", false, "reset", { ...NOTHING_KNOWN_NOT_APPLIED, cause: AtlasNetworkError }),
  creating("a reset after it was applied", true, "reset", { ...NOTHING_KNOWN_APPLIED, cause: AtlasNetworkError }),
  creating("a timeout", false, "hang", { ...NOTHING_KNOWN_NOT_APPLIED, cause: AtlasNetworkError }),
  creating("a timeout after it was applied", true, "hang", { ...NOTHING_KNOWN_APPLIED, cause: AtlasNetworkError }),
  creating("a response that breaks off behind its id", true, "cut", { ...COMPENSATED, cause: AtlasResponseError }),
  creating("a response that is not JSON", true, { status: 201, body: "<html>" }, UNREADABLE),
  creating("a response without an id", true, respondingWith({ id: undefined }), UNREADABLE),
  creating(
    "a response with null for a value that may be left out",
    true,
    respondingWith({ lastUsedAt: null, maskedSecretValue: null }),
    "rotated",
  ),
  creating(
    "a response that contradicts the contract, but names its id",
    true,
    respondingWith({ expiresAt: undefined }),
    { ...COMPENSATED, cause: AtlasResponseError },
  ),
  {
    how: "a response that contradicts the contract and names its id, and cannot be deleted again",
    faults: firstOf(
      on("create", { applied: true, ends: respondingWith({ expiresAt: null }) }),
      onDeletion("new", { applied: false, ends: apiError(403) }),
    ),
    expected: { ...stop("applied", "alive", 2), cause: AtlasResponseError },
  },
  {
    how: "a response that contradicts the contract under the id of the previous secret",
    faults: ({ kind }, { previous }) =>
      kind === "create"
        ? { applied: true, ends: respondingWith({ id: previous.id, expiresAt: undefined }) }
        : undefined,
    expected: UNREADABLE,
  },
  creating("a response without a secret", true, respondingWith({ secret: undefined }), COMPENSATED),
  creating("a response with an empty secret", true, respondingWith({ secret: "" }), COMPENSATED),
  creating(
    "a response with a secret that no header can carry",
    true,
    respondingWith({ secret: "mdb_sa_sk_fake\nsecond line" }),
    COMPENSATED,
  ),
  {
    how: "a response without a secret, which cannot be deleted again",
    faults: firstOf(
      on("create", { applied: true, ends: respondingWith({ secret: undefined }) }),
      onDeletion("new", { applied: false, ends: apiError(403) }),
    ),
    expected: stop("applied", "alive", 2),
  },
  {
    how: "no token for the client itself",
    faults: ({ kind }) => (kind === "token" ? { applied: false, ends: { status: 401 } } : undefined),
    expected: { ...NOTHING, cause: AtlasAuthError },
  },
  {
    how: "an abort before it",
    plan: ({ controller }) => {
      controller.abort(REASON);
      return {};
    },
    expected: { ...NOTHING, cause: REASON },
  },
  { how: "an abort as it begins", plan: abortingAt("create"), expected: { ...NOTHING, cause: REASON } },
  {
    how: "an abort while the client signs in",
    hangs: true,
    faults: aborting(({ kind }) => (kind === "token" ? { applied: true, ends: "hang" } : undefined)),
    expected: { ...NOTHING, cause: REASON },
  },
  {
    how: "an abort while it is refused for now",
    faults: aborting(on("create", { applied: false, ends: apiError(429, { "retry-after": "0" }) }, 1)),
    expected: { ...NOTHING, cause: REASON },
  },
  {
    how: "an abort while it is under way, and its response",
    faults: aborting(on("create", { applied: true, ends: "response" })),
    expected: { ...COMPENSATED, step: "verify", cause: REASON },
  },
  {
    how: "an abort while it is under way, and a refusal",
    faults: aborting(on("create", { applied: false, ends: apiError(400) })),
    expected: { ...NOTHING, cause: AtlasApiError },
  },
  {
    how: "an abort while it is under way, and a reset",
    faults: aborting(on("create", { applied: true, ends: "reset" })),
    expected: { ...NOTHING_KNOWN_APPLIED, cause: AtlasNetworkError },
  },
  {
    how: "an abort while it is under way, and a timeout",
    hangs: true,
    faults: aborting(on("create", { applied: true, ends: "hang" })),
    expected: { ...NOTHING_KNOWN_APPLIED, cause: AtlasNetworkError },
  },
];

describe("a rotation stopped at create", () => {
  for (const { how, ...row } of rows) it(`by ${how} loses nothing`, () => expectStop(row));

  it("by an account that has two secrets says so, and how to delete one", async () => {
    const { server, atlas, plan } = await rotationScenario();
    server.accounts.addSecret(clientId, 24);
    const error = await errorOf(rotateSecret(atlas, plan()), SecretRotationError);
    expect(error).toMatchObject({ step: "create", outcome: "not-applied", created: undefined, previous: "kept" });
    expect(error.message).toContain("400 MAXIMUM_SECRETS_REACHED. The service account has two secrets already.");
    expect(error.message).toContain("A service account holds at most two secrets, and this one may have two already.");
    expect(error.message).toContain(`deleteOrgServiceAccountSecret({ orgId: "${ORG_ID}", clientId: "${clientId}", `);
    expect(server.accounts.secretsOf(clientId)).toHaveLength(2);
  });

  it.each<[string, string, boolean]>([
    ["MAX_SERVICE_ACCOUNT_SECRETS_EXCEEDED", "The service account cannot have more secrets.", true],
    ["BAD_REQUEST", "Service account has reached its limit of 2 client secrets.", true],
    ["BAD_REQUEST", "The service account was already deleted.", false],
    [
      "INVALID_ATTRIBUTE",
      "secretExpiresAfterHours exceeds the maximum of 24 hours for service account secrets.",
      false,
    ],
    ["SECRET_VALIDITY_EXCEEDED", "The organization limits how long secrets live.", false],
    ["INVALID_JSON", "Received JSON is malformed.", false],
    ["SECRETS_EXCEED_MAXIMUM", "Not possible.", true],
  ])("by a 400 speaks of two secrets only if Atlas does: %s, %s", async (errorCode, detail, speaks) => {
    const { server, atlas, plan } = await rotationScenario();
    const refusal = { status: 400, body: { error: 400, errorCode, detail } };
    server.setFaults(({ kind }) => (kind === "create" ? { applied: false, ends: refusal } : undefined));
    const error = await errorOf(rotateSecret(atlas, plan()), SecretRotationError);
    expect(error.message).toContain(detail);
    expect(error.message.includes("this one may have two already")).toBe(speaks);
    expect(error.remedies).toHaveLength(speaks ? 1 : 0);
  });

  it.each([
    [401, `The client signs in as ${ADMIN.clientId}: check its secret.`],
    [403, `The client signs in as ${ADMIN.clientId}, which needs the role Project Owner.`],
    [404, `Check that these exist and belong together: groupId ${GROUP_ID}, clientId ${clientId}.`],
    [429, "Atlas asks to wait 55 s, longer than retry.maxDelayMs allows (0.001 s)."],
  ])("by %i says what to do about that, and advises no deletion", async (status, hint) => {
    const { server, atlas, plan } = await rotationScenario();
    const headers = { "retry-after": "55" };
    server.setFaults(({ kind }) =>
      kind === "create" ? { applied: false, ends: apiError(status, headers) } : undefined,
    );
    const error = await errorOf(rotateSecret(atlas, plan()), SecretRotationError);
    expect(error.message).toContain(`${status} SCRIPTED. As the test wants it. ${hint} No secret was created`);
    expect(error.message).not.toContain("Nothing was changed");
    expect(error.remedies).toEqual([]);
  });

  it("by a response with the previous secret's id deletes nothing: the two could not be told apart", async () => {
    const { server, atlas, plan, previous, steps } = await rotationScenario();
    server.setFaults((request) =>
      request.kind === "create" ? { applied: true, ends: respondingWith({ ...previous }) } : undefined,
    );
    const error = await errorOf(rotateSecret(atlas, plan()), SecretRotationError);
    expect(error).toMatchObject({ step: "create", outcome: "unknown", created: undefined });
    expect(error.remedies).toEqual([{ action: "look-in-atlas", orgId: ORG_ID, clientId }]);
    expect(error.message).toContain(`Atlas returned the id of the previous secret, ${previous.id}.`);
    expect(server.accounts.secretsOf(clientId)).toHaveLength(2);
    expect(server.requests.map(({ kind }) => kind)).toEqual(["token", "create"]);
    expect(steps).toMatchObject([{ step: "create" }]);
  });

  it("by a response without a usable secret, or without one that can be read, says which", async () => {
    for (const [secret, said] of [
      [undefined, "Atlas's response has no usable secret."],
      [5, "POST /api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets: status 201, but "],
    ]) {
      const { server, atlas, plan } = await rotationScenario();
      server.setFaults(({ kind }) =>
        kind === "create" ? { applied: true, ends: respondingWith({ secret }) } : undefined,
      );
      const error = await errorOf(rotateSecret(atlas, plan()), SecretRotationError);
      expect(error.message).toContain(` stopped at create: ${said}`);
    }
  });

  it("by an abort before it does not begin it", async () => {
    const { server, atlas, plan, controller, steps } = await rotationScenario();
    controller.abort(REASON);
    const error = await errorOf(rotateSecret(atlas, plan()), SecretRotationError);
    expect(error.message).toContain("stopped before create: aborted by the caller (Error: the caller has had enough).");
    expect([steps, server.requests]).toEqual([[], []]);
  });

  it("by a server that is not there leaves Atlas as it was", async () => {
    const { plan } = await rotationScenario();
    // Nothing listens there. The port of a server that has been closed may be another test's by then.
    const baseUrl = "http://127.0.0.1:2";
    const atlas = createAtlasClient({ credentials: { accessToken: "a" }, baseUrl, retry: false });
    const error = await errorOf(rotateSecret(atlas, plan()), SecretRotationError);
    expect(error).toMatchObject({ step: "create", outcome: "not-applied", created: undefined });
    expect(error.cause).toMatchObject({ code: "ERR_ATLAS_NETWORK", connected: false });
    expect(error.message).toMatch(/No secret was created, and Atlas is as before\.$/);
  });

  it("by an abort of a client that was not made by createAtlasClient cannot say whether it was sent", async () => {
    const { server, atlas, plan, controller } = await rotationScenario();
    server.setFaults((request) =>
      request.kind === "create"
        ? { applied: true, meanwhile: () => controller.abort(REASON), ends: "hang" }
        : undefined,
    );
    const hasty: typeof atlas = {
      ...atlas,
      createGroupServiceAccountSecret: (args) =>
        atlas.createGroupServiceAccountSecret(args, { signal: controller.signal }),
    };
    const error = await errorOf(rotateSecret(hasty, plan({ verify: false })), SecretRotationError);
    expect(error).toMatchObject({ step: "create", outcome: "unknown", created: undefined, cause: REASON });
    expect(error.message).toContain("A secret may have been created, and neither its id nor its value can be known.");
    expect(server.accounts.secretsOf(clientId)).toHaveLength(2);
  });

  it("announces a secret whose id cannot be known with the account, the organization and what to do", async () => {
    const { server, atlas, plan } = await rotationScenario();
    server.setFaults((request) => (request.kind === "create" ? { applied: true, ends: "reset" } : undefined));
    const error = await errorOf(rotateSecret(atlas, plan()), SecretRotationError);
    expect(error.message).toContain(`look in Atlas at the secrets of ${clientId} in organization ${ORG_ID}`);
    expect(error.message).toMatch(/^Rotating the secret of mdb_sa_id_\w+ stopped at create: POST \/api\/atlas\/v2\//);
    expect(error.message).not.toContain(ADMIN.clientSecret);
  });
});

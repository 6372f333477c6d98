/**
 * An error from Atlas says what its reader can do next, by its status.
 */
import { expect, it, onTestFinished } from "vitest";
import { operations } from "../../generated/operations.js";
import { AtlasApiError, type AtlasClientOptions, createAtlasClient } from "../index.js";
import { redactByForm } from "../safe/redaction.js";
import { ADMIN, type AtlasOptions, startAtlas } from "../testing/atlas/start-atlas.js";
import { creation, deletion, errorOf } from "../testing/scripted-client.js";
import { errorHint, type HintContext } from "./error-hint.js";

/** The error of a call that brings this status. */
async function errorFor(
  status: number,
  operation: "create" | "delete",
  credentials: AtlasClientOptions["credentials"] = ADMIN,
  options: AtlasOptions = {},
): Promise<AtlasApiError> {
  const body = { error: status, errorCode: "REFUSED" };
  const faults: AtlasOptions["faults"] = ({ kind }) =>
    kind === "token" ? undefined : { applied: false, ends: { status, body } };
  const server = await startAtlas({ faults, ...options });
  onTestFinished(() => server.close());
  const atlas = createAtlasClient({ credentials, baseUrl: server.url, retry: false });
  const call =
    operation === "create"
      ? atlas.createGroupServiceAccountSecret(creation)
      : atlas.deleteOrgServiceAccountSecret(deletion);
  return errorOf(call, AtlasApiError);
}

const { groupId } = creation;
const { orgId, clientId, secretId } = deletion;

it.each([
  [401, "create", `The client signs in as ${ADMIN.clientId}: check its secret.`],
  [403, "create", `The client signs in as ${ADMIN.clientId}, which needs the role Project Owner.`],
  [403, "delete", `The client signs in as ${ADMIN.clientId}, which needs the role Organization Owner.`],
  [404, "create", `Check that these exist and belong together: groupId ${groupId}, clientId ${clientId}.`],
  [
    404,
    "delete",
    `Check that these exist and belong together: orgId ${orgId}, clientId ${clientId}, secretId ${secretId}.`,
  ],
  [400, "create", ""],
  [418, "create", ""],
] as const)("%i to %s", async (status, operation, hint) => {
  const { message } = await errorFor(status, operation);
  expect(message).toMatch(new RegExp(`: ${status} REFUSED\\. ${hint === "" ? "" : `${hint} `}Nothing was changed\\.$`));
});

it.each([401, 403, 404])("%i in a page is not explained as if Atlas had sent it", async (status) => {
  const page = { status, headers: { "content-type": "text/html; charset=utf-8" }, body: "<h1>Blocked</h1>" };
  const { message } = await errorFor(
    status,
    "create",
    { accessToken: "fake-token" },
    {
      accessTokens: ["fake-token"],
      faults: () => ({ applied: false, ends: page }),
    },
  );
  expect(message).toContain(
    "The response begins: <h1>Blocked</h1>. This does not look like a response of Atlas; a proxy or a firewall may have sent it. Nothing was changed.",
  );
});

it.each([
  [401, "Check the credentials of the client."],
  [403, "The client needs the role Project Owner."],
] as const)("%i to a client that is no service account names none", async (status, hint) => {
  const { message } = await errorFor(status, "create", { accessToken: "fake-token" });
  expect(message).toContain(`${status} REFUSED. ${hint} Nothing was changed.`);
});

const operation = operations.createGroupServiceAccountSecret;
const hint = (status: number, context: Partial<HintContext>, waitMs?: number) =>
  errorHint(status, waitMs, {
    operation,
    args: creation,
    request: { headers: {}, retry: false },
    signedInAs: undefined,
    redact: redactByForm,
    ...context,
  });

it.each([
  ["application/vnd.atlas.2020-01-01+json", "version 2020-01-01"],
  ["text/plain mdb_sa_sk_planted", "version text/plain mdb_sa_sk_…"],
  [undefined, "no version"],
])("406 and 410 to a call that accepts %s name the versions that there are", (accept, asked) => {
  const headers: Record<string, string> = accept === undefined ? {} : { accept };
  const versions = "the contract has 2024-08-05, 2025-03-12 for this operation.";
  for (const status of [406, 410]) {
    expect(hint(status, { request: { headers, retry: false } })).toBe(`The call asked for ${asked}; ${versions}`);
  }
  const unversioned = { ...operation, requestMediaTypes: [], responseMediaTypes: ["application/json"] };
  expect(hint(406, { operation: unversioned, request: { headers, retry: false } })).toBe(
    `The call asked for ${asked}; the contract has none for this operation.`,
  );
});

it.each([
  [1500, { maxAttempts: 4, maxDelayMs: 1000 }, "Atlas asks to wait 2 s, longer than retry.maxDelayMs allows (1 s)."],
  [1000, { maxAttempts: 4, maxDelayMs: 1000 }, "Atlas asks to wait 1 s."],
  [1000, false, "Atlas asks to wait 1 s."],
] as const)("429 with a wait of %i ms names it, and the limit that it is above: %j", (waitMs, retry, expected) => {
  expect(hint(429, { request: { headers: {}, retry } }, waitMs)).toBe(expected);
});

it("403 names every role that would do, and says nothing if the contract names none", () => {
  const { requiredRoles: _, ...other } = operation;
  expect(hint(403, { operation: other })).toBeUndefined();
  const roles = { ...operation, requiredRoles: ["Project Owner", "Organization Owner"] };
  expect(hint(403, { operation: roles })).toBe("The client needs the role Project Owner or Organization Owner.");
});

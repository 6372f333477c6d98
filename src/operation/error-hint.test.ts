/**
 * An error from Atlas says what its reader can do next, by its status.
 */
import { expect, it, onTestFinished } from "vitest";
import { AtlasApiError, type AtlasClientOptions, createAtlasClient } from "../index.js";
import { ADMIN, type AtlasOptions, startAtlas } from "../testing/atlas/start-atlas.js";
import { creation, deletion, errorOf } from "../testing/scripted-client.js";

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

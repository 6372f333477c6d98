/**
 * The fake Atlas as a server to be checked: it does what the contract says, and a test plants one fault in it.
 */
import type { ServerResponse } from "node:http";
import type { AtlasRequest } from "../../../src/testing/atlas/request.js";
import type { AtlasResponse } from "../../../src/testing/atlas/response.js";
import { type FakeAtlas, startAtlas } from "../../../src/testing/atlas/start-atlas.js";
import type { Steps } from "../../../src/testing/atlas/steps.js";

export const account = {
  accessToken: "test-access-token-not-real",
  adminId: "mdb_sa_id_ffffffffffffffffffffffff",
  adminSecret: "mdb_sa_sk_test_admin_secret_not_real",
  publicKey: "testpubk",
  privateKey: "test-private-key-not-real",
  groupId: "5f0c1a2b3c4d5e6f70819203",
  orgId: "4e1b0a9f8d7c6b5a49382716",
  clientId: "mdb_sa_id_65a1b2c3d4e5f60718293a4b",
} as const;

/** What happens instead of a response; `raw` is written to the connection as it is. */
export type Disruption = "hang" | "reset" | "cut off" | { readonly raw: string | Buffer };

/** What a fault may change. */
export interface Rules {
  /** In the order in which they are taken; the first response stands. */
  readonly steps: Steps;
  /** The last word on every response but those of the token endpoint. */
  finish(response: AtlasResponse, request: AtlasRequest): AtlasResponse | Disruption;
  /** Writes what comes before every response. */
  interim?: (outgoing: ServerResponse) => void;
}

/** Plants one fault. */
export type Plant = (rules: Rules) => void;

/** A running server. */
export interface TestServer extends Pick<FakeAtlas, "url" | "requests" | "close"> {
  /** Ids of the account's secrets. */
  ids(): string[];
  /** How many secrets were created, and how many there were at once at most. */
  readonly counts: { created: number; most: number };
}

/**
 * Starts a server whose account under test has no secret yet.
 *
 * @param prefix - Path under which it serves everything.
 */
export async function startServer(plant: Plant = () => undefined, prefix = ""): Promise<TestServer> {
  const { accessToken, adminId, adminSecret, publicKey, privateKey, groupId, orgId, clientId } = account;
  const counts = { created: 0, most: 0 };
  let rules: Rules | undefined;
  const atlas = await startAtlas({
    prefix,
    accessTokens: [accessToken],
    apiKeys: [{ publicKey, privateKey }],
    accounts: [
      { clientId: adminId, secrets: [{ value: adminSecret }] },
      { clientId, orgId, groupIds: [groupId], secrets: [] },
    ],
    // Never empty; it is there for its headers.
    rateLimit: { capacity: 100_000, periodSeconds: 60 },
    steps(steps) {
      const { create } = steps;
      steps.create = (request, state) => {
        const before = state.accounts.secretsOf(clientId).length;
        const response = create(request, state);
        const after = state.accounts.secretsOf(clientId).length;
        counts.created += Math.max(0, after - before);
        counts.most = Math.max(counts.most, after);
        return response;
      };
      rules = { steps, finish: (response) => response };
      plant(rules);
    },
    faults: (request) => ({
      applied: true,
      ends(ordinary, outgoing) {
        if (request.kind === "token" || request.kind === "revoke" || rules === undefined) return ordinary;
        rules.interim?.(outgoing);
        const response = rules.finish(ordinary, request);
        return typeof response === "object" && "status" in response ? response : disrupt(outgoing, response);
      },
    }),
  });
  return {
    url: atlas.url,
    requests: atlas.requests,
    close: () => atlas.close(),
    ids: () => atlas.accounts.secretsOf(clientId).map(({ id }) => id),
    counts,
  };
}

function disrupt(outgoing: ServerResponse, disruption: Disruption): undefined {
  if (disruption === "hang") return;
  if (disruption === "reset") outgoing.socket?.resetAndDestroy();
  else if (disruption === "cut off") {
    outgoing.writeHead(201, { "content-length": "500", "content-type": "application/vnd.atlas.2024-08-05+json" });
    outgoing.write('{"id":', () => outgoing.socket?.destroy());
  } else outgoing.socket?.end(disruption.raw);
}

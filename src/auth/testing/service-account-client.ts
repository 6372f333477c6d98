/**
 * For tests: a client that signs in as a service account, and the fake Atlas that it talks to.
 */
import { onTestFinished } from "vitest";
import { type AtlasClient, type AtlasClientOptions, createAtlasClient } from "../../index.js";
import {
  type AtlasRequest,
  type AtlasResponse,
  type Fault,
  type Faults,
  GROUP_ID,
  ORG_ID,
  type RecordedRequest,
  startAtlas,
} from "../../testing/atlas/start-atlas.js";

export const credentials = {
  clientId: "mdb_sa_id_000000000000000000000001",
  clientSecret: "mdb_sa_sk_obviously_fake",
};
/** What else the account can sign in with. */
export const NEXT_SECRET = "mdb_sa_sk_the_next_fake";
export const target = { orgId: ORG_ID, clientId: `mdb_sa_id_${"b".repeat(24)}`, secretId: "c".repeat(24) };
export const creation = { groupId: GROUP_ID, clientId: target.clientId, body: { secretExpiresAfterHours: 8 } };

export interface ServerFaults {
  readonly onToken?: Faults;
  readonly onCall?: Faults;
}

export interface OAuthServer {
  readonly url: string;
  readonly tokenRequests: readonly RecordedRequest[];
  readonly revocations: readonly RecordedRequest[];
  readonly calls: readonly RecordedRequest[];
  /** The token of the nth token request, from 1. */
  token(nth: number): string;
  /** From now on the token of the nth token request is refused. */
  expire(nth: number): void;
}

/** Both end with the test. Every deletion is a success to whoever has signed in. */
export async function start({ onToken, onCall }: ServerFaults = {}, options: Partial<AtlasClientOptions> = {}) {
  const server = await startAtlas({
    accounts: [
      { clientId: credentials.clientId, secrets: [{ value: credentials.clientSecret }, { value: NEXT_SECRET }] },
      { clientId: target.clientId },
    ],
    faults: async (request) => {
      if (request.kind === "token") return onToken?.(request);
      return (await onCall?.(request)) ?? (request.kind === "delete" ? DELETED : undefined);
    },
  });
  onTestFinished(() => server.close());
  const ofKind = (...kinds: readonly AtlasRequest["kind"][]) =>
    server.requests.filter(({ kind }) => kinds.includes(kind));
  const oauth: OAuthServer = {
    url: server.url,
    get tokenRequests() {
      return ofKind("token");
    },
    get revocations() {
      return ofKind("revoke");
    },
    get calls() {
      return ofKind("create", "delete");
    },
    token: (nth) => Object(ofKind("token")[nth - 1]?.response?.body).access_token,
    expire: (nth) => server.accounts.revoke(oauth.token(nth)),
  };
  const retry = { maxAttempts: 3, maxDelayMs: 20 };
  return { oauth, atlas: createAtlasClient({ credentials, baseUrl: server.url, retry, ...options }) };
}

const DELETED: Fault = {
  applied: true,
  ends: (ordinary) => (ordinary.status === 404 ? { status: 204 } : ordinary),
};

/** This response instead of the ordinary one. */
export function refusal(response: AtlasResponse): Fault {
  return { applied: false, ends: response };
}

/** An ordinary token response with some of its members changed; `undefined` leaves one out. */
export function tokenWith(members: Readonly<Record<string, unknown>>): Fault {
  return {
    applied: true,
    ends: (ordinary) => ({ ...ordinary, body: { ...Object(ordinary.body), ...members } }),
  };
}

export function remove(atlas: AtlasClient, signal?: AbortSignal): Promise<void> {
  return atlas.deleteOrgServiceAccountSecret(target, { signal });
}

/** Something that happens once and can be waited for. */
export function latch() {
  let open: () => undefined = () => undefined;
  const opened = new Promise<undefined>((resolve) => {
    open = () => void resolve(undefined);
  });
  return { opened, open };
}

/**
 * For tests: the digest stage of a client without the rest of the pipeline, and the fake Atlas that it signs in to.
 */
import { onTestFinished } from "vitest";
import type { OperationDescription } from "../../../../generated/operations.js";
import { type ApiKey, type DigestOptions, readDigest } from "../../../testing/atlas/credentials.js";
import {
  type AtlasRequest,
  type FakeAtlas,
  type Fault,
  type Faults,
  startAtlas,
} from "../../../testing/atlas/start-atlas.js";
import type { Send, TransportRequest } from "../../../transport/pipeline.js";
import { digestAuthentication } from "../digest-authentication.js";

/** What the server knows. */
export const testKey = { publicKey: "abcdefgh", privateKey: "not-a-real-private-key" };

export interface DigestClientOptions {
  readonly digest?: DigestOptions;
  /** Comes before the check of the signature. */
  readonly faults?: Faults;
  /** What the client signs with. */
  readonly key?: ApiKey;
}

export interface DigestClient {
  readonly server: FakeAtlas;
  readonly url: string;
  readonly send: Send;
  /** The parameters of `Authorization` of each request, if there were any. */
  signatures(): (ReadonlyMap<string, string> | undefined)[];
  /** The `nc` of the signed requests, in the order of their arrival. */
  counts(): (string | undefined)[];
}

/** Every response is 200 or 401, unless a fault changes it. */
export async function startClient({ digest, faults, key = testKey }: DigestClientOptions = {}): Promise<DigestClient> {
  const server = await startAtlas({
    apiKeys: [testKey],
    digest: { stale: true, counts: "new", ...digest },
    faults: async (request) => (await faults?.(request)) ?? SIGNED_IN_OR_NOT,
  });
  onTestFinished(() => server.close());
  const signatures = () => server.requests.map(signatureOf);
  return {
    server,
    url: `${server.url}/api/atlas/v2`,
    send: digestAuthentication(key)(overFetch),
    signatures,
    counts: () => signatures().flatMap((signature) => (signature === undefined ? [] : [signature.get("nc")])),
  };
}

const SIGNED_IN_OR_NOT: Fault = {
  applied: true,
  ends: (ordinary) => (ordinary.status === 401 ? ordinary : { status: 200 }),
};

/** The parameters of `Authorization`, if there are any. */
export function signatureOf({ headers }: AtlasRequest): ReadonlyMap<string, string> | undefined {
  return readDigest(headers.authorization);
}

const operation: OperationDescription = {
  operationId: "createGroupServiceAccountSecret",
  method: "POST",
  path: "/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets",
  parameters: [],
  requestMediaTypes: ["application/json"],
  responseMediaTypes: ["application/json"],
  successStatuses: [201],
};

/** A POST with a body, to the given URL. */
export function requestTo(url: string, more: Partial<TransportRequest> = {}): TransportRequest {
  const headers = { accept: "application/json" };
  return {
    operation,
    url,
    headers,
    body: '{"secretExpiresAfterHours":8}',
    signal: undefined,
    account: { mayHaveBeenApplied: false },
    ...more,
  };
}

/** The end of a pipeline, without timeout or error handling. */
export const overFetch: Send = async ({ url, operation: { method }, headers, body, signal }) => {
  const response = await fetch(url, { method, headers, body: body ?? null, signal: signal ?? null });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

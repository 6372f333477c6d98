/** Calling an operation whose name is only known at run time, through the client and past it. */

import { type AtlasClient, type AtlasClientOptions, AtlasRequestError, createAtlasClient } from "../../../src/index.js";
import { nonceOf } from "../../../src/testing/sign-digest.js";
import type { JsonObject } from "../../contract/json.js";
import type { Arguments, RequestDraft } from "../../contract/requests.js";
import { type Mock, mockCredentials } from "../../mock/start-mock.js";
import { sign } from "../../mock/testing/requests.js";

const { accessToken, clientId, clientSecret, publicKey, privateKey } = mockCredentials;

/** The kinds of credentials by the name of their secret half. */
export const credentialsByName: Readonly<Record<string, AtlasClientOptions["credentials"]>> = {
  accessToken: { accessToken },
  clientSecret: { clientId, clientSecret },
  privateKey: { publicKey, privateKey },
};

/** Arguments as the client's functions take them: flat, a body as `body`. */
export function flat({ parameters, body }: Arguments): JsonObject {
  return body === undefined ? parameters : { ...parameters, body };
}

/** A client of its own for each call: one 429 makes a client wait, and a wait would be no response. */
function clientOf(baseUrl: string, options: Partial<AtlasClientOptions> = {}): AtlasClient {
  return createAtlasClient({ credentials: { accessToken }, baseUrl, retry: false, ...options });
}

export interface CallOutcome {
  readonly result?: unknown;
  readonly error?: unknown;
  /** The response as it came over the network; absent if nothing was sent. */
  readonly response?: { readonly status: number; readonly headers: Headers; readonly text: string };
}

/** Calls an operation by its name, and keeps what came over the network beside what the client makes of it. */
export async function call(
  baseUrl: string,
  operationId: string,
  args: Arguments,
  options: { client?: Partial<AtlasClientOptions>; headers?: Record<string, string> } = {},
): Promise<CallOutcome> {
  let received: CallOutcome["response"];
  const client = clientOf(baseUrl, {
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      received = { status: response.status, headers: response.headers, text: await response.clone().text() };
      return response;
    },
    ...options.client,
  });
  try {
    const result = await invoke(client, operationId, flat(args), { headers: options.headers ?? {} });
    return { result: revealed(result), ...(received === undefined ? {} : { response: received }) };
  } catch (error) {
    return { error, ...(received === undefined ? {} : { response: received }) };
  }
}

/** With the value of a new secret, which a result does not show, as a member like the others. */
export function revealed(result: unknown): unknown {
  const isSecret = typeof result === "object" && result !== null && "secret" in result;
  return isSecret ? { ...result, secret: result.secret } : result;
}

async function invoke(client: AtlasClient, operationId: string, ...args: readonly unknown[]): Promise<unknown> {
  const operation: unknown = Reflect.get(client, operationId);
  if (typeof operation !== "function") throw new TypeError(`The client has no operation ${operationId}`);
  return await Reflect.apply(operation, client, args);
}

/** Sends a request as it stands, signed with credentials of the kind, unless the headers sign it already. */
export async function sendRaw(
  mock: Mock,
  request: RequestDraft,
  headers: Readonly<Record<string, string>>,
  kind = "accessToken",
): Promise<Response> {
  return await fetch(mock.url + request.target, {
    method: request.method,
    headers: { authorization: await authorizationFor(mock, request, kind), ...request.headers, ...headers },
    ...(request.body === undefined ? {} : { body: request.body }),
  });
}

/** The `Authorization` of a request that is sent past the client, written without the client's own code. */
async function authorizationFor(mock: Mock, { method, target }: RequestDraft, kind: string): Promise<string> {
  if (kind !== "privateKey") return `Bearer ${mockCredentials.accessToken}`;
  const challenged = await fetch(mock.url + target, { method });
  await challenged.arrayBuffer();
  return sign({ nonce: nonceOf(challenged.headers.get("www-authenticate") ?? undefined), method, uri: target });
}

/** The arguments that a refusal names, each with those that it is within: `body.a` is about `body` too. */
export function argumentsIn(error: unknown): string[] {
  if (!(error instanceof AtlasRequestError)) return [];
  return error.violations.flatMap(({ argument }) => {
    const names = argument.split(".");
    return names.map((_, index) => names.slice(0, index + 1).join("."));
  });
}

/** Calling an operation whose name is only known at run time, through the client and past it. */
import { type AtlasClient, type AtlasClientOptions, AtlasRequestError, createAtlasClient } from "../../src/index.js";
import { type Mock, mockCredentials } from "../mock/start-mock.js";
import { authorizationFor } from "./signing.js";
import type { Arguments } from "./values.js";
import type { WireRequest } from "./wire.js";

const { accessToken, clientId, clientSecret, publicKey, privateKey } = mockCredentials;

/** The kinds of credentials by the name of their secret half. */
export const credentialsByName: Readonly<Record<string, AtlasClientOptions["credentials"]>> = {
  accessToken: { accessToken },
  clientSecret: { clientId, clientSecret },
  privateKey: { publicKey, privateKey },
};

/** A client of its own for each call: one 429 makes a client wait, and a wait would be no answer. */
function clientOf(baseUrl: string, options: Partial<AtlasClientOptions> = {}): AtlasClient {
  return createAtlasClient({ credentials: { accessToken }, baseUrl, retry: false, ...options });
}

export interface CallOutcome {
  readonly result?: unknown;
  readonly error?: unknown;
  /** The answer as it came over the network; absent where nothing was sent. */
  readonly answer?: { readonly status: number; readonly headers: Headers; readonly text: string };
}

/** Calls an operation by its name, and keeps what came over the network beside what the client makes of it. */
export async function call(
  baseUrl: string,
  operationId: string,
  args: Arguments,
  options: { client?: Partial<AtlasClientOptions>; headers?: Record<string, string> } = {},
): Promise<CallOutcome> {
  let answer: CallOutcome["answer"];
  const client = clientOf(baseUrl, {
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      answer = { status: response.status, headers: response.headers, text: await response.clone().text() };
      return response;
    },
    ...options.client,
  });
  try {
    const result = await invoke(client, operationId, args, { headers: options.headers ?? {} });
    return { result, ...(answer === undefined ? {} : { answer }) };
  } catch (error) {
    return { error, ...(answer === undefined ? {} : { answer }) };
  }
}

async function invoke(client: AtlasClient, operationId: string, ...args: readonly unknown[]): Promise<unknown> {
  const operation: unknown = Reflect.get(client, operationId);
  if (typeof operation !== "function") throw new TypeError(`The client has no operation ${operationId}`);
  return await Reflect.apply(operation, client, args);
}

/** Sends a request as it stands, signed with credentials of the kind, unless the headers sign it already. */
export async function sendRaw(
  mock: Mock,
  request: WireRequest,
  headers: Readonly<Record<string, string>>,
  kind = "accessToken",
): Promise<Response> {
  return await fetch(mock.url + request.target, {
    method: request.method,
    headers: { authorization: await authorizationFor(mock, request, kind), ...request.headers, ...headers },
    ...(request.body === undefined ? {} : { body: request.body }),
  });
}

/** The arguments that a refusal names, each with those that it is within: `body.a` is about `body` too. */
export function argumentsIn(error: unknown): string[] {
  if (!(error instanceof AtlasRequestError)) return [];
  return error.violations.flatMap(({ argument }) => {
    const names = argument.split(".");
    return names.map((_, index) => names.slice(0, index + 1).join("."));
  });
}

/** The `Authorization` of a request that is sent past the client, written without the client's own code. */
import { type Mock, mockCredentials } from "../mock/start-mock.js";
import { nonceOf, sign } from "../mock/testing/requests.js";
import type { WireRequest } from "./wire.js";

/** @param kind - The credentials, by the name of their secret half. */
export async function authorizationFor(mock: Mock, { method, target }: WireRequest, kind: string): Promise<string> {
  if (kind !== "privateKey") return `Bearer ${mockCredentials.accessToken}`;
  const challenged = await fetch(mock.url + target, { method });
  await challenged.arrayBuffer();
  return sign({ nonce: nonceOf(challenged.headers.get("www-authenticate") ?? undefined), method, uri: target });
}

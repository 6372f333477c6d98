/** The `Authorization` of a request that is sent past the client, written without the client's own code. */
import { createHash } from "node:crypto";
import { type Mock, mockCredentials } from "../mock/start-mock.js";
import type { WireRequest } from "./wire.js";

/** @param kind - The credentials, by the name of their secret half. */
export async function authorizationFor(mock: Mock, { method, target }: WireRequest, kind: string): Promise<string> {
  if (kind !== "privateKey") return `Bearer ${mockCredentials.accessToken}`;
  const challenged = await fetch(mock.url + target, { method });
  const challenge = challenged.headers.get("www-authenticate") ?? "";
  await challenged.arrayBuffer();
  return digestAuthorization(challenge, method, target);
}

/** RFC 7616, section 3.4, as far as Atlas's challenge asks for it: MD5 with `qop=auth`. */
function digestAuthorization(challenge: string, method: string, target: string): string {
  const { publicKey, privateKey } = mockCredentials;
  const realm = /realm="([^"]*)"/.exec(challenge)?.[1] ?? "";
  const nonce = /nonce="([^"]*)"/.exec(challenge)?.[1] ?? "";
  const cnonce = "0123456789abcdef";
  const secret = md5(`${publicKey}:${realm}:${privateKey}`);
  const response = md5(`${secret}:${nonce}:00000001:${cnonce}:auth:${md5(`${method}:${target}`)}`);
  const identity = `username="${publicKey}", realm="${realm}", nonce="${nonce}", uri="${target}"`;
  return `Digest ${identity}, qop=auth, nc=00000001, cnonce="${cnonce}", response="${response}"`;
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

/**
 * The steps in which the server of the tests decides, each by the contract.
 */
import { createHash, randomBytes } from "node:crypto";
import { account, apiError, type Plain, type Received, type Rules, VERSIONS } from "./rules.js";

export function authenticate(request: Received, rules: Rules): Plain | undefined {
  const authorization = request.headers.authorization ?? "";
  const bearer = /^Bearer (\S+)$/.exec(authorization)?.[1];
  if (bearer !== undefined && rules.tokens.has(bearer)) return undefined;
  if (authorization.startsWith("Digest ") && isSigned(authorization, request, rules)) return undefined;
  const nonce = randomBytes(16).toString("hex");
  rules.nonces.add(nonce);
  const refused = apiError(401, "UNAUTHORIZED", "You are not signed in.");
  refused.headers["www-authenticate"] =
    `Digest realm="MMS Public API", domain="", nonce="${nonce}", algorithm=MD5, qop="auth", stale=false`;
  return refused;
}

function isSigned(authorization: string, { method, target }: Received, { nonces }: Rules): boolean {
  const part = (name: string): string =>
    new RegExp(`\\b${name}=(?:"([^"]*)"|([^\\s,]*))`).exec(authorization)?.slice(1).find(Boolean) ?? "";
  const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
  const secret = md5(`${account.publicKey}:MMS Public API:${account.privateKey}`);
  const covered = md5(`${method}:${target}`);
  const expected = md5(`${secret}:${part("nonce")}:${part("nc")}:${part("cnonce")}:auth:${covered}`);
  return nonces.has(part("nonce")) && part("username") === account.publicKey && part("response") === expected;
}

export function route({ method, operation }: Received): Plain | undefined {
  if (operation === undefined) return apiError(404, "NOT_FOUND", "Nothing is here.");
  const allowed = operation === "create" ? "POST" : "DELETE";
  return method === allowed ? undefined : apiError(405, "METHOD_NOT_ALLOWED", `Only ${allowed} is served here.`);
}

export function negotiate({ headers }: Received): Plain | undefined {
  return VERSIONS.includes(headers.accept ?? "") ? undefined : apiError(406, "NOT_ACCEPTABLE", "No such version.");
}

export function readType({ operation, headers }: Received): Plain | undefined {
  const type = headers["content-type"]?.split(";")[0] ?? "";
  if (operation !== "create" || ["application/json", VERSIONS[0]].includes(type)) return undefined;
  return apiError(415, "UNSUPPORTED_MEDIA_TYPE", "The body has to be JSON.");
}

export function readJson({ operation, text }: Received): Plain | undefined {
  if (operation !== "create") return undefined;
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return apiError(400, "MALFORMED_JSON", "The body is not JSON.");
  }
}

const invalid = (detail: string): Plain => apiError(400, "VALIDATION_ERROR", detail);

export function checkPath({ ids }: Received): Plain | undefined {
  for (const [name, value] of Object.entries(ids)) {
    if (value === "") continue;
    const pattern = name === "clientId" ? /^mdb_sa_id_[a-fA-F\d]{24}$/ : /^[a-f0-9]{24}$/;
    if (!pattern.test(value)) return invalid(`${name} is malformed.`);
  }
  return undefined;
}

export function checkQuery({ query }: Received): Plain | undefined {
  for (const name of ["envelope", "pretty"]) {
    const value = query.get(name);
    if (value !== null && value !== "true" && value !== "false") return invalid(`${name} has to be true or false.`);
  }
  return undefined;
}

export function checkBody({ operation, text }: Received): Plain | undefined {
  if (operation !== "create") return undefined;
  const hours = hoursIn(text);
  const fits = typeof hours === "number" && Number.isInteger(hours) && hours > 0 && hours < 2 ** 31;
  return fits ? undefined : invalid("secretExpiresAfterHours has to be a whole number above 0.");
}

/** What a body asks for, whatever it is. */
export function hoursIn(text: string): unknown {
  const body: unknown = JSON.parse(text);
  const holds = typeof body === "object" && body !== null && "secretExpiresAfterHours" in body;
  return holds && !Array.isArray(body) ? body.secretExpiresAfterHours : undefined;
}

export function find({ operation, ids }: Received, { secrets }: Rules): Plain | undefined {
  const { groupId = account.groupId, orgId = account.orgId, clientId, secretId = "" } = ids;
  const known = groupId === account.groupId && orgId === account.orgId && clientId === account.clientId;
  if (known && (operation === "create" || secrets.has(secretId))) return undefined;
  return apiError(404, "RESOURCE_NOT_FOUND", "There is no such thing.");
}

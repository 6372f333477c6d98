/** Who may call an operation, in the words of the client: which kinds of credentials satisfy its security schemes. */
import type { Contract, Operation } from "../contract/contract.js";
import { objectOf } from "../contract/json.js";

/** The kinds of credentials with which the client can satisfy a security scheme; none for one that it does not know. */
export function credentialsFor(scheme: unknown): readonly string[] {
  const { type, scheme: httpScheme, flows } = objectOf(scheme);
  if (type === "oauth2")
    return "clientCredentials" in objectOf(flows) ? ["accessToken", "clientSecret"] : ["accessToken"];
  if (type === "http" && httpScheme === "bearer") return ["accessToken"];
  if (type === "http" && httpScheme === "digest") return ["privateKey"];
  return [];
}

/** The kinds of credentials with which an operation can be called. */
export function credentialsOf(contract: Contract, operation: Operation): readonly string[] {
  const alone = operation.security.flatMap((schemes) => (schemes.length === 1 ? schemes : []));
  return [...new Set(alone.flatMap((scheme) => credentialsFor(contract.securitySchemes[scheme])))];
}

export function letsEverybodyIn(operation: Operation): boolean {
  return operation.security.length === 0 || operation.security.some((schemes) => schemes.length === 0);
}

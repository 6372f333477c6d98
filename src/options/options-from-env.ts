/** Credentials and base URL from the environment variables that the Atlas CLI, Terraform and MongoDB's SDKs read. */
import { type Credentials, credentialTexts, readCredentials } from "../auth/credentials.js";
import { AtlasRequestError, type RequestViolation } from "../errors.js";
import { concealed, createRedactor } from "../safe/redaction.js";
import { checkBaseUrl } from "./client-options.js";
import { defined } from "./read-options.js";

const VARIABLES = {
  clientId: "MONGODB_ATLAS_CLIENT_ID",
  clientSecret: "MONGODB_ATLAS_CLIENT_SECRET",
  publicKey: "MONGODB_ATLAS_PUBLIC_API_KEY",
  privateKey: "MONGODB_ATLAS_PRIVATE_API_KEY",
  accessToken: "MONGODB_ATLAS_ACCESS_TOKEN",
} as const;
const BASE_URL_VARIABLE = "MONGODB_ATLAS_BASE_URL";

/** For `createAtlasClient`. */
export interface OptionsFromEnv {
  readonly credentials: Credentials;
  /** If `MONGODB_ATLAS_BASE_URL` is set. */
  readonly baseUrl?: string;
}

/**
 * Reads `MONGODB_ATLAS_CLIENT_ID` and `MONGODB_ATLAS_CLIENT_SECRET`, or `MONGODB_ATLAS_PUBLIC_API_KEY` and
 * `MONGODB_ATLAS_PRIVATE_API_KEY`, or `MONGODB_ATLAS_ACCESS_TOKEN`; and `MONGODB_ATLAS_BASE_URL`. An empty variable counts
 * as not set. The credentials can be used, but neither printed nor serialized.
 *
 * @throws AtlasRequestError naming the variables, never their values: none set, two kinds at once, half a pair
 * @example
 * const atlas = createAtlasClient(optionsFromEnv());
 * @see https://www.mongodb.com/docs/atlas/cli/current/atlas-cli-env-variables/
 */
export function optionsFromEnv(env: Readonly<Record<string, string | undefined>> = process.env): OptionsFromEnv {
  const violations: RequestViolation[] = [];
  const read = (variable: string) => (env[variable] === "" ? undefined : env[variable]);
  const given = Object.fromEntries(Object.entries(VARIABLES).map(([name, variable]) => [name, read(variable)]));
  const { protect, redact } = createRedactor();
  for (const credential of credentialTexts(given)) protect(credential);
  let credentials: Credentials | undefined;
  if (Object.keys(defined(given)).length === 0) {
    const { clientId, clientSecret, publicKey, privateKey, accessToken } = VARIABLES;
    const expected = `${clientId} and ${clientSecret}, ${publicKey} and ${privateKey}, or ${accessToken}`;
    violations.push({ argument: "credentials", expected, received: "none of these variables" });
  } else {
    credentials = readCredentials(given, violations, (name) => VARIABLES[name]);
  }
  const baseUrl = read(BASE_URL_VARIABLE);
  if (baseUrl !== undefined) checkBaseUrl(baseUrl, violations, BASE_URL_VARIABLE, redact);
  if (credentials === undefined || violations.length > 0) {
    throw new AtlasRequestError("Cannot read credentials from the environment", violations);
  }
  const names = Object.keys(credentials);
  const inspect = () => `{ ${names.map((name) => `${name}: [concealed]`).join(", ")} }`;
  // Inspection shows that they are there, and JSON their names.
  const shown = {
    toJSON: () => Object.fromEntries(names.map((name) => [name, "[concealed]"])),
    [Symbol.for("nodejs.util.inspect.custom")]: inspect,
    [Symbol.for("Deno.customInspect")]: inspect,
  };
  return { credentials: concealed<Credentials>(credentials, names, shown), ...defined({ baseUrl }) };
}

/**
 * Puts the kind of credentials that a client has into the layer that signs its requests.
 */
import { AtlasRequestError } from "../errors.js";
import type { Redactor } from "../safe/redaction.js";
import type { Send, Stage } from "../transport/pipeline.js";
import { accessTokenSource, bearerAuthentication } from "./bearer-authentication.js";
import type { SignInMethod } from "./credentials.js";
import { serviceAccountTokens } from "./service-account-tokens.js";
import { authErrorOf, type TokenEndpoint } from "./token-endpoint.js";

export interface SignIn {
  readonly stage: Stage;
  /** The service account that signs in; undefined for the other kinds. */
  readonly clientId: string | undefined;
  /** @throws AtlasRequestError if the client does not sign in as a service account */
  updateClientSecret(secret: string): void;
  /** @throws AtlasAuthError if the token cannot be revoked */
  end(): Promise<void>;
}

export function createSignIn(method: SignInMethod, endpoint: TokenEndpoint, redactor: Redactor): SignIn {
  switch (method.kind) {
    case "service-account": {
      redactor.protect(method.clientSecret);
      const tokens = serviceAccountTokens(method, endpoint);
      return {
        stage: bearerAuthentication(tokens),
        clientId: method.clientId,
        updateClientSecret(secret) {
          redactor.protect(secret);
          tokens.updateClientSecret(secret);
        },
        end: () => reportingRevocation(tokens.end()),
      };
    }
    case "api-key":
      redactor.protect(method.privateKey);
      return {
        // HTTP Digest and its hashing are loaded by the first call of a client that needs them.
        stage: loaded(async () => (await import("./digest/digest-authentication.js")).digestAuthentication(method)),
        ...WITHOUT_TOKEN,
      };
    case "access-token":
      return { stage: bearerAuthentication(accessTokenSource(method.accessToken, redactor)), ...WITHOUT_TOKEN };
  }
}

function loaded(load: () => Promise<Stage>): Stage {
  return (next) => {
    let loading: Promise<Send> | undefined;
    return async (request) => {
      loading ??= load().then((stage) => stage(next));
      const send = await loading;
      return send(request);
    };
  };
}

const WITHOUT_TOKEN = {
  clientId: undefined,
  updateClientSecret() {
    throw new AtlasRequestError("updateClientSecret is for a client that signs in as a service account");
  },
  async end() {
    // Nothing was issued to this client, so there is nothing to take back.
  },
} as const;

async function reportingRevocation(revocation: Promise<void>): Promise<void> {
  try {
    await revocation;
  } catch (error) {
    throw authErrorOf(error, "Could not revoke the access token", { outcome: "unknown" });
  }
}

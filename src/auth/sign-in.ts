/**
 * Puts the kind of credentials that a client has into the layer that signs its requests.
 */
import { load } from "../load.js";
import type { Redactor } from "../safe/redaction.js";
import type { Send, Stage } from "../transport/pipeline.js";
import { accessTokenSource, bearerAuthentication } from "./bearer-authentication.js";
import type { ApiKey, SignInMethod } from "./credentials.js";
import { serviceAccountTokens } from "./service-account-tokens.js";
import { authErrorOf, type TokenEndpoint } from "./token-endpoint.js";

export interface SignIn {
  readonly stage: Stage;
  /** Only of a service account. */
  updateClientSecret?(secret: string): void;
  /**
   * Only of a service account: to the others nothing was issued that could be taken back.
   *
   * @throws AtlasAuthError if the token cannot be revoked
   */
  end?(): Promise<void>;
}

export function createSignIn(method: SignInMethod, endpoint: TokenEndpoint, redactor: Redactor): SignIn {
  switch (method.kind) {
    case "service-account": {
      const tokens = serviceAccountTokens(method, endpoint);
      return {
        stage: bearerAuthentication(tokens),
        updateClientSecret: tokens.updateClientSecret,
        end: () => reportingRevocation(tokens.end()),
      };
    }
    case "api-key":
      return { stage: digestOnceLoaded(method) };
    case "access-token":
      return { stage: bearerAuthentication(accessTokenSource(method.accessToken, redactor)) };
  }
}

/** HTTP Digest and its hashing are loaded by the first call of a client that needs them. */
function digestOnceLoaded(key: ApiKey): Stage {
  return (next) => {
    let send: Send | undefined;
    return async (request) => {
      if (send === undefined) {
        const { digestAuthentication } = await load(() => import("./digest/digest-authentication.js"));
        // One for all calls, also for those that have waited for it together: they share the server's nonce.
        send ??= digestAuthentication(key)(next);
      }
      return send(request);
    };
  };
}

async function reportingRevocation(revocation: Promise<void>): Promise<void> {
  try {
    await revocation;
  } catch (error) {
    throw authErrorOf(error, "Could not revoke the access token", { outcome: "unknown" });
  }
}

/**
 * The credentials that the mock accepts. They are fixed, public and obviously fake, so that a line from the README works
 * as it stands.
 */
export const mockCredentials = {
  /** A ready access token. No endpoint issued it: it never expires and cannot be revoked. */
  accessToken: "mock-access-token",
  /** Client id of the service account. */
  clientId: "mdb_sa_id_0123456789abcdef01234567",
  /** Secret of the service account. */
  clientSecret: "mdb_sa_sk_mock_client_secret_not_real",
  /** Id of the secret that an account has when a request names it for the first time: that of the documentation's example. */
  firstSecretId: "32b6e34b3d91647abb20e7b8",
  /** Without state, what every creation shows: the documentation's example. Without state it signs in as well. */
  createdSecret: "mdb_sa_sk_...",
  /** The service account of the contract's examples. */
  exampleClientId: "mdb_sa_id_65a1b2c3d4e5f60718293a4b",
  /** Public half of the API key: the user name in HTTP Digest. */
  publicKey: "mockpubk",
  /** Private half of the API key: the password in HTTP Digest. */
  privateKey: "00000000-mock-fake-0000-000000000000",
} as const;

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
  /** What every creation answers, as the documentation's example has it; it signs in as well, so that a rotation can be tried. */
  createdSecret: "mdb_sa_sk_...",
  /** The service account of the contract's examples, which the created secret signs in. */
  exampleClientId: "mdb_sa_id_65a1b2c3d4e5f60718293a4b",
  /** Public half of the API key: the user name in HTTP Digest. */
  publicKey: "mockpubk",
  /** Private half of the API key: the password in HTTP Digest. */
  privateKey: "00000000-mock-fake-0000-000000000000",
} as const;

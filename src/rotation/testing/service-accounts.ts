/**
 * For tests: service accounts with at most two secrets each, and the tokens that live as long as their secret.
 */
import { randomBytes, randomUUID } from "node:crypto";

export interface StoredSecret {
  readonly id: string;
  readonly value: string;
  readonly createdAt: string;
  /** Shortened to seven days when another secret is created. */
  expiresAt: string;
}

const HOUR_MS = 60 * 60 * 1000;
const MOST_SECRETS = 2;
const SHORTENED_LIFE_HOURS = 7 * 24;

export class ServiceAccounts {
  readonly #secrets = new Map<string, readonly StoredSecret[]>();
  /** The secret that each token was given for. */
  readonly #tokens = new Map<string, StoredSecret>();

  has(clientId: string): boolean {
    return this.#secrets.has(clientId.toLowerCase());
  }

  /** The secrets that live, the oldest first. */
  secretsOf(clientId: string): readonly StoredSecret[] {
    return this.#secrets.get(clientId.toLowerCase()) ?? [];
  }

  isFull(clientId: string): boolean {
    return this.secretsOf(clientId).length >= MOST_SECRETS;
  }

  addSecret(clientId: string, hours: number, value = `mdb_sa_sk_fake-${randomUUID()}`): StoredSecret {
    const after = (lifeHours: number) => new Date(Date.now() + lifeHours * HOUR_MS).toISOString();
    const secret = { id: randomBytes(12).toString("hex"), value, createdAt: after(0), expiresAt: after(hours) };
    const shortened = after(SHORTENED_LIFE_HOURS);
    for (const older of this.secretsOf(clientId)) if (older.expiresAt > shortened) older.expiresAt = shortened;
    this.#secrets.set(clientId.toLowerCase(), [...this.secretsOf(clientId), secret]);
    return secret;
  }

  /** Answers whether there was such a secret. */
  deleteSecret(clientId: string, secretId: string | undefined): boolean {
    const left = this.secretsOf(clientId).filter(({ id }) => id !== secretId);
    const found = left.length < this.secretsOf(clientId).length;
    if (found) this.#secrets.set(clientId.toLowerCase(), left);
    return found;
  }

  issueToken(secret: StoredSecret): string {
    const token = `fake-token-${randomUUID()}`;
    this.#tokens.set(token, secret);
    return token;
  }

  /** The secret that a token was given for, or whose value is given with its account, while it lives. */
  signerBy({
    token,
    clientId,
    value,
  }: {
    token?: string;
    clientId?: string;
    value?: string;
  }): StoredSecret | undefined {
    const signer = token === undefined ? undefined : this.#tokens.get(token);
    if (signer !== undefined) return [...this.#secrets.values()].flat().find((secret) => secret === signer);
    return this.secretsOf(clientId ?? "").find((secret) => secret.value === value);
  }
}

/**
 * The service accounts: the secrets that each has, two at most, and the tokens that were issued for them.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { type BasicCredentials, expiringMap, isSameHalf } from "./credentials.js";

export interface StoredSecret {
  /** 24 hexadecimal digits. */
  readonly id: string;
  readonly value: string;
  readonly createdAt: string;
  /** Seven days ahead at most once another secret is created. */
  expiresAt: string;
  /** When a token was last asked for with it. */
  lastUsedAt: string | undefined;
}

export interface ServiceAccount {
  readonly clientId: string;
  readonly orgId: string | undefined;
  readonly groupIds: readonly string[];
}

/** A secret that an account has from the start. */
export interface SecretOptions {
  /** Default: a random one. */
  readonly id?: string;
  /** Default: a random value that begins with `mdb_sa_sk_fake-`. */
  readonly value?: string;
  /** Default: a year. */
  readonly expiresAfterHours?: number;
}

/** An account that is there from the start. */
export interface AccountOptions {
  readonly clientId: string;
  /** Default: {@link ORG_ID}. */
  readonly orgId?: string;
  /** Default: {@link GROUP_ID} alone. */
  readonly groupIds?: readonly string[];
  /** Whether it belongs to the organization and to the project that name it first, instead. Default: false. @internal */
  readonly unassigned?: boolean;
  /** Whether it makes room for others if there are very many. Default: false. @internal */
  readonly adopted?: boolean;
  /** Default: one with a random value. */
  readonly secrets?: readonly SecretOptions[];
}

export interface ServiceAccountsOptions {
  /** The time, in milliseconds since 1970. */
  readonly clock: () => number;
  /** How long an access token works, in seconds. Default 3600, as Atlas's. */
  readonly tokenLifetimeSeconds?: number | undefined;
  /** How many secrets an account holds. Default 2, as in Atlas. */
  readonly mostSecrets?: number | undefined;
  /** What an account is like that nobody added, when a request names it. Default: it is not there. */
  readonly adopt?: ((clientId: string) => AccountOptions) | undefined;
}

/** Who has signed in. */
interface SignedIn {
  readonly secret: StoredSecret;
  readonly account: ServiceAccount;
}

/** Who has signed in, or why nobody has. */
export type SignIn = SignedIn | { readonly refusal: string };

/** The organization and the project of an account for which none are named. */
export const ORG_ID = "4e1b0a9f8d7c6b5a49382716";
export const GROUP_ID = "5f0c1a2b3c4d5e6f70819203";

/** How many accounts are kept; adopted ones make room for others, the oldest first. */
const CAPACITY = 10_000;
const HOUR_MS = 60 * 60 * 1000;
const YEAR_HOURS = 365 * 24;
/** RFC 3339 has four digits for the year. */
const LATEST_MS = Date.parse("9999-12-31T23:59:59Z");
/** See https://www.mongodb.com/docs/atlas/tutorial/rotate-service-account-secrets/ */
const SHORTENED_LIFE_HOURS = 7 * 24;

interface Entry {
  readonly account: { -readonly [Name in keyof ServiceAccount]: ServiceAccount[Name] };
  readonly unassigned: boolean | undefined;
  readonly adopted: boolean | undefined;
  secrets: readonly StoredSecret[];
}

export class ServiceAccounts {
  /** How long an access token works. @internal */
  readonly tokenLifetimeSeconds: number;
  readonly #clock: () => number;
  readonly #mostSecrets: number;
  readonly #adopt: ((clientId: string) => AccountOptions) | undefined;
  readonly #entries = new Map<string, Entry>();
  /** What each token was issued for. */
  readonly #tokens;

  /** @internal */
  constructor({ clock, tokenLifetimeSeconds = 3600, mostSecrets = 2, adopt }: ServiceAccountsOptions) {
    this.#clock = clock;
    this.#adopt = adopt;
    this.#mostSecrets = mostSecrets;
    this.tokenLifetimeSeconds = tokenLifetimeSeconds;
    this.#tokens = expiringMap<SignedIn>(tokenLifetimeSeconds * 1000, clock);
  }

  /** Adds an account, in place of one of the same id, and returns its secrets. */
  add(options: AccountOptions): readonly StoredSecret[] {
    // Not in the parameter: the declarations would name what is internal.
    const { clientId, secrets = [{}], unassigned, adopted, ...place } = options;
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size < CAPACITY) break;
      if (entry.adopted) this.#entries.delete(key);
    }
    this.#entries.delete(keyOf(clientId));
    const { orgId = unassigned ? undefined : ORG_ID, groupIds = unassigned ? [] : [GROUP_ID] } = place;
    this.#entries.set(keyOf(clientId), { account: { clientId, orgId, groupIds }, unassigned, adopted, secrets: [] });
    for (const { expiresAfterHours = YEAR_HOURS, ...secret } of secrets) {
      this.addSecret(clientId, expiresAfterHours, secret);
    }
    return this.secretsOf(clientId);
  }

  /**
   * Whether an account belongs to the project or the organization; one that is adopted or unassigned does from now on.
   *
   * @internal
   */
  isIn(clientId: string, { groupId, orgId }: { readonly groupId?: string; readonly orgId?: string }): boolean {
    if (this.#adopt && !this.#entryOf(clientId)) this.add({ ...this.#adopt(clientId), adopted: true });
    const { account, unassigned } = this.#entryOf(clientId) ?? {};
    if (!account) return false;
    if (groupId !== undefined) {
      if (unassigned && account.groupIds.length === 0) account.groupIds = [groupId];
      return account.groupIds.includes(groupId);
    }
    account.orgId ??= orgId;
    return account.orgId === orgId;
  }

  get(clientId: string): ServiceAccount | undefined {
    return this.#entryOf(clientId)?.account;
  }

  /** All accounts, in the order in which they were added. @internal */
  all(): readonly ServiceAccount[] {
    return [...this.#entries.values()].map(({ account }) => account);
  }

  /** The secrets of an account that are neither deleted nor expired, the oldest first. */
  secretsOf(clientId: string): readonly StoredSecret[] {
    return this.#entryOf(clientId)?.secrets.filter((secret) => this.#isLive(secret)) ?? [];
  }

  /** Whether an account holds as many secrets as it may. @internal */
  isFull(clientId: string): boolean {
    return this.secretsOf(clientId).length >= this.#mostSecrets;
  }

  /** Adds a secret, full or not, and shortens the lives of the others. */
  addSecret(clientId: string, hours: number, { id, value }: Pick<SecretOptions, "id" | "value"> = {}): StoredSecret {
    const entry = this.#entryOf(clientId);
    if (!entry) throw new Error(`There is no service account ${clientId}`);
    const after = (lifeHours: number) =>
      new Date(Math.min(this.#clock() + lifeHours * HOUR_MS, LATEST_MS)).toISOString();
    const secret: StoredSecret = {
      id: id ?? randomBytes(12).toString("hex"),
      value: value ?? `mdb_sa_sk_fake-${randomUUID()}`,
      createdAt: after(0),
      expiresAt: after(hours),
      lastUsedAt: undefined,
    };
    const shortened = after(SHORTENED_LIFE_HOURS);
    const others = this.secretsOf(clientId);
    for (const other of others) if (other.expiresAt > shortened) other.expiresAt = shortened;
    entry.secrets = [...others, secret];
    return secret;
  }

  /** Ends a secret and its tokens; returns whether there was such a secret. */
  deleteSecret(clientId: string, secretId: string | undefined): boolean {
    const secrets = this.secretsOf(clientId);
    const left = secrets.filter(({ id }) => id !== secretId);
    const isThere = left.length < secrets.length;
    const entry = this.#entryOf(clientId);
    // If not, what has expired stays: whoever signs in with it is told so.
    if (entry && isThere) entry.secrets = left;
    return isThere;
  }

  /** Who signs in with an id and a secret. @internal */
  signIn({ clientId, clientSecret }: BasicCredentials): SignIn {
    const entry = this.#entryOf(clientId);
    if (!entry) return { refusal: "There is no service account with this client id." };
    const secret = entry.secrets.find(({ value }) => isSameHalf(clientSecret, value));
    if (!secret) return { refusal: "The service account has no such secret." };
    if (!this.#isLive(secret)) return { refusal: `The secret expired at ${secret.expiresAt}.` };
    return { secret, account: entry.account };
  }

  /** Issues a token, which ends after its lifetime or with its secret. @internal */
  issueToken(signedIn: SignedIn): string {
    const token = `fake-token-${randomBytes(24).toString("base64url")}`;
    this.#tokens.add(token, signedIn);
    signedIn.secret.lastUsedAt = new Date(this.#clock()).toISOString();
    return token;
  }

  /** Ends a token at once; one that was not issued is ignored, as RFC 7009 wants it. @internal */
  revoke(token: string): void {
    this.#tokens.delete(token);
  }

  /** Whose token this is. @internal */
  holderOf(token: string): SignIn {
    const issued = this.#tokens.get(token);
    if (!issued) return { refusal: "The token is unknown, expired or revoked." };
    const { account, secret } = issued;
    const secrets = this.#entryOf(account.clientId)?.secrets;
    if (!secrets?.includes(secret)) return { refusal: "The token's secret was deleted." };
    if (!this.#isLive(secret)) return { refusal: "The token's secret has expired." };
    return issued;
  }

  #entryOf(clientId: string): Entry | undefined {
    return this.#entries.get(keyOf(clientId));
  }

  #isLive({ expiresAt }: StoredSecret): boolean {
    return Date.parse(expiresAt) > this.#clock();
  }
}

/** The id of a project, an organization or a secret. */
export function isId(text: string): boolean {
  return /^[a-f0-9]{24}$/.test(text);
}

export function isClientId(text: string): boolean {
  return /^mdb_sa_id_[a-fA-F0-9]{24}$/.test(text);
}

/** The contract lets the digits be written in capitals, and nothing else. */
function keyOf(clientId: string): string {
  return isClientId(clientId) ? clientId.toLowerCase() : clientId;
}

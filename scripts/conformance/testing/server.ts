/**
 * The fake Atlas as a server to be checked: it does what the contract says, and a test plants one fault in it.
 */
import type { ServerResponse } from "node:http";
import type { AtlasState } from "../../../src/testing/atlas/authenticate.js";
import { type AtlasResponse, contentHeaders } from "../../../src/testing/atlas/http.js";
import type { AtlasRequest } from "../../../src/testing/atlas/request.js";
import { type FakeAtlas, startAtlas } from "../../../src/testing/atlas/start-atlas.js";
import { hoursIn, type Step, type Steps } from "../../../src/testing/atlas/steps.js";

export const account = {
  accessToken: "test-access-token-not-real",
  adminId: "mdb_sa_id_ffffffffffffffffffffffff",
  adminSecret: "mdb_sa_sk_test_admin_secret_not_real",
  publicKey: "testpubk",
  privateKey: "test-private-key-not-real",
  groupId: "5f0c1a2b3c4d5e6f70819203",
  orgId: "4e1b0a9f8d7c6b5a49382716",
  clientId: "mdb_sa_id_65a1b2c3d4e5f60718293a4b",
} as const;

/** What happens instead of a response; `raw` is written to the connection as it is. */
export type Disruption = "hang" | "reset" | "cut off" | { readonly raw: string | Buffer };

/** What a fault may change. */
export interface Rules {
  /** In the order in which they are taken; the first response stands. */
  readonly steps: Steps;
  /** The last word on every response but those of the token endpoint. */
  finish(response: AtlasResponse, request: AtlasRequest): AtlasResponse | Disruption;
  /** Writes what comes before every response. */
  interim?: (outgoing: ServerResponse) => void;
}

/** Plants one fault. */
export type Plant = (rules: Rules) => void;

/** A running server. */
export interface TestServer extends Pick<FakeAtlas, "url" | "requests" | "close"> {
  /** Ids of the account's secrets. */
  ids(): string[];
  /** How many secrets were created, and how many there were at once at most. */
  readonly counts: { created: number; most: number };
}

/**
 * Starts a server whose account under test has no secret yet.
 *
 * @param prefix - Path under which it serves everything.
 */
export async function startServer(plant: Plant = () => undefined, prefix = ""): Promise<TestServer> {
  const { accessToken, adminId, adminSecret, publicKey, privateKey, groupId, orgId, clientId } = account;
  const counts = { created: 0, most: 0 };
  let rules: Rules | undefined;
  const atlas = await startAtlas({
    prefix,
    accessTokens: [accessToken],
    apiKeys: [{ publicKey, privateKey }],
    accounts: [
      { clientId: adminId, secrets: [{ value: adminSecret }] },
      { clientId, orgId, groupIds: [groupId], secrets: [] },
    ],
    // Never empty; it is there for its headers.
    rateLimit: { capacity: 100_000, periodSeconds: 60 },
    steps(steps) {
      const { create } = steps;
      steps.create = (request, state) => {
        const before = state.accounts.secretsOf(clientId).length;
        const response = create(request, state);
        const after = state.accounts.secretsOf(clientId).length;
        counts.created += Math.max(0, after - before);
        counts.most = Math.max(counts.most, after);
        return response;
      };
      rules = { steps, finish: (response) => response };
      plant(rules);
    },
    faults: (request) => ({
      applied: true,
      ends(ordinary, outgoing) {
        if (request.kind === "token" || request.kind === "revoke" || rules === undefined) return ordinary;
        rules.interim?.(outgoing);
        const response = rules.finish({ ...ordinary, headers: contentHeaders(ordinary) }, request);
        return typeof response === "object" && "status" in response ? response : disrupt(outgoing, response);
      },
    }),
  });
  return {
    url: atlas.url,
    requests: atlas.requests,
    close: () => atlas.close(),
    ids: () => atlas.accounts.secretsOf(clientId).map(({ id }) => id),
    counts,
  };
}

function disrupt(outgoing: ServerResponse, disruption: Disruption): undefined {
  if (disruption === "hang") return;
  if (disruption === "reset") outgoing.socket?.resetAndDestroy();
  else if (disruption === "cut off") {
    outgoing.writeHead(201, { "content-length": "500", "content-type": "application/vnd.atlas.2024-08-05+json" });
    outgoing.write('{"id":', () => outgoing.socket?.destroy());
  } else outgoing.socket?.end(disruption.raw);
}

type Change = (response: AtlasResponse) => AtlasResponse;
type Condition = (response: AtlasResponse, request: AtlasRequest) => boolean;

/** Changes every response to which the condition applies. */
export function responses(condition: Condition, change: Change): Plant {
  return (rules) => {
    rules.finish = (response, request) => (condition(response, request) ? change(response) : response);
  };
}

/** Gives another response, or none, if the condition applies. */
export function instead(condition: Condition, other: AtlasResponse | Disruption): Plant {
  return (rules) => {
    rules.finish = (response, request) => (condition(response, request) ? other : response);
  };
}

export const created: Condition = ({ status }) => status === 201;
export const deleted: Condition = ({ status }) => status === 204;
export const hasStatus =
  (status: number): Condition =>
  (response) =>
    response.status === status;

/** Another status, which an error repeats in its body. */
export const status =
  (status: number): Change =>
  (response) => {
    const { body } = response;
    const isError = typeof body === "object" && body !== null && "error" in body;
    return { ...response, status, ...(isError ? { body: { ...body, error: status } } : {}) };
  };

/** Sets a header; `undefined` takes it away. */
export const header =
  (name: string, value: string | undefined): Change =>
  (response) => {
    const all = Object.entries({ ...response.headers, [name]: value });
    return {
      ...response,
      headers: Object.fromEntries(all.flatMap(([key, text]) => (text === undefined ? [] : [[key, text]]))),
    };
  };

export const body =
  (body: unknown): Change =>
  (response) => ({ ...response, body });

/** Adds members to a body, or takes those out that are `undefined`. */
export const members =
  (change: Readonly<Record<string, unknown>>): Change =>
  (response) => {
    const all = { ...Object.fromEntries(Object.entries(response.body ?? {})), ...change };
    return { ...response, body: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) };
  };

/** Changes what the response to a creation says of the secret. */
export function createdSecret(change: Readonly<Record<string, unknown>>): Plant {
  return responses(created, members(change));
}

/** Leaves a step out, for the requests to which the condition applies. */
export function skips(step: keyof Steps, condition: (request: AtlasRequest) => boolean = () => true): Plant {
  return around(step, (request, state, original) => (condition(request) ? undefined : original(request, state)));
}

/** Gives a response of its own at a step, if it has one. */
export function atStep(step: keyof Steps, respond: Step): Plant {
  return around(step, (request, state, original) => respond(request, state) ?? original(request, state));
}

/** Puts something in place of a step, which it may take. */
export function around(
  step: keyof Steps,
  how: (request: AtlasRequest, state: AtlasState, original: Step) => AtlasResponse | undefined,
): Plant {
  return ({ steps }) => {
    const original = steps[step];
    steps[step] = (request, state) => how(request, state, original);
  };
}

/** Takes these steps before all others, or after all others but the ones named last. */
export function reorder(steps: Steps, order: (names: readonly (keyof Steps)[]) => readonly (keyof Steps)[]): void {
  // Their names are the keys of the object, in the order in which they are taken.
  const names = order(Object.keys(steps) as (keyof Steps)[]);
  const entries = names.map((name) => [name, steps[name]] as const);
  for (const name of names) Reflect.deleteProperty(steps, name);
  Object.assign(steps, Object.fromEntries(entries));
}

/** Treats requests as if they were others. */
export function asIf(change: (request: AtlasRequest) => AtlasRequest): Plant {
  return ({ steps }) => {
    for (const [name, step] of Object.entries<Step>({ ...steps })) {
      Object.assign(steps, { [name]: (request: AtlasRequest, state: AtlasState) => step(change(request), state) });
    }
  };
}

/** Takes a body that should be refused for one that asks for eight hours. */
export function accepts(condition: (request: AtlasRequest) => boolean): Plant {
  return asIf((request) => (condition(request) ? { ...request, body: '{"secretExpiresAfterHours":8}' } : request));
}

/** Several of them, which together are one fault. */
export function all(...plants: readonly Plant[]): Plant {
  return (rules: Rules) => {
    for (const plant of plants) plant(rules);
  };
}

export const onCreate = ({ kind }: AtlasRequest): boolean => kind === "create";
export const onDelete = ({ kind }: AtlasRequest): boolean => kind === "delete";

/** A condition on the `Authorization` of a request. */
export function authorization(pattern: RegExp): (request: AtlasRequest) => boolean {
  return ({ headers }) => pattern.test(headers.authorization ?? "");
}

/** A condition on the hours that a creation asks for. */
export function hours(predicate: (hours: unknown) => boolean): (request: AtlasRequest) => boolean {
  return (request) => onCreate(request) && predicate(hoursIn(request.body));
}

/**
 * Ways to plant a fault in a server that does everything right.
 */

import type { AtlasState } from "../../../src/testing/atlas/authenticate.js";
import type { AtlasRequest } from "../../../src/testing/atlas/request.js";
import type { AtlasResponse } from "../../../src/testing/atlas/response.js";
import { hoursIn, type Step, type Steps } from "../../../src/testing/atlas/steps.js";
import type { CheckingOptions } from "./checking.js";
import type { Disruption, Plant, Rules } from "./server.js";

/** A fault with its name, the checks that have to find it, and how the server is to be checked. */
export type Fault = readonly [
  name: string,
  plant: Plant,
  caughtBy: readonly string[],
  options?: CheckingOptions | undefined,
];

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

/**
 * Ways to plant a fault in a server that does everything right.
 */
import type { Plain, Received, Rules } from "./rules.js";
import { hoursIn } from "./steps.js";

/** Plants one fault. */
export type Plant = (rules: Rules) => void;

/** Changes every answer to which the condition applies. */
export function answers(
  condition: (answer: Plain, request: Received) => boolean,
  change: (answer: Plain) => void,
): Plant {
  return (rules) => {
    rules.finish = (answer, request) => {
      if (condition(answer, request)) change(answer);
      return answer;
    };
  };
}

/** Gives another answer, or none, where the condition applies. */
export function instead(condition: (answer: Plain) => boolean, other: ReturnType<Rules["finish"]>): Plant {
  return (rules) => {
    rules.finish = (answer) => (condition(answer) ? other : answer);
  };
}

export const created = ({ status }: Plain): boolean => status === 201;
export const deleted = ({ status }: Plain): boolean => status === 204;
export const isAnswered = (status: number) => (answer: Plain) => answer.status === status;

export function status(status: number): (answer: Plain) => void {
  return (answer) => {
    answer.status = status;
  };
}

export function header(name: string, value: string): (answer: Plain) => void {
  return (answer) => {
    answer.headers[name] = value;
  };
}

export function body(body: unknown): (answer: Plain) => void {
  return (answer) => {
    answer.body = body;
  };
}

/** Changes what the answer to a creation says of the secret. */
export function madeSecret(change: Readonly<Record<string, unknown>>): Plant {
  return answers(created, (answer) => {
    const members = { ...Object.fromEntries(Object.entries(answer.body ?? {})), ...change };
    answer.body = Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
  });
}

/** Leaves a step out, for the requests to which the condition applies. */
export function skips(step: keyof Rules["steps"], condition: (request: Received) => boolean = () => true): Plant {
  return (rules) => {
    const original = rules.steps[step];
    rules.steps[step] = (request, own) => (condition(request) ? undefined : original(request, own));
  };
}

/** Gives an answer of its own at a step, where there is one. */
export function atStep(
  step: keyof Rules["steps"],
  answer: (request: Received, rules: Rules) => Plain | undefined,
): Plant {
  return (rules) => {
    const original = rules.steps[step];
    rules.steps[step] = (request, own) => answer(request, own) ?? original(request, own);
  };
}

/** Several of them, which together are one fault. */
export function all(...plants: readonly Plant[]): Plant {
  return (rules) => {
    for (const plant of plants) plant(rules);
  };
}

export const onCreate = ({ operation }: Received): boolean => operation === "create";
export const onDelete = ({ operation }: Received): boolean => operation === "delete";

/** A condition on the `Authorization` of a request. */
export function authorization(pattern: RegExp): (request: Received) => boolean {
  return ({ headers }) => pattern.test(headers.authorization ?? "");
}

/** A condition on the hours that a creation asks for. */
export function hours(predicate: (hours: unknown) => boolean): (request: Received) => boolean {
  return (request) => {
    if (!onCreate(request)) return false;
    try {
      return predicate(hoursIn(request.text));
    } catch {
      // Not JSON, which is for another step to refuse.
      return false;
    }
  };
}

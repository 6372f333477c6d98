/**
 * One fault planted in a server that otherwise does what the contract says: the check that is meant for it finds it, and
 * no other check cries out without need.
 */
import { createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { checkServer, failedChecks, targetAt } from "./testing/checking.js";
import { account, apiError, authenticate, find, hoursIn, type Plain, type Received, type Rules } from "./testing/stateful-server.js";
import { runConformance } from "./run.js";

type Plant = (rules: Rules) => void;

/** Changes every answer to which the condition applies. */
function answers(condition: (answer: Plain, request: Received) => boolean, change: (answer: Plain) => void): Plant {
  return (rules) => {
    rules.finish = (answer, request) => {
      if (condition(answer, request)) change(answer);
      return answer;
    };
  };
}

const created = ({ status }: Plain): boolean => status === 201;
const deleted = ({ status }: Plain): boolean => status === 204;
const withStatus = (status: number) => (answer: Plain): boolean => answer.status === status;

/** Changes the body of every answer to a creation. */
function madeSecret(change: (body: Record<string, unknown>) => Record<string, unknown>): Plant {
  return answers(created, (answer) => {
    answer.body = change(Object.fromEntries(Object.entries(answer.body ?? {})));
  });
}

const without = (name: string) => madeSecret((body) => Object.fromEntries(Object.entries(body).filter(([key]) => key !== name)));

/** Leaves a step out, for the requests to which the condition applies. */
function skips(step: keyof Rules["steps"], condition: (request: Received) => boolean = () => true): Plant {
  return (rules) => {
    const original = rules.steps[step];
    rules.steps[step] = (request, own) => (condition(request) ? undefined : original(request, own));
  };
}

const bodyIs = (predicate: (hours: unknown) => boolean) => (request: Received): boolean => {
  if (request.operation !== "create") return false;
  try {
    return predicate(hoursIn(request.text));
  } catch {
    return false;
  }
};

const header = (name: string, value: string) => (answer: Plain): void => {
  answer.headers[name] = value;
};

const FAULTS: readonly (readonly [name: string, plant: Plant, caughtBy: readonly string[]])[] = [
  // Statuses
  ["200 for a creation", answers(created, (answer) => { answer.status = 200; }), ["status_code_conformance create"]],
  ["202 for a deletion", answers(deleted, (answer) => { answer.status = 202; }), ["status_code_conformance delete"]],
];

describe("a planted fault", () => {
  it.each(FAULTS)("%s", async (_, plant, caughtBy) => {
    const { report } = await checkServer(plant, { timeoutMs: 300 });
    expect(failedChecks(report)).toEqual([...caughtBy].sort());
    expect(report.conforms).toBe(false);
  });
});

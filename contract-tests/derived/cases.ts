/**
 * Cases derived from the contract: for each constraint on a request, arguments that break it and nothing else. What no
 * case can be derived for is listed with the reason, under the name that it has in the ledger.
 */
import { type Constraint, constraintsOf, nameOf } from "../contract/constraints.js";
import type { Answer, Contract, Operation, Parameter } from "../contract/contract.js";
import type { JsonObject } from "../contract/json.js";
import { answerConstraints, bodyConstraints, factName, factsOf, isSuccess } from "../ledger/facts.js";
import { broken } from "./breaking.js";
import { type Arguments, admitted, admittedParameter, requiredArguments } from "./values.js";
import { survivesAsText, type WireRequest, written } from "./wire.js";

interface Case {
  /** Name of the fact in the ledger. */
  readonly fact: string;
  readonly operation: Operation;
}

/** A call of the client that it must refuse. */
interface RefusedCall extends Case {
  readonly args: Arguments;
  /** The argument that breaks the constraint; what is refused is it or something within it. */
  readonly argument: string;
}

/** A request that the server must refuse. */
interface RefusedRequest extends Case {
  readonly request: WireRequest;
}

/** A body that the client must not take for the success that the contract promises. */
interface BrokenAnswer extends Case {
  readonly args: Arguments;
  readonly answer: Answer;
  readonly mediaType: string;
  readonly body: unknown;
}

/** An operation with arguments that the contract admits. */
interface Callable {
  readonly operation: Operation;
  readonly args: Arguments;
}

interface Underivable {
  readonly fact: string;
  readonly reason: string;
}

export interface Cases {
  readonly callable: readonly Callable[];
  readonly refusedCalls: readonly RefusedCall[];
  readonly refusedRequests: readonly RefusedRequest[];
  readonly brokenAnswers: readonly BrokenAnswer[];
  readonly underivable: readonly Underivable[];
}

export function casesOf(contract: Contract): Cases {
  const callable: Callable[] = [];
  const underivable: Underivable[] = [];
  for (const operation of contract.operations) {
    const { args, without } = requiredArguments(operation);
    if (without.length === 0 && written(operation, args).length > 0) callable.push({ operation, args });
    else
      underivable.push(
        ...everyFactOf(contract, operation, `no valid value known for ${without.join(", ") || "its style"}`),
      );
  }
  const attempts = callable.flatMap(attemptsOf);
  const showable = new Set(factsOf(contract).facts.map(({ name }) => name));
  const made = attempts.flatMap((attempt) => (attempt.made === undefined ? [] : [attempt.made]));
  const failed = attempts.filter(({ fact, made: result }) => result === undefined && showable.has(fact));
  return {
    callable,
    refusedCalls: made.flatMap((each) => ("argument" in each && showable.has(each.fact) ? [each] : [])),
    refusedRequests: made.flatMap((each) => ("request" in each && showable.has(each.fact) ? [each] : [])),
    brokenAnswers: made.flatMap((each) => ("answer" in each && showable.has(each.fact) ? [each] : [])),
    underivable: [...underivable, ...failed.map(({ fact }) => ({ fact, reason: "no value is known that breaks it" }))],
  };
}

function everyFactOf(contract: Contract, operation: Operation, reason: string): Underivable[] {
  const facts = factsOf(contract).facts.filter((fact) => fact.operation === operation.operationId);
  return facts.map(({ name }) => ({ fact: name, reason }));
}

/** A fact, and the case for it if one could be made. */
interface Attempt {
  readonly fact: string;
  readonly made: RefusedCall | RefusedRequest | BrokenAnswer | undefined;
}

function attemptsOf(callable: Callable): Attempt[] {
  return [
    ...callable.operation.parameters.flatMap((parameter) => breakingParameter(callable, parameter)),
    ...breakingBody(callable),
    ...callable.operation.answers.filter(isSuccess).flatMap((answer) => breakingAnswer(callable, answer)),
  ];
}

function breakingParameter(callable: Callable, parameter: Parameter): Attempt[] {
  const { operation, args } = callable;
  const attempts = parameter.required ? omitting(callable, parameter.name) : [];
  const [valid] = admittedParameter(parameter);
  for (const constraint of constraintsOf(parameter.schema, "request")) {
    const onWire = (value: unknown): boolean =>
      survivesAsText(constraint.schema)(value) && (parameter.in !== "path" || isPathSegment(value));
    const forServer = broken(parameter.schema, constraint, valid, "request", onWire);
    const forClient = broken(parameter.schema, constraint, valid, "request");
    const put = (value: unknown): Arguments => ({ ...args, [parameter.name]: value });
    attempts.push(request(operation, parameter.name, nameOf(constraint), forServer.map(put)));
    attempts.push(call(operation, parameter.name, nameOf(constraint), forClient.map(put)));
  }
  return attempts;
}

function isPathSegment(value: unknown): boolean {
  return !["", ".", ".."].includes(String(value));
}

function breakingBody(callable: Callable): Attempt[] {
  const { operation, args } = callable;
  const { body } = operation;
  if (body === undefined) return [];
  const attempts = body.required ? omitting(callable, "body") : [];
  for (const { constraint, mediaType, name } of bodyConstraints(body)) {
    const { schema = {}, examples } = mediaType;
    const bodies = admitted(schema, examples, "request")
      .flatMap((valid) => broken(schema, constraint, valid, "request"))
      .filter((value) => value !== undefined);
    const changed = bodies.map((value) => ({ ...args, body: value }));
    attempts.push(request(operation, "body", name, changed, mediaType.name));
    attempts.push(call(operation, "body", name, changed));
  }
  return attempts;
}

function omitting({ operation, args }: Callable, argument: string): Attempt[] {
  const others = [Object.fromEntries(Object.entries(args).filter(([name]) => name !== argument))];
  return [request(operation, argument, "required", others), call(operation, argument, "required", others)];
}

function request(
  operation: Operation,
  argument: string,
  constraint: string,
  found: readonly Arguments[],
  mediaType?: string,
): Attempt {
  const fact = factName.argumentConstraint(operation, argument, constraint, "server");
  const requests = found.flatMap((args) => written(operation, args, mediaType));
  const [made] = requests.map((request) => ({ fact, operation, request }));
  return { fact, made };
}

function call(operation: Operation, argument: string, constraint: string, found: readonly Arguments[]): Attempt {
  const fact = factName.argumentConstraint(operation, argument, constraint, "client");
  const [made] = found.map((args) => ({ fact, operation, args, argument }));
  return { fact, made };
}

function breakingAnswer({ operation, args }: Callable, answer: Answer): Attempt[] {
  return answerConstraints(answer).map(({ constraint, mediaType, name }) => {
    const fact = factName.responseConstraint(operation, answer, name);
    const [made] = brokenBodies(mediaType.schema ?? {}, constraint, mediaType.examples).map((body) => ({
      fact,
      operation,
      args,
      answer,
      mediaType: mediaType.name,
      body,
    }));
    return { fact, made };
  });
}

function brokenBodies(schema: JsonObject, constraint: Constraint, examples: readonly unknown[]): readonly unknown[] {
  return admitted(schema, examples, "answer").flatMap((valid) => broken(schema, constraint, valid, "answer"));
}

/**
 * Cases derived from the contract: for each constraint on a request, arguments that break it and nothing else. What no
 * case can be derived for is listed with the reason, under the name that it has in the ledger.
 */
import { breakingValues } from "../contract/breaking.js";
import { constraintsOf, nameOf } from "../contract/constraints.js";
import {
  type Contract,
  type DocumentedResponse,
  type Operation,
  type Parameter,
  successesOf,
} from "../contract/operations.js";
import { type Arguments, type RequestDraft, survivesAsText, writeRequest } from "../contract/requests.js";
import { admittedForParameter, admittedValues, requiredArguments } from "../contract/values.js";
import { bodyConstraints, factName, factsOf, responseConstraints } from "./facts.js";

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
  readonly request: RequestDraft;
}

/** A body that the client must not take for the success that the contract promises. */
interface BrokenResponse extends Case {
  readonly args: Arguments;
  readonly response: DocumentedResponse;
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
  readonly brokenResponses: readonly BrokenResponse[];
  readonly underivable: readonly Underivable[];
}

export function casesOf(contract: Contract): Cases {
  const callable: Callable[] = [];
  const underivable: Underivable[] = [];
  for (const operation of contract.operations) {
    const { args, missing } = requiredArguments(operation);
    if (missing.length === 0 && writeRequest(operation, args) !== undefined) callable.push({ operation, args });
    else
      underivable.push(
        ...everyFactOf(contract, operation, `no valid value known for ${missing.join(", ") || "its style"}`),
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
    brokenResponses: made.flatMap((each) => ("response" in each && showable.has(each.fact) ? [each] : [])),
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
  readonly made: RefusedCall | RefusedRequest | BrokenResponse | undefined;
}

function attemptsOf(callable: Callable): Attempt[] {
  return [
    ...callable.operation.parameters.flatMap((parameter) => breakingParameter(callable, parameter)),
    ...breakingBody(callable),
    ...successesOf(callable.operation).flatMap((response) => breakingResponse(callable, response)),
  ];
}

function breakingParameter({ operation, args }: Callable, parameter: Parameter): Attempt[] {
  const { name, schema } = parameter;
  const put = (value: unknown): Arguments => ({ ...args, parameters: { ...args.parameters, [name]: value } });
  const attempts = parameter.required ? bothSides(operation, name, "required", [put(undefined)]) : [];
  if (schema === undefined) return attempts;
  const [valid] = admittedForParameter(parameter);
  for (const constraint of constraintsOf(schema, "request")) {
    const expressible = (value: unknown): boolean => survivesAsText(parameter, value);
    const forServer = breakingValues(schema, constraint, valid, "request", { expressible });
    const forClient = breakingValues(schema, constraint, valid, "request");
    attempts.push(request(operation, name, nameOf(constraint), forServer.map(put)));
    attempts.push(call(operation, name, nameOf(constraint), forClient.map(put)));
  }
  return attempts;
}

function breakingBody({ operation, args }: Callable): Attempt[] {
  const { body } = operation;
  if (body === undefined) return [];
  const put = (value: unknown): Arguments => ({ ...args, body: value });
  const attempts = body.required ? bothSides(operation, "body", "required", [put(undefined)]) : [];
  for (const { constraint, mediaType, name } of bodyConstraints(body)) {
    const { schema, at } = mediaType;
    const [valid] = admittedValues(schema, at, "request");
    const bodies = schema === undefined ? [] : breakingValues(schema, constraint, valid, "request");
    attempts.push(...bothSides(operation, "body", name, bodies.map(put), mediaType.name));
  }
  return attempts;
}

function bothSides(
  operation: Operation,
  argument: string,
  constraint: string,
  found: readonly Arguments[],
  mediaType?: string,
): Attempt[] {
  return [request(operation, argument, constraint, found, mediaType), call(operation, argument, constraint, found)];
}

function request(
  operation: Operation,
  argument: string,
  constraint: string,
  found: readonly Arguments[],
  mediaType?: string,
): Attempt {
  const fact = factName.argumentConstraint(operation, argument, constraint, "server");
  const [draft] = found.flatMap((args) => writeRequest(operation, args, mediaType) ?? []);
  return { fact, made: draft && { fact, operation, request: draft } };
}

function call(operation: Operation, argument: string, constraint: string, [args]: readonly Arguments[]): Attempt {
  const fact = factName.argumentConstraint(operation, argument, constraint, "client");
  return { fact, made: args && { fact, operation, args, argument } };
}

function breakingResponse({ operation, args }: Callable, response: DocumentedResponse): Attempt[] {
  return responseConstraints(response).map(({ constraint, mediaType, name }) => {
    const fact = factName.responseConstraint(operation, response, name);
    const { schema, at } = mediaType;
    const [valid] = admittedValues(schema, at, "response");
    const [body] = schema === undefined ? [] : breakingValues(schema, constraint, valid, "response");
    const made = { fact, operation, args, response, mediaType: mediaType.name, body };
    return { fact, made: body === undefined ? undefined : made };
  });
}

/**
 * The entries of the ledger: every fact of the contract that a test can touch, computed from the contract alone. What no
 * request can show is listed apart, with its reason, so that nothing is left out in silence.
 */
import { type Constraint, constraintsOf, nameOf } from "../contract/constraints.js";
import {
  type Answer,
  type Contract,
  type MediaType,
  type Operation,
  type Parameter,
  type RequestBody,
  withOwnSchema,
} from "../contract/contract.js";
import type { Direction } from "../contract/validation.js";
import { credentialsOf, letsEverybodyIn } from "./credentials.js";
import { inexpressible, unbreakable, unknownToPrism } from "./unshowable.js";

/** What a fact is about; the rows of the table. */
export type FactKind =
  | "response"
  | "response × credentials"
  | "response media type"
  | "response header"
  | "response constraint"
  | "parameter"
  | "constraint, at the server"
  | "constraint, in the client"
  | "request media type"
  | "security scheme";

export interface Fact {
  readonly name: string;
  /** operationId. */
  readonly operation: string;
  readonly kind: FactKind;
}

/** A fact that no test can touch, and why not. */
export interface Unshowable {
  readonly name: string;
  /** operationId. */
  readonly operation: string;
  readonly reason: string;
}

export interface Facts {
  readonly facts: readonly Fact[];
  readonly unshowable: readonly Unshowable[];
}

/** Where a constraint is tried: by a request sent past the client, or by a call of the client. */
export type Side = "server" | "client";

/** How each fact is called. Tests name what they touch with these. */
export const factName = {
  response: (operation: Operation, answer: Answer) => `${operation.operationId} ${answer.status}`,
  responseWith: (operation: Operation, answer: Answer, credentials: string) =>
    `${operation.operationId} ${answer.status} signed in with ${credentials}`,
  responseMediaType: (operation: Operation, answer: Answer, mediaType: string) =>
    `${operation.operationId} ${answer.status} as ${mediaType}`,
  responseHeader: (operation: Operation, answer: Answer, header: string) =>
    `${operation.operationId} ${answer.status} header ${header}`,
  responseConstraint: (operation: Operation, answer: Answer, constraint: string) =>
    `${operation.operationId} ${answer.status} body ${constraint}`,
  parameter: (operation: Operation, parameter: Parameter) =>
    `${operation.operationId} ${parameter.in} parameter ${parameter.name}`,
  standard: (operation: Operation, parameter: Parameter) =>
    `${operation.operationId} ${parameter.in} parameter ${parameter.name} default`,
  requestMediaType: (operation: Operation, mediaType: string) => `${operation.operationId} body as ${mediaType}`,
  argumentConstraint: (operation: Operation, argument: string, constraint: string, side: Side) =>
    `${operation.operationId} ${argument} ${constraint}, refused by the ${side}`,
  security: (operation: Operation, scheme: string) => `${operation.operationId} security ${scheme}`,
  noCredentials: (operation: Operation) => `${operation.operationId} security, none`,
};

export function isSuccess(answer: Answer): boolean {
  return answer.status.startsWith("2");
}

export function factsOf(contract: Contract): Facts {
  const facts: Fact[] = [];
  const unshowable: Unshowable[] = [];
  for (const operation of contract.operations) {
    const add = (kind: FactKind, name: string, reason?: string): void => {
      if (reason === undefined) facts.push({ name, operation: operation.operationId, kind });
      else unshowable.push({ name, operation: operation.operationId, reason });
    };
    for (const answer of operation.answers) addAnswer(contract, operation, answer, add);
    for (const parameter of operation.parameters) addParameter(operation, parameter, add);
    addBody(operation, add);
    for (const scheme of new Set(operation.security.flat())) {
      add("security scheme", factName.security(operation, scheme));
    }
    if (!letsEverybodyIn(operation)) add("security scheme", factName.noCredentials(operation));
  }
  return { facts, unshowable };
}

type Add = (kind: FactKind, name: string, reason?: string) => void;

function addAnswer(contract: Contract, operation: Operation, answer: Answer, add: Add): void {
  add("response", factName.response(operation, answer));
  for (const credentials of credentialsOf(contract, operation)) {
    add("response × credentials", factName.responseWith(operation, answer, credentials));
  }
  for (const { name } of answer.mediaTypes) {
    add("response media type", factName.responseMediaType(operation, answer, name));
  }
  for (const { name } of answer.headers) add("response header", factName.responseHeader(operation, answer, name));
  if (!isSuccess(answer)) return;
  for (const { constraint, name } of answerConstraints(answer)) {
    const reason =
      unbreakable(constraint) ??
      (constraint.keyword === "format" ? "the client reads answers of any format" : undefined);
    add("response constraint", factName.responseConstraint(operation, answer, name), reason);
  }
}

/** The constraints on an answer's body, for each schema that its media types have. */
export function answerConstraints(answer: Answer): { constraint: Constraint; mediaType: MediaType; name: string }[] {
  return constraintsByMediaType(answer.mediaTypes, "answer");
}

/** The constraints on a request's body, for each schema that its media types have. */
export function bodyConstraints(body: RequestBody): { constraint: Constraint; mediaType: MediaType; name: string }[] {
  return constraintsByMediaType(body.mediaTypes, "request");
}

function constraintsByMediaType(
  mediaTypes: readonly MediaType[],
  direction: Direction,
): { constraint: Constraint; mediaType: MediaType; name: string }[] {
  return withOwnSchema(mediaTypes).flatMap((mediaType, index) =>
    constraintsOf(mediaType.schema ?? {}, direction).map((constraint) => {
      const name = index === 0 ? nameOf(constraint) : `as ${mediaType.name} ${nameOf(constraint)}`;
      return { constraint, mediaType, name };
    }),
  );
}

function addParameter(operation: Operation, parameter: Parameter, add: Add): void {
  add("parameter", factName.parameter(operation, parameter));
  if (Object.hasOwn(parameter.schema, "default")) add("parameter", factName.standard(operation, parameter));
  const addBoth = (constraint: string, onServer: string | undefined, inClient: string | undefined): void => {
    const name = (side: Side): string => factName.argumentConstraint(operation, parameter.name, constraint, side);
    add("constraint, at the server", name("server"), onServer);
    add("constraint, in the client", name("client"), inClient);
  };
  if (parameter.required) {
    addBoth("required", parameter.in === "path" ? "a path without the value is another path" : undefined, undefined);
  }
  for (const constraint of constraintsOf(parameter.schema, "request")) {
    const reason = unbreakable(constraint);
    addBoth(nameOf(constraint), reason ?? inexpressible(parameter, constraint), reason);
  }
}

function addBody(operation: Operation, add: Add): void {
  const { body } = operation;
  if (body === undefined) return;
  for (const { name } of body.mediaTypes) add("request media type", factName.requestMediaType(operation, name));
  const addBoth = (constraint: string, onServer?: string, inClient?: string): void => {
    const name = (side: Side): string => factName.argumentConstraint(operation, "body", constraint, side);
    add("constraint, at the server", name("server"), onServer);
    add("constraint, in the client", name("client"), inClient);
  };
  if (body.required) addBoth("required");
  for (const { constraint, mediaType, name } of bodyConstraints(body)) {
    const reason = unbreakable(constraint);
    const unsent = mediaType === body.mediaTypes[0] ? undefined : "the client sends the first media type alone";
    addBoth(name, reason ?? unknownToPrism(constraint), reason ?? unsent);
  }
}

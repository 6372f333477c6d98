/**
 * The entries of the ledger: every fact of the contract that a test can touch, computed from the contract alone. What no
 * request can show is listed apart, with its reason, so that nothing is left out in silence.
 */
import { type Constraint, constraintsOf, nameOf } from "../contract/constraints.js";
import {
  type Contract,
  type DocumentedResponse,
  isSuccess,
  type MediaType,
  type Operation,
  type Parameter,
  type RequestBody,
  type SecurityScheme,
} from "../contract/operations.js";
import type { Direction } from "../contract/validation.js";

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
  response: (operation: Operation, response: DocumentedResponse) => `${operation.operationId} ${response.status}`,
  responseWith: (operation: Operation, response: DocumentedResponse, credentials: string) =>
    `${operation.operationId} ${response.status} signed in with ${credentials}`,
  responseMediaType: (operation: Operation, response: DocumentedResponse, mediaType: string) =>
    `${operation.operationId} ${response.status} as ${mediaType}`,
  responseHeader: (operation: Operation, response: DocumentedResponse, header: string) =>
    `${operation.operationId} ${response.status} header ${header}`,
  responseConstraint: (operation: Operation, response: DocumentedResponse, constraint: string) =>
    `${operation.operationId} ${response.status} body ${constraint}`,
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

export function factsOf(contract: Contract): Facts {
  const facts: Fact[] = [];
  const unshowable: Unshowable[] = [];
  for (const operation of contract.operations) {
    const add = (kind: FactKind, name: string, reason?: string): void => {
      if (reason === undefined) facts.push({ name, operation: operation.operationId, kind });
      else unshowable.push({ name, operation: operation.operationId, reason });
    };
    for (const response of operation.responses) addResponse(operation, response, add);
    for (const parameter of operation.parameters) addParameter(operation, parameter, add);
    addBody(operation, add);
    for (const scheme of new Set(operation.security.flat().map(({ name }) => name))) {
      add("security scheme", factName.security(operation, scheme));
    }
    if (!operation.open) add("security scheme", factName.noCredentials(operation));
  }
  return { facts, unshowable };
}

type Add = (kind: FactKind, name: string, reason?: string) => void;

function addResponse(operation: Operation, response: DocumentedResponse, add: Add): void {
  add("response", factName.response(operation, response));
  for (const credentials of credentialsOf(operation)) {
    add("response × credentials", factName.responseWith(operation, response, credentials));
  }
  for (const { name } of response.mediaTypes) {
    add("response media type", factName.responseMediaType(operation, response, name));
  }
  for (const { name } of response.headers) add("response header", factName.responseHeader(operation, response, name));
  if (!isSuccess(response)) return;
  for (const { constraint, name } of responseConstraints(response)) {
    const reason =
      unbreakable(constraint) ??
      (constraint.keyword === "format" ? "the client reads responses of any format" : undefined);
    add("response constraint", factName.responseConstraint(operation, response, name), reason);
  }
}

interface BodyConstraint {
  readonly constraint: Constraint;
  readonly mediaType: MediaType;
  readonly name: string;
}

/** The constraints on a response's body, for each schema that its media types have. */
export function responseConstraints(response: DocumentedResponse): BodyConstraint[] {
  return constraintsByMediaType(response.mediaTypes, "response");
}

/** The constraints on a request's body, for each schema that its media types have. */
export function bodyConstraints(body: RequestBody): BodyConstraint[] {
  return constraintsByMediaType(body.mediaTypes, "request");
}

function constraintsByMediaType(mediaTypes: readonly MediaType[], direction: Direction): BodyConstraint[] {
  return withOwnSchema(mediaTypes).flatMap((mediaType, index) =>
    constraintsOf(mediaType.schema, direction).map((constraint) => {
      const name = index === 0 ? nameOf(constraint) : `as ${mediaType.name} ${nameOf(constraint)}`;
      return { constraint, mediaType, name };
    }),
  );
}

/** The media types that bring a schema of their own: one for each version that is not described like an earlier one. */
function withOwnSchema(mediaTypes: readonly MediaType[]): MediaType[] {
  const seen = new Set<string>();
  return mediaTypes.filter(({ schema }) => {
    const text = JSON.stringify(schema?.resolved);
    if (schema === undefined || seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

function addParameter(operation: Operation, parameter: Parameter, add: Add): void {
  add("parameter", factName.parameter(operation, parameter));
  if (parameter.schema?.has("default") === true) add("parameter", factName.standard(operation, parameter));
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

/** The kinds of credentials, by the name of their secret half, with which the client can satisfy a security scheme. */
export function credentialsFor({ kind, at }: SecurityScheme): readonly string[] {
  if (kind === "digest") return ["privateKey"];
  if (kind !== "bearer") return [];
  return at?.get("flows", "clientCredentials") === undefined ? ["accessToken"] : ["accessToken", "clientSecret"];
}

/** The kinds of credentials with which an operation can be called. */
export function credentialsOf({ security }: Operation): readonly string[] {
  const alone = security.flatMap((schemes) => (schemes.length === 1 ? schemes : []));
  return [...new Set(alone.flatMap(credentialsFor))];
}

/** Why no value at all breaks the constraint, if that is so; everything else has to be broken. */
function unbreakable({ keyword, at }: Constraint): string | undefined {
  if (keyword === "format" && ["password", "binary", "float", "double"].includes(at.text ?? "")) {
    return "the format forbids nothing";
  }
  if (["minLength", "minItems", "minProperties"].includes(keyword) && at.value === 0) return "it forbids nothing";
  return undefined;
}

/** Why no text in a URL or header breaks the constraint, if that is so. */
function inexpressible(parameter: Parameter, constraint: Constraint): string | undefined {
  const { keyword, at } = constraint;
  if (keyword === "type" && at.value === "string") return "in a URL or header every value is a string";
  if (keyword === "type" && at.value === "array") return "in a URL or header one value is a list of one";
  if (keyword === "minItems" && at.value === 1) return "in a URL or header an empty list is no value";
  if (keyword === "minLength" && at.value === 1 && parameter.in === "path") {
    return "a path without the value is another path";
  }
  return unknownToPrism(constraint);
}

function unknownToPrism({ keyword, at }: Constraint): string | undefined {
  return keyword === "format" && at.value === "int64" ? "Prism takes any whole number for an int64" : undefined;
}

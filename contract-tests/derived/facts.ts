/**
 * Every fact of the contract that a test can touch, computed from the contract alone: the entries of the ledger. A fact that
 * is a constraint brings the case that breaks it and nothing else. What no request can show, and what no case can be
 * derived for, says why, so that nothing is left out in silence.
 */
import { breakingValues } from "../contract/breaking.js";
import { type Constraint, constraintsOf, nameOf } from "../contract/constraints.js";
import {
  asCalled,
  type Contract,
  type DocumentedResponse,
  isSuccess,
  type MediaType,
  type Operation,
  type Parameter,
  type SecurityScheme,
} from "../contract/operations.js";
import {
  type Arguments,
  isFormType,
  isJsonType,
  type RequestDraft,
  survivesAsText,
  writeRequest,
} from "../contract/requests.js";
import { type Direction, plainSchema, violationsOf } from "../contract/validation.js";
import { admittedForParameter, admittedValues, requiredArguments } from "../contract/values.js";

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
  readonly operation: Operation;
  readonly kind: FactKind;
  /** Why no test can touch it, if that is so; it is not counted then. */
  readonly unshowable?: string | undefined;
  /** Of a constraint. */
  readonly case?: Case | undefined;
  /** Why a constraint has no case, or an operation no valid arguments. */
  readonly underivable?: string | undefined;
}

/** What breaks one constraint. */
type Case =
  /** A request that the server must refuse. */
  | { readonly of: "server"; readonly request: RequestDraft }
  /** A call that the client must refuse, for this argument or something within it. */
  | { readonly of: "client"; readonly args: Arguments; readonly argument: string }
  /** A body that the client must not take for the success that the contract promises. */
  | {
      readonly of: "response";
      readonly args: Arguments;
      readonly response: DocumentedResponse;
      readonly mediaType: string;
      readonly body: unknown;
    };

/** A fact before its case is derived, from arguments that the contract admits. */
interface Plan extends Pick<Fact, "kind" | "unshowable"> {
  /** Its name without the operation. */
  readonly words: string;
  readonly derive?: (args: Arguments) => Case | undefined;
}

/** How a fact is called, by which tests name what they touch. */
export function factName({ operationId }: Operation, ...words: readonly string[]): string {
  return [operationId, ...words].join(" ");
}

/** The operations that can be called, with arguments that the contract admits. */
export function callableIn({ operations }: Contract): { readonly operation: Operation; readonly args: Arguments }[] {
  return operations.flatMap((each) => {
    const operation = asCalled(each);
    const { args } = validArguments(operation);
    return args === undefined ? [] : [{ operation, args }];
  });
}

/** Arguments that the contract admits, or why none are known. */
function validArguments(operation: Operation): { readonly args?: Arguments; readonly lacking?: string } {
  const { args, missing } = requiredArguments(operation);
  if (missing.length === 0 && writeRequest(operation, args) !== undefined) return { args };
  return { lacking: `no valid value known for ${missing.join(", ") || "its style"}` };
}

/** The facts of every operation, each constraint with its case; no two have the same name. */
export function factsOf({ operations }: Contract): Fact[] {
  return operations.flatMap((each) => {
    const operation = asCalled(each);
    const { args, lacking } = validArguments(operation);
    const schemes = new Set(operation.security.flat().map(({ name }) => `security ${name}`));
    return [
      ...operation.responses.flatMap((response) => responsePlans(operation, response)),
      ...operation.parameters.flatMap((parameter) => parameterPlans(operation, parameter)),
      ...bodyPlans(operation),
      ...plans("security scheme", ...schemes, ...(operation.open ? [] : ["security, none"])),
    ].map(({ words, kind, unshowable, derive }) => {
      const fact = { name: factName(operation, words), operation, kind, unshowable };
      if (unshowable !== undefined || args === undefined) return { ...fact, underivable: lacking };
      const derived = derive?.(args);
      const isLacking = derive !== undefined && derived === undefined;
      return { ...fact, case: derived, underivable: isLacking ? "no value is known that breaks it" : undefined };
    });
  });
}

const isJson = ({ name }: MediaType) => isJsonType(name);

function plans(kind: FactKind, ...names: readonly string[]): Plan[] {
  return names.map((words) => ({ kind, words }));
}

function responsePlans(operation: Operation, response: DocumentedResponse): Plan[] {
  const { status, mediaTypes, headers } = response;
  return [
    ...plans("response", status),
    ...plans("response × credentials", ...credentialsOf(operation).map((kind) => `${status} signed in with ${kind}`)),
    ...plans("response media type", ...mediaTypes.map(({ name }) => `${status} as ${name}`)),
    ...plans("response header", ...headers.map(({ name }) => `${status} header ${name}`)),
    ...(isSuccess(response) ? constraintsByMediaType(mediaTypes.filter(isJson), "response") : []).map(
      ({ constraint, mediaType, name, breaking, admitted }): Plan => ({
        kind: "response constraint",
        words: `${status} body ${name}`,
        unshowable: unbreakable(constraint) ?? admitted,
        derive: (args) => {
          const [body] = breaking("client");
          return body === undefined ? undefined : { of: "response", args, response, mediaType: mediaType.name, body };
        },
      }),
    ),
  ];
}

function parameterPlans(operation: Operation, parameter: Parameter): Plan[] {
  const { name, schema } = parameter;
  const words = `${parameter.in} parameter ${name}`;
  const [valid] = admittedForParameter(parameter);
  const expressible = (value: unknown): boolean => survivesAsText(parameter, value);
  const required: Trial = {
    name: "required",
    breaking: () => [undefined],
    atServer: parameter.in === "path" ? "a path without the value is another path" : undefined,
  };
  // What a `content` describes is a text that holds the value.
  const trials = constraintsOf(parameter.at.has("content") ? undefined : schema, "request").map((constraint): Trial => {
    const inClient = unbreakable(constraint);
    return {
      name: nameOf(constraint),
      breaking: (side) => breakingValues(constraint, valid, side === "server" ? { expressible } : {}),
      atServer: inClient ?? inexpressible(parameter, constraint),
      inClient,
    };
  });
  return [
    ...plans("parameter", words, ...(schema?.has("default") === true ? [`${words} default`] : [])),
    ...[...(parameter.required ? [required] : []), ...trials].flatMap((trial) => onBothSides(operation, name, trial)),
  ];
}

function bodyPlans(operation: Operation): Plan[] {
  const { body } = operation;
  if (body === undefined) return [];
  // A schema says nothing of a body that is text or bytes.
  const described = body.mediaTypes.filter((mediaType) => isJson(mediaType) || isFormType(mediaType.name));
  const trials = constraintsByMediaType(described, "request").map(
    ({ constraint, mediaType, name, breaking, admitted }): Trial => {
      const reason = unbreakable(constraint);
      const isSent = mediaType === body.mediaTypes[0];
      return {
        name,
        breaking,
        mediaType: mediaType.name,
        atServer: reason ?? unknownToPrism(constraint),
        inClient: reason ?? (isSent ? admitted : "the client sends one media type alone"),
      };
    },
  );
  const required = body.required ? [{ name: "required", breaking: () => [undefined] }] : [];
  return [
    ...plans("request media type", ...body.mediaTypes.map(({ name }) => `body as ${name}`)),
    ...[...required, ...trials].flatMap((trial) => onBothSides(operation, "body", trial)),
  ];
}

/** A constraint on an argument. */
interface Trial {
  readonly name: string;
  /** Values that break it, for a request sent past the client (`server`) or for a call of the client. */
  readonly breaking: (side: "server" | "client") => readonly unknown[];
  /** Of a body; default: the one that the contract lists first. */
  readonly mediaType?: string;
  /** Why it cannot be shown there. */
  readonly atServer?: string | undefined;
  readonly inClient?: string | undefined;
}

function onBothSides(operation: Operation, argument: string, trial: Trial): Plan[] {
  const { name, breaking, mediaType, atServer, inClient } = trial;
  const put = ({ parameters, body }: Arguments, value: unknown): Arguments =>
    argument === "body" ? { parameters, body: value } : { parameters: { ...parameters, [argument]: value }, body };
  return [
    {
      kind: "constraint, at the server",
      words: `${argument} ${name}, refused by the server`,
      unshowable: atServer,
      derive: (args) => {
        const broken = breaking("server").map((value) => put(args, value));
        const [request] = broken.flatMap((each) => writeRequest(operation, each, mediaType) ?? []);
        return request && { of: "server", request };
      },
    },
    {
      kind: "constraint, in the client",
      words: `${argument} ${name}, refused by the client`,
      unshowable: inClient,
      derive: (args) => {
        const [broken] = breaking("client").map((value) => put(args, value));
        return broken && { of: "client", args: broken, argument };
      },
    },
  ];
}

/** The constraints on a body, for each schema that its media types have, with bodies that break them. */
function constraintsByMediaType(mediaTypes: readonly MediaType[], direction: Direction) {
  // One for each version that is not described like an earlier one.
  const different = new Map<string, MediaType>();
  for (const mediaType of mediaTypes) {
    const text = mediaType.schema && JSON.stringify(plainSchema(mediaType.schema, direction));
    if (text !== undefined && !different.has(text)) different.set(text, mediaType);
  }
  return [...different.values()].flatMap((mediaType, index) => {
    const others = [...different.values()].filter((each) => each !== mediaType);
    const isAdmitted = (value: unknown) =>
      others.some(({ schema }) => violationsOf(schema, value, direction).length === 0);
    return constraintsOf(mediaType.schema, direction).map((constraint) => {
      const values = () => breakingValues(constraint, admittedValues(mediaType.schema, mediaType.at, direction)[0]);
      const isLost = others.length > 0 && values().length > 0 && values().every(isAdmitted);
      return {
        constraint,
        mediaType,
        name: index === 0 ? nameOf(constraint) : `as ${mediaType.name} ${nameOf(constraint)}`,
        breaking: (side: "server" | "client") => values().filter((value) => side === "server" || !isAdmitted(value)),
        /** Why the client cannot tell, if that is so. */
        admitted: isLost ? "the client takes a body of any version, and another one admits it" : undefined,
      };
    });
  });
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
function unbreakable({ keyword, at, direction }: Constraint): string | undefined {
  if (keyword === "format" && direction === "response") return "the client reads responses of any format";
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
  if (keyword === "type" && at.value === "object") return "in a URL an object is several values";
  if (keyword === "minItems" && at.value === 1) return "in a URL or header an empty list is no value";
  if (keyword === "minLength" && at.value === 1 && parameter.in === "path") {
    return "a path without the value is another path";
  }
  return unknownToPrism(constraint);
}

function unknownToPrism({ keyword, at }: Constraint): string | undefined {
  return keyword === "format" && at.value === "int64" ? "Prism takes any whole number for an int64" : undefined;
}

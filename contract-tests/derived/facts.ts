/**
 * Every fact of the contract that a test can touch, computed from the contract alone: the entries of the ledger. A constraint
 * brings the case that breaks it. What cannot be shown or derived says why, so that nothing is left out in silence.
 */
import { breakingValues, type Constraint, constraintsOf, nameOf } from "../contract/constraints.js";
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

export interface Fact {
  readonly name: string;
  readonly operation: Operation;
  /** What it is about: a row of the table. */
  readonly kind: string;
  /** Why no test can touch it, if that is so; it is not counted then. */
  readonly unshowable: string | undefined;
  /** Of a constraint. */
  readonly case: Readonly<Case> | undefined;
  /** Why a constraint has no case, or an operation no valid arguments. */
  readonly underivable: string | undefined;
}

type Case =
  /** A request that the server must refuse. */
  | { of: "server"; request: RequestDraft }
  /** A call that the client must refuse, for this argument or something within it. */
  | { of: "client"; args: Arguments; argument: string }
  /** A body that the client must not take for the success that the contract promises. */
  | { of: "response"; args: Arguments; response: DocumentedResponse; mediaType: string; body: unknown };

/** A fact before its case is derived, from arguments that the contract admits. */
interface Plan {
  readonly kind: string;
  /** Its name without the operation. */
  readonly words: string;
  readonly unshowable?: string | undefined;
  /** Only of a constraint: cases that break it, each of them sufficient. */
  readonly cases?: (args: Arguments) => readonly Case[];
}

/** By which tests name what they touch. */
export function factName({ operationId }: Operation, ...words: readonly string[]): string {
  return [operationId, ...words].join(" ");
}

/** The operations that can be called, with arguments that the contract admits. */
export function callableIn(contract: Contract): { readonly operation: Operation; readonly args: Arguments }[] {
  return withArguments(contract).flatMap(({ operation, args }) => (args === undefined ? [] : [{ operation, args }]));
}

/** The operations with arguments that the contract admits, or why none are known. */
function withArguments({ operations }: Contract): { operation: Operation; args?: Arguments; lacking?: string }[] {
  return operations.map((each) => {
    const operation = asCalled(each);
    const { args, missing } = requiredArguments(operation);
    if (missing.length === 0 && writeRequest(operation, args) !== undefined) return { operation, args };
    return { operation, lacking: `no valid value known for ${missing.join(", ") || "its style"}` };
  });
}

/** The facts of every operation, each constraint with its case; no two have the same name. */
export function factsOf(contract: Contract): Fact[] {
  return withArguments(contract).flatMap(({ operation, args, lacking }) =>
    plansOf(operation).map(({ words, kind, unshowable, cases }) => {
      const derived = unshowable === undefined && args !== undefined ? cases?.(args) : undefined;
      const underivable = derived?.length === 0 ? "no value is known that breaks it" : lacking;
      return { name: factName(operation, words), operation, kind, unshowable, case: derived?.[0], underivable };
    }),
  );
}

function plansOf(operation: Operation): Plan[] {
  const { responses, parameters, security, open } = operation;
  const schemes = new Set(security.flat().map(({ name }) => `security ${name}`));
  return [
    ...responses.flatMap((response) => responsePlans(operation, response)),
    ...parameters.flatMap((parameter) => parameterPlans(operation, parameter)),
    ...bodyPlans(operation),
    ...plans("security scheme", ...schemes, ...(open ? [] : ["security, none"])),
  ];
}

function plans(kind: string, ...names: readonly string[]): Plan[] {
  return names.map((words) => ({ kind, words }));
}

function responsePlans(operation: Operation, response: DocumentedResponse): Plan[] {
  const { status, mediaTypes, headers } = response;
  const json = isSuccess(response) ? mediaTypes.filter(({ name }) => isJsonType(name)) : [];
  return [
    ...plans("response", status),
    ...plans("response × credentials", ...credentialsOf(operation).map((kind) => `${status} signed in with ${kind}`)),
    ...plans("response media type", ...mediaTypes.map(({ name }) => `${status} as ${name}`)),
    ...plans("response header", ...headers.map(({ name }) => `${status} header ${name}`)),
    ...bodyTrials(json, "response").map(({ name, breaking, mediaType, inClient: unshowable }): Plan => {
      const cases: Plan["cases"] = (args) =>
        breaking("client").map((body) => ({ of: "response", args, response, mediaType, body }));
      return { kind: "response constraint", words: `${status} body ${name}`, unshowable, cases };
    }),
  ];
}

function parameterPlans(operation: Operation, parameter: Parameter): Plan[] {
  const { name, schema } = parameter;
  const words = `${parameter.in} parameter ${name}`;
  const [valid] = admittedForParameter(parameter);
  const expressible = (value: unknown): boolean => survivesAsText(parameter, value);
  // What a `content` describes is a text that holds the value.
  const trials = constraintsOf(parameter.at.has("content") ? undefined : schema, "request").map((constraint): Trial => {
    const inClient = unbreakable(constraint);
    return {
      name: nameOf(constraint),
      breaking: (side) => breakingValues(constraint, valid, side === "server" ? expressible : undefined),
      atServer: inClient ?? inexpressible(parameter, constraint),
      inClient,
    };
  });
  const required = { ...REQUIRED, atServer: parameter.in === "path" ? OTHER_PATH : undefined };
  return [
    ...plans("parameter", words, ...(schema?.has("default") === true ? [`${words} default`] : [])),
    ...[...(parameter.required ? [required] : []), ...trials].flatMap((trial) => onBothSides(operation, name, trial)),
  ];
}

function bodyPlans(operation: Operation): Plan[] {
  const { body } = operation;
  if (body === undefined) return [];
  // A schema says nothing of a body that is text or bytes.
  const described = body.mediaTypes.filter(({ name }) => isJsonType(name) || isFormType(name));
  const trials = bodyTrials(described, "request").map((trial) => {
    const isSent = trial.mediaType === body.mediaTypes[0]?.name;
    return isSent ? trial : { ...trial, inClient: trial.inClient ?? "the client sends one media type alone" };
  });
  return [
    ...plans("request media type", ...body.mediaTypes.map(({ name }) => `body as ${name}`)),
    ...[...(body.required ? [REQUIRED] : []), ...trials].flatMap((trial) => onBothSides(operation, "body", trial)),
  ];
}

/** A constraint on an argument, or on the body of a response. */
interface Trial {
  readonly name: string;
  /** Values that break it, for a request sent past the client (`server`) or for the client. */
  readonly breaking: (side: "server" | "client") => readonly unknown[];
  /** Of a body; default: the one that the contract lists first. */
  readonly mediaType?: string;
  /** Why it cannot be shown there. */
  readonly atServer?: string | undefined;
  readonly inClient?: string | undefined;
}

const REQUIRED: Trial = { name: "required", breaking: () => [undefined] };

function onBothSides(operation: Operation, argument: string, trial: Trial): Plan[] {
  const { name, breaking, mediaType, atServer, inClient } = trial;
  const put = ({ parameters, body }: Arguments, value: unknown): Arguments =>
    argument === "body" ? { parameters, body: value } : { parameters: { ...parameters, [argument]: value }, body };
  return [
    {
      kind: "constraint, at the server",
      words: `${argument} ${name}, refused by the server`,
      unshowable: atServer,
      cases: (args) => {
        const requests = breaking("server").map((value) => writeRequest(operation, put(args, value), mediaType));
        return requests.flatMap((request) => (request === undefined ? [] : { of: "server", request }));
      },
    },
    {
      kind: "constraint, in the client",
      words: `${argument} ${name}, refused by the client`,
      unshowable: inClient,
      cases: (args) => breaking("client").map((value) => ({ of: "client", args: put(args, value), argument })),
    },
  ];
}

/** The constraints on a body, for each schema that its media types have. */
function bodyTrials(mediaTypes: readonly MediaType[], direction: Direction): (Trial & { mediaType: string })[] {
  const texts = mediaTypes.map(({ schema }) => schema && JSON.stringify(plainSchema(schema, direction)));
  const different = mediaTypes.filter(({ schema }, index) => schema && texts.indexOf(texts[index]) === index);
  return different.flatMap(({ name: mediaType, schema, at }) => {
    const others = different.filter((each) => each.at !== at);
    const isAdmitted = (value: unknown) =>
      others.some((other) => violationsOf(other.schema, value, direction).length === 0);
    return constraintsOf(schema, direction).map((constraint) => {
      const values = () => breakingValues(constraint, admittedValues(schema, at, direction)[0]);
      const isLost = others.length > 0 && values().length > 0 && values().every(isAdmitted);
      const admitted = isLost ? "the client takes a body of any version, and another one admits it" : undefined;
      const reason = unbreakable(constraint);
      return {
        name: at === different[0]?.at ? nameOf(constraint) : `as ${mediaType} ${nameOf(constraint)}`,
        breaking: (side) => values().filter((value) => side === "server" || !isAdmitted(value)),
        mediaType,
        atServer: reason ?? unknownToPrism(constraint),
        inClient: reason ?? admitted,
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

const FORBIDS_NOTHING = /^(format (password|binary|float|double)|min(Length|Items|Properties) 0)$/;

/** Why no value at all breaks the constraint, if that is so; everything else has to be broken. */
function unbreakable({ keyword, at, direction }: Constraint): string | undefined {
  if (keyword === "format" && direction === "response") return "the client reads responses of any format";
  return FORBIDS_NOTHING.test(`${keyword} ${at.value}`) ? "it forbids nothing" : undefined;
}

const OTHER_PATH = "a path without the value is another path";

/** Why no text in a URL or header breaks a constraint at the server, by its keyword and value. */
const INEXPRESSIBLE: Readonly<Record<string, string>> = {
  "type string": "in a URL or header every value is a string",
  "type array": "in a URL or header one value is a list of one",
  "type object": "in a URL an object is several values",
  "minItems 1": "in a URL or header an empty list is no value",
};

function inexpressible(parameter: Parameter, constraint: Constraint): string | undefined {
  const { keyword, at } = constraint;
  if (keyword === "minLength" && at.value === 1 && parameter.in === "path") return OTHER_PATH;
  return INEXPRESSIBLE[`${keyword} ${at.value}`] ?? unknownToPrism(constraint);
}

function unknownToPrism({ keyword, at }: Constraint): string | undefined {
  return keyword === "format" && at.value === "int64" ? "Prism takes any whole number for an int64" : undefined;
}

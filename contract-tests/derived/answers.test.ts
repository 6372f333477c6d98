/**
 * The contract as tests: every documented answer of every operation, with each kind of credentials and in each media
 * type, becomes the typed result or the typed error. Nothing here knows an operation by name.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AtlasApiError } from "../../src/index.js";
import { type Answer, type MediaType, type Operation, readContract } from "../contract/contract.js";
import { objectOf } from "../contract/json.js";
import { violationsOf } from "../contract/validation.js";
import { credentialsFor, credentialsOf, letsEverybodyIn } from "../ledger/credentials.js";
import { factName, isSuccess } from "../ledger/facts.js";
import { touches } from "../ledger/touches.js";
import { type Mock, startMock } from "../mock/start-mock.js";
import { type CallOutcome, call, credentialsByName, sendRaw } from "./calling.js";
import { casesOf } from "./cases.js";
import { written } from "./wire.js";

const contract = await readContract();
const { callable } = casesOf(contract);

let mock: Mock;
beforeAll(async () => {
  mock = await startMock();
});
afterAll(() => mock.stop());

describe.for(callable.map((each) => [each.operation.operationId, each] as const))("%s", ([, { operation, args }]) => {
  const { operationId } = operation;
  const [request] = written(operation, args);
  const accept = operation.answers.filter(isSuccess).flatMap(({ mediaTypes }) => mediaTypes)[0]?.name;
  const kinds = credentialsOf(contract, operation);
  const firstKind = kinds[0] ?? "accessToken";
  // Where the contract asks for no credentials the client brings its own all the same.
  const byCredentials = operation.answers.flatMap((answer) =>
    (kinds.length === 0 ? ["accessToken"] : kinds).map((kind) => [answer.status, kind, answer] as const),
  );

  test.for(byCredentials)("%s, signed in with %s", async ([, kind, answer], { task }) => {
    const outcome = await call(mock.url, operationId, args, {
      client: { credentials: credentialsOfKind(kind) },
      headers: preferring(operation, answer),
    });
    if (isSuccess(answer)) expectResult(answer, outcome);
    else expectApiError(operation, answer, outcome);
    expectHeaders(answer, outcome.answer?.headers);
    touches(task, factName.response(operation, answer));
    if (kinds.includes(kind)) touches(task, factName.responseWith(operation, answer, kind));
    touches(task, ...answer.headers.map(({ name }) => factName.responseHeader(operation, answer, name)));
    const schemes = operation.security.flat().filter((scheme) => knows(scheme, kind));
    touches(task, ...schemes.map((scheme) => factName.security(operation, scheme)));
  });

  const byMediaType = operation.answers.flatMap((answer) =>
    answer.mediaTypes.map((mediaType) => [answer.status, mediaType.name, answer, mediaType] as const),
  );

  test.for(byMediaType)("%s as %s", async ([, , answer, mediaType], { task }) => {
    if (request === undefined) throw new Error("The arguments could not be written as a request");
    const asked = isSuccess(answer) || accept === undefined ? mediaType.name : `${accept}, ${mediaType.name}`;
    const response = await sendRaw(mock, request, { accept: asked, ...preferring(operation, answer) }, firstKind);
    expect(response.status).toBe(preferredStatus(operation, answer));
    const text = await response.text();
    if (mediaType.schema === undefined) expect(text).toBe("");
    else {
      expect(contentType(response.headers)).toBe(mediaType.name);
      expect(violationsOf(mediaType.schema, JSON.parse(text), "answer")).toStrictEqual([]);
    }
    touches(task, factName.responseMediaType(operation, answer, mediaType.name));
  });

  test.for(accept === undefined ? [] : [accept])("asks for %s, which the contract lists first", async (first) => {
    await call(mock.url, operationId, args, { client: { credentials: credentialsOfKind(firstKind) } });
    expect(mock.requests.at(-1)).toMatchObject({ method: operation.method, headers: { accept: first } });
  });

  test.for(byMediaType.flatMap(versioned))("apiVersion %s asks for %s", async ([version, name, answer], { task }) => {
    // The version is a value of the contract's, found at run time; the type of the option lists the same values.
    const options = Object.fromEntries([["apiVersion", version]]);
    const outcome = await call(mock.url, operationId, args, {
      client: { credentials: credentialsOfKind(firstKind), ...options },
      headers: preferring(operation, answer),
    });
    expectResult(answer, outcome);
    expect(mock.requests.at(-1)).toMatchObject({ headers: { accept: name } });
    touches(task, factName.responseMediaType(operation, answer, name));
  });

  const strangers = [
    ["without credentials", undefined],
    ["with a wrong token", "Bearer not-the-token"],
  ] as const;
  test.for(letsEverybodyIn(operation) ? [] : strangers)(
    "%s it is answered 401, with the documented body",
    async ([, authorization], { task }) => {
      const unauthorized = operation.answers.find(({ status }) => status === "401");
      const response = await fetch(mock.url + request?.target, {
        method: operation.method,
        headers: { ...request?.headers, ...(authorization === undefined ? {} : { authorization }) },
        ...(request?.body === undefined ? {} : { body: request.body }),
      });
      expect(response.status).toBe(401);
      const schema = unauthorized?.mediaTypes[0]?.schema ?? {};
      expect(violationsOf(schema, await response.json(), "answer")).toStrictEqual([]);
      touches(task, factName.noCredentials(operation));
    },
  );
});

function credentialsOfKind(kind: string): (typeof credentialsByName)[string] {
  const credentials = credentialsByName[kind];
  if (credentials === undefined) throw new Error(`There are no credentials of the kind ${kind}`);
  return credentials;
}

function knows(scheme: string, kind: string): boolean {
  return credentialsFor(contract.securitySchemes[scheme]).includes(kind);
}

function preferring(operation: Operation, answer: Answer): { Prefer: string } {
  return { Prefer: `code=${preferredStatus(operation, answer)}` };
}

/** A status that this answer, and no other, is documented for; `4XX` and `default` stand for many. */
function preferredStatus({ answers }: Operation, { status }: Answer): number {
  if (/^\d{3}$/.test(status)) return Number(status);
  const first = status === "default" ? 418 : Number(status[0]) * 100 + 18;
  const documented = new Set(answers.map((answer) => answer.status));
  return Array.from({ length: 80 }, (_, index) => first + index).find((one) => !documented.has(String(one))) ?? first;
}

/** The version that a media type of a success names, if it names one. */
function versioned([, name, answer]: readonly [string, string, Answer, MediaType]): [string, string, Answer][] {
  const version = /vnd\.atlas\.(\d{4}-\d{2}-\d{2})\+json/.exec(name)?.[1];
  return version === undefined || !isSuccess(answer) ? [] : [[version, name, answer]];
}

function expectResult(answer: Answer, { error, result, answer: came }: CallOutcome): void {
  expect(error).toBeUndefined();
  expect(came?.status).toBe(Number(answer.status));
  const schema = schemaOf(answer, came?.headers);
  if (schema === undefined) {
    expect(result).toBeUndefined();
    return;
  }
  expect(result).toStrictEqual(JSON.parse(came?.text ?? ""));
  expect(violationsOf(schema, result, "answer")).toStrictEqual([]);
}

function expectApiError(operation: Operation, answer: Answer, { error, answer: came }: CallOutcome): void {
  expect(error).toBeInstanceOf(AtlasApiError);
  const body: unknown = came === undefined || came.text === "" ? undefined : JSON.parse(came.text);
  const { errorCode, detail, reason } = objectOf(body);
  const status = preferredStatus(operation, answer);
  const { operationId } = operation;
  expect(error).toMatchObject({ code: "ERR_ATLAS_API", status, errorCode, detail, reason, operationId });
  expect(error).toMatchObject({ outcome: status < 500 && status !== 408 ? "not-applied" : "unknown" });
  const schema = schemaOf(answer, came?.headers);
  if (schema !== undefined) expect(violationsOf(schema, body, "answer")).toStrictEqual([]);
}

/** The schema of the media type that came, which has to be a documented one where the answer has a body. */
function schemaOf(answer: Answer, headers: Headers | undefined): Parameters<typeof violationsOf>[0] | undefined {
  if (answer.mediaTypes.every(({ schema }) => schema === undefined)) return undefined;
  const came = headers === undefined ? undefined : contentType(headers);
  expect(answer.mediaTypes.map(({ name }) => name)).toContain(came);
  return answer.mediaTypes.find(({ name }) => name === came)?.schema;
}

function contentType(headers: Headers): string | undefined {
  return headers.get("content-type")?.split(";")[0];
}

function expectHeaders(answer: Answer, headers: Headers | undefined): void {
  for (const { name, schema } of answer.headers) {
    const text = headers?.get(name);
    expect(text, `header ${name}`).toEqual(expect.any(String));
    const isNumber = schema["type"] === "integer" || schema["type"] === "number";
    expect(violationsOf(schema, isNumber ? Number(text) : text, "answer"), `header ${name}`).toStrictEqual([]);
  }
}

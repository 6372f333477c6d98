/**
 * The contract as tests: every documented response of every operation, with each kind of credentials and in each media
 * type, becomes the typed result or the typed error,
 * and a success whose body breaks one constraint is no success for the client. Nothing here knows an operation by name.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AtlasApiError, AtlasResponseError, type DeviationEvent } from "../../src/index.js";
import type { Place } from "../contract/document.js";
import { objectOf } from "../contract/json.js";
import {
  asCalled,
  type DocumentedResponse,
  isSuccess,
  type MediaType,
  newest,
  type Operation,
  readContract,
  successesOf,
  versionIn,
} from "../contract/operations.js";
import { isJsonType, writeRequest } from "../contract/requests.js";
import { violationsOf } from "../contract/validation.js";
import { requiredArguments } from "../contract/values.js";
import { type Mock, startMock } from "../mock/start-mock.js";
import { callableIn, credentialsFor, credentialsOf, factName, factsOf } from "./facts.js";
import { touches } from "./ledger.js";
import { type CallOutcome, call, credentialsByName, sendRaw } from "./testing/calling.js";

const contract = await readContract();
const callable = callableIn(contract);

let mock: Mock;
beforeAll(async () => {
  mock = await startMock({ stateless: true });
});
afterAll(() => mock.stop());

describe.for(callable.map((each) => [each.operation.operationId, each] as const))("%s", ([, { operation, args }]) => {
  const { operationId } = operation;
  const request = writeRequest(operation, args);
  const accept = newest(successesOf(operation).flatMap(({ mediaTypes }) => mediaTypes))?.name;
  const kinds = credentialsOf(operation);
  const firstKind = kinds[0] ?? "accessToken";
  // If the contract asks for no credentials the client brings its own all the same.
  const byCredentials = operation.responses.flatMap((documented) =>
    (kinds.length === 0 ? ["accessToken"] : kinds).map((kind) => [documented.status, kind, documented] as const),
  );

  test.for(byCredentials)("%s, signed in with %s", async ([status, kind, documented], { task }) => {
    const outcome = await call(mock.url, operationId, args, {
      client: { credentials: credentialsOfKind(kind) },
      headers: preferring(operation, documented),
    });
    if (isSuccess(documented)) await expectResult(operation, documented, outcome);
    else expectApiError(operation, documented, outcome);
    expectHeaders(documented, outcome.response?.headers);
    touches(task, factName(operation, status));
    if (kinds.includes(kind)) touches(task, factName(operation, status, "signed in with", kind));
    touches(task, ...documented.headers.map(({ name }) => factName(operation, status, "header", name)));
    const schemes = operation.security.flat().filter((scheme) => credentialsFor(scheme).includes(kind));
    touches(task, ...schemes.map(({ name }) => factName(operation, "security", name)));
  });

  const byMediaType = operation.responses.flatMap((documented) =>
    documented.mediaTypes.map((mediaType) => [documented.status, mediaType.name, documented, mediaType] as const),
  );

  test.for(byMediaType)("%s as %s", async ([status, , documented, mediaType], { task }) => {
    if (request === undefined) throw new Error("The arguments could not be written as a request");
    const asked = isSuccess(documented) || accept === undefined ? mediaType.name : `${accept}, ${mediaType.name}`;
    const response = await sendRaw(mock, request, { accept: asked, ...preferring(operation, documented) }, firstKind);
    expect(response.status).toBe(preferredStatus(operation, documented));
    const text = await response.text();
    if (mediaType.schema === undefined) expect(text).toBe("");
    else {
      expect(contentType(response.headers)).toBe(mediaType.name);
      const value: unknown = isJsonType(mediaType.name) ? JSON.parse(text) : text;
      expect(violationsOf(mediaType.schema, value, "response")).toStrictEqual([]);
    }
    touches(task, factName(operation, status, "as", mediaType.name));
  });

  const byExample = operation.responses.flatMap((documented) =>
    (documented.mediaTypes[0]?.at.get("examples")?.keys() ?? []).map(
      (name) => [documented.status, name, documented] as const,
    ),
  );

  test.for(byExample)("%s, example %s", async ([, name, documented]) => {
    const { Prefer } = preferring(operation, documented);
    const outcome = await call(mock.url, operationId, args, {
      client: { credentials: credentialsOfKind(firstKind) },
      headers: { Prefer: `${Prefer}, example=${name}` },
    });
    const value = documented.mediaTypes[0]?.at.get("examples", name, "value")?.value;
    expect(JSON.parse(outcome.response?.text ?? "")).toStrictEqual(value);
    if (isSuccess(documented)) await expectResult(operation, documented, outcome);
    else expectApiError(operation, documented, outcome);
  });

  test.for(accept === undefined ? [] : [accept])(
    "asks for %s, the newest version that the contract lists",
    async (first) => {
      await call(mock.url, operationId, args, { client: { credentials: credentialsOfKind(firstKind) } });
      expect(mock.requests.at(-1)).toMatchObject({ method: operation.method, headers: { accept: first } });
    },
  );

  test.for(byMediaType.flatMap(versioned))(
    "apiVersion %s asks for %s",
    async ([version, name, documented], { task }) => {
      // The version is a value of the contract's, found at run time; the type of the option lists the same values.
      const options = Object.fromEntries([["apiVersion", version]]);
      const outcome = await call(mock.url, operationId, requiredArguments(asCalled(operation, version)).args, {
        client: { credentials: credentialsOfKind(firstKind), ...options },
        headers: preferring(operation, documented),
      });
      await expectResult(operation, documented, outcome);
      expect(mock.requests.at(-1)).toMatchObject({ headers: { accept: name } });
      touches(task, factName(operation, documented.status, "as", name));
    },
  );

  const strangers = [
    ["without credentials", undefined],
    ["with a wrong token", "Bearer not-the-token"],
  ] as const;
  test.for(operation.open ? [] : strangers)(
    "%s the response is 401, with the documented body",
    async ([, authorization], { task }) => {
      const unauthorized = operation.responses.find(({ status }) => status === "401");
      const response = await fetch(mock.url + request?.target, {
        method: operation.method,
        headers: { ...request?.headers, ...(authorization === undefined ? {} : { authorization }) },
        ...(request?.body === undefined ? {} : { body: request.body }),
      });
      expect(response.status).toBe(401);
      const schema = unauthorized?.mediaTypes[0]?.schema;
      expect(violationsOf(schema, await response.json(), "response")).toStrictEqual([]);
      touches(task, factName(operation, "security, none"));
    },
  );
});

/** Here the response comes from the test, since no server that keeps the contract would give it. */
const NEVER_REACHED = "http://127.0.0.1:1";

for (const { name: fact, operation, case: broken } of factsOf(contract)) {
  if (broken?.of !== "response") continue;
  const { args, response, mediaType, body } = broken;
  test(fact, async ({ task }) => {
    const { operationId } = operation;
    const status = preferredStatus(operation, response);
    const fetch = async (): Promise<Response> =>
      new Response(JSON.stringify(body), { status, headers: { "content-type": mediaType } });
    const deviations: DeviationEvent[] = [];
    const onDeviation = (event: DeviationEvent) => void deviations.push(event);
    const { error, result } = await call(NEVER_REACHED, operationId, args, { client: { fetch, onDeviation } });
    if (/ pattern$/.test(fact)) {
      // Patterns are wrong in documents more often than in responses.
      expect(result).toStrictEqual(body);
      expect(deviations).toMatchObject([{ operationId, broken: [{}] }]);
    } else {
      expect(error).toBeInstanceOf(AtlasResponseError);
      expect(error).toMatchObject({ code: "ERR_ATLAS_RESPONSE", outcome: "applied", status, operationId });
      expect(deviations).toStrictEqual([]);
    }
    touches(task, fact);
  });
}

for (const { operation, args } of callable) {
  const { operationId } = operation;
  for (const response of successesOf(operation)) {
    const [first] = response.mediaTypes;
    if (first?.schema === undefined || !isJsonType(first.name)) continue;
    test(`${operationId} ${response.status} with a body that is not JSON`, async () => {
      const status = preferredStatus(operation, response);
      const fetch = async (): Promise<Response> => new Response("<html>", { status });
      const { error } = await call(NEVER_REACHED, operationId, args, { client: { fetch } });
      expect(error).toBeInstanceOf(AtlasResponseError);
      expect(error).toMatchObject({ code: "ERR_ATLAS_RESPONSE", outcome: "applied", status, operationId });
    });
  }
}

function credentialsOfKind(kind: string): (typeof credentialsByName)[string] {
  const credentials = credentialsByName[kind];
  if (credentials === undefined) throw new Error(`There are no credentials of the kind ${kind}`);
  return credentials;
}

function preferring(operation: Operation, documented: DocumentedResponse): { Prefer: string } {
  return { Prefer: `code=${preferredStatus(operation, documented)}` };
}

/** A status that this documented, and no other, is documented for; `4XX` and `default` stand for many. */
function preferredStatus({ responses }: Operation, { status }: DocumentedResponse): number {
  if (/^\d{3}$/.test(status)) return Number(status);
  const first = status === "default" ? 418 : Number(status[0]) * 100 + 18;
  const documented = new Set(responses.map((response) => response.status));
  return Array.from({ length: 80 }, (_, index) => first + index).find((one) => !documented.has(String(one))) ?? first;
}

/** The version that a media type of a success names, if it names one. */
function versioned([, name, documented]: readonly [string, string, DocumentedResponse, MediaType]): [
  string,
  string,
  DocumentedResponse,
][] {
  const version = versionIn(name);
  return version === undefined || !isSuccess(documented) ? [] : [[version, name, documented]];
}

async function expectResult(
  operation: Operation,
  documented: DocumentedResponse,
  { error, result, response: received }: CallOutcome,
): Promise<void> {
  expect(error).toBeUndefined();
  expect(received?.status).toBe(preferredStatus(operation, documented));
  if (result instanceof Blob) {
    expect(documented.mediaTypes.map(({ name }) => name)).toContain(result.type);
    expect(await result.text()).toBe(received?.text);
    return;
  }
  const schema = schemaOf(documented, received?.headers);
  if (schema === undefined) {
    expect(result).toBeUndefined();
    return;
  }
  expect(result).toStrictEqual(JSON.parse(received?.text ?? ""));
  expect(violationsOf(schema, result, "response")).toStrictEqual([]);
}

function expectApiError(
  operation: Operation,
  documented: DocumentedResponse,
  { error, response: received }: CallOutcome,
): void {
  expect(error).toBeInstanceOf(AtlasApiError);
  const body: unknown = received === undefined || received.text === "" ? undefined : JSON.parse(received.text);
  const { errorCode, detail, reason } = objectOf(body);
  const status = preferredStatus(operation, documented);
  const { operationId } = operation;
  // What is null reads like what is left out.
  const said = { errorCode, detail: detail ?? undefined, reason: reason ?? undefined };
  expect(error).toMatchObject({ code: "ERR_ATLAS_API", status, operationId, ...said });
  expect(error).toMatchObject({ outcome: status < 500 && status !== 408 ? "not-applied" : "unknown" });
  const schema = schemaOf(documented, received?.headers);
  if (schema !== undefined) expect(violationsOf(schema, body, "response")).toStrictEqual([]);
}

/** The schema of the media type that came, which has to be a documented one if the response has a body. */
function schemaOf(documented: DocumentedResponse, headers: Headers | undefined): Place | undefined {
  if (documented.mediaTypes.every(({ schema }) => schema === undefined)) return undefined;
  const received = headers === undefined ? undefined : contentType(headers);
  expect(documented.mediaTypes.map(({ name }) => name)).toContain(received);
  return documented.mediaTypes.find(({ name }) => name === received)?.schema;
}

function contentType(headers: Headers): string | undefined {
  return headers.get("content-type")?.split(";")[0];
}

function expectHeaders(documented: DocumentedResponse, headers: Headers | undefined): void {
  for (const { name, schema } of documented.headers) {
    const text = headers?.get(name);
    expect(text, `header ${name}`).toEqual(expect.any(String));
    const isNumber = ["integer", "number"].includes(schema?.get("type")?.text ?? "");
    expect(violationsOf(schema, isNumber ? Number(text) : text, "response"), `header ${name}`).toStrictEqual([]);
  }
}

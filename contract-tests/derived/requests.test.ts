/**
 * The contract as tests: each constraint on a request is broken once by a request past the client, which the server must
 * refuse, and once through the client, which must refuse it and send nothing. Nothing here knows an operation by name.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AtlasRequestError } from "../../src/index.js";
import { examplesOf, type Operation, readContract, successesOf } from "../contract/operations.js";
import { writeRequest } from "../contract/requests.js";
import { violationsOf } from "../contract/validation.js";
import { admittedForParameter } from "../contract/values.js";
import { type Mock, startMock } from "../mock/start-mock.js";
import { callableIn, credentialsOf, factName, factsOf } from "./facts.js";
import { touches } from "./ledger.js";
import { argumentsIn, call, credentialsByName, sendRaw } from "./testing/calling.js";

const contract = await readContract();
const callable = callableIn(contract);

let mock: Mock;
beforeAll(async () => {
  mock = await startMock({ stateless: true });
});
afterAll(() => mock.stop());

/** The status of the mock's refusal: 400, unless the contract documents only another one for it. */
function refusalOf({ responses }: Operation): [status: number, documented?: Operation["responses"][number]] {
  for (const status of [400, 422, 404]) {
    const documented = responses.find((each) => [`${status}`, "4XX", "default"].includes(each.status));
    if (documented !== undefined) return [status, documented];
  }
  return [400];
}

describe("what breaks the contract", () => {
  const facts = factsOf(contract);
  for (const { name, operation, case: broken } of facts) {
    if (broken?.of !== "server") continue;
    test(name, async ({ task }) => {
      const response = await sendRaw(mock, broken.request, acceptOf(operation), kindOf(operation));
      const [status, documented] = refusalOf(operation);
      expect(response.status).toBe(status);
      const schema = documented?.mediaTypes[0]?.schema;
      if (schema !== undefined) expect(violationsOf(schema, await response.json(), "response")).toStrictEqual([]);
      touches(task, name);
    });
  }

  for (const { name, operation, case: broken } of facts) {
    if (broken?.of !== "client") continue;
    test(name, async ({ task }) => {
      const before = mock.requests.length;
      const { operationId } = operation;
      const { error, response } = await call(mock.url, operationId, broken.args, signedIn(operation));
      expect(error).toBeInstanceOf(AtlasRequestError);
      expect(error).toMatchObject({ code: "ERR_ATLAS_REQUEST", outcome: "not-applied", operationId });
      expect(argumentsIn(error)).toContain(broken.argument);
      expect(response).toBeUndefined();
      expect(mock.requests).toHaveLength(before);
      touches(task, name);
    });
  }
});

describe.for(callable.map((each) => [each.operation.operationId, each] as const))("%s", ([, { operation, args }]) => {
  const { operationId, parameters, body } = operation;

  test("an argument that the contract does not know is refused, and nothing is sent", async () => {
    const before = mock.requests.length;
    const { error } = await call(mock.url, operationId, { ...args, parameters: { ...args.parameters, unheardOf: 1 } });
    expect(error).toBeInstanceOf(AtlasRequestError);
    expect(error).toMatchObject({ violations: [{ argument: "unheardOf" }] });
    expect(mock.requests).toHaveLength(before);
  });

  const named = parameters.map((parameter) => [parameter.in, parameter.name, parameter] as const);
  test.for(named)("%s parameter %s arrives as OpenAPI writes it", async ([, , parameter], { task }) => {
    const [value] = admittedForParameter(parameter);
    const given = { ...args, parameters: { ...args.parameters, [parameter.name]: value } };
    const expected = writeRequest(operation, given);
    if (value === undefined || expected === undefined) throw new Error(`No value is known for ${parameter.name}`);
    const { error } = await call(mock.url, operationId, given, signedIn(operation));
    expect(error).toBeUndefined();
    expect(mock.requests.at(-1)).toMatchObject({
      path: expected.target,
      headers: expected.headers,
    });
    const raw = await sendRaw(mock, expected, acceptOf(operation), kindOf(operation));
    // In an envelope the status is inside.
    const { status } = expected.target.includes("envelope=true") ? Object(await raw.json()) : raw;
    expectSuccess(operation, status);
    touches(task, factName(operation, `${parameter.in} parameter ${parameter.name}`));
  });

  const optional = named.filter(([, , { schema, required }]) => schema?.has("default") === true && !required);
  test.for(optional)("%s parameter %s is not sent unless it is given", async ([, , parameter], { task }) => {
    expect(violationsOf(parameter.schema, parameter.schema?.get("default")?.value, "request")).toStrictEqual([]);
    const { error } = await call(mock.url, operationId, args, signedIn(operation));
    expect(error).toBeUndefined();
    expect(new URL(mock.requests.at(-1)?.path ?? "", mock.url).searchParams.has(parameter.name)).toBe(false);
    expect(mock.requests.at(-1)?.headers).not.toHaveProperty(parameter.name.toLowerCase());
    touches(task, factName(operation, `${parameter.in} parameter ${parameter.name} default`));
  });

  test.for(body === undefined ? [] : [body])(
    "the body is sent as the version that is asked for, or the one before",
    async ({ mediaTypes }) => {
      await call(mock.url, operationId, args, signedIn(operation));
      expect(mock.requests.at(-1)).toMatchObject({
        headers: { "content-type": mediaTypes[0]?.name },
        body: writeRequest(operation, args)?.body,
      });
    },
  );

  const bodies = body?.mediaTypes.map(({ name, at }) => [name, examplesOf(at)] as const) ?? [];
  test.for(bodies)("a body as %s is accepted", async ([name, examples], { task }) => {
    for (const example of examples.length === 0 ? [args.body] : examples) {
      const request = writeRequest(operation, { ...args, body: example }, name);
      if (request === undefined) throw new Error("The arguments could not be written as a request");
      const response = await sendRaw(mock, request, acceptOf(operation), kindOf(operation));
      expectSuccess(operation, response.status);
    }
    touches(task, factName(operation, "body as", name));
  });

  test.for(body === undefined ? [] : [args])(
    "a body of a media type that the contract does not list is refused",
    async (given) => {
      const request = writeRequest(operation, given, "text/x-unlisted");
      if (request === undefined) throw new Error("The arguments could not be written as a request");
      const response = await sendRaw(mock, request, acceptOf(operation), kindOf(operation));
      expect([400, 415]).toContain(response.status);
    },
  );
});

function expectSuccess(operation: Operation, status: unknown): void {
  expect(String(status)).toMatch(/^2/);
  const documented = successesOf(operation).map((success) => success.status.replace("2XX", String(status)));
  expect(documented).toContain(String(status));
}

function acceptOf(operation: Operation): { accept?: string } {
  const first = successesOf(operation).flatMap(({ mediaTypes }) => mediaTypes)[0];
  return first === undefined ? {} : { accept: first.name };
}

/** The first kind of credentials that the contract admits; a client has to have some, even if the contract asks for none. */
function kindOf(operation: Operation): string {
  return credentialsOf(operation)[0] ?? "accessToken";
}

function signedIn(operation: Operation): Parameters<typeof call>[3] {
  const credentials = credentialsByName[kindOf(operation)];
  return credentials === undefined ? {} : { client: { credentials } };
}

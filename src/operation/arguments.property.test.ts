/**
 * Whatever is given as an argument either matches the contract and arrives exactly as documented, or is refused and
 * nothing arrives. What matches is decided here by a reading of the contract of its own.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AtlasClient, AtlasRequestError } from "../index.js";
import { clientOf, creation, deletion, revealed, secret } from "../testing/scripted-client.js";
import { reply, type ScriptedServer, startScriptedServer } from "../testing/scripted-server.js";

/** For each property; every run of the tests draws others, so that they add up. */
const RUNS = { numRuns: 300 };

let server: ScriptedServer;
let atlas: AtlasClient;
beforeAll(async () => {
  server = await startScriptedServer(({ method }) => (method === "POST" ? reply(201, secret) : reply(204)));
  ({ atlas } = clientOf(server, { retry: false }));
});
afterAll(() => server.close());

const isId = (value: unknown) => typeof value === "string" && value.length === 24 && /^[0-9a-f]*$/.test(value);
const isClientId = (value: unknown) =>
  typeof value === "string" && value.length === 34 && /^mdb_sa_id_[0-9A-Fa-f]*$/.test(value) && !/\s/.test(value);
const isFlag = (value: unknown) => value === undefined || value === true || value === false;
const isHours = (value: unknown) => Number.isInteger(value) && Number(value) > 0 && Number(value) < 2 ** 31;

/** What JSON makes of a value; undefined if it can make nothing of it. */
function throughJson(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value));
  } catch {
    return undefined;
  }
}

/** By what is sent: of a boxed number, JSON makes a number. */
function isBody(value: unknown): boolean {
  const sent = throughJson(value);
  if (typeof sent !== "object" || sent === null || Array.isArray(sent)) return false;
  return isHours(Object.getOwnPropertyDescriptor(sent, "secretExpiresAfterHours")?.value);
}

type Check = (value: unknown) => boolean;
const checks = {
  create: { groupId: isId, clientId: isClientId, body: isBody, envelope: isFlag, pretty: isFlag },
  delete: { orgId: isId, clientId: isClientId, secretId: isId, envelope: isFlag, pretty: isFlag },
} as const satisfies Record<string, Record<string, Check>>;
type Operation = keyof typeof checks;

/** As the documentation has it: where each argument stands in the request. */
function documented(operation: Operation, args: Readonly<Record<string, unknown>>) {
  const query = ["envelope", "pretty"]
    .filter((name) => args[name] !== undefined)
    .map((name) => `${name}=${args[name]}`)
    .join("&");
  const path =
    operation === "create"
      ? `/api/atlas/v2/groups/${args["groupId"]}/serviceAccounts/${args["clientId"]}/secrets`
      : `/api/atlas/v2/orgs/${args["orgId"]}/serviceAccounts/${args["clientId"]}/secrets/${args["secretId"]}`;
  return {
    method: operation === "create" ? "POST" : "DELETE",
    target: query === "" ? path : `${path}?${query}`,
    body: operation === "create" ? throughJson(args["body"]) : undefined,
  };
}

/** Makes the call and holds what happened to the contract. */
async function hold(operation: Operation, args: Readonly<Record<string, unknown>>): Promise<void> {
  const before = server.requests.length;
  const known: Readonly<Record<string, Check>> = checks[operation];
  const wrong = [
    ...Object.entries(known)
      .filter(([name, fits]) => !fits(args[name]))
      .map(([name]) => name),
    ...Object.keys(args).filter((name) => !Object.hasOwn(known, name)),
  ];
  // The point of this test is what TypeScript cannot refuse.
  const call =
    operation === "create"
      ? atlas.createGroupServiceAccountSecret(args as unknown as typeof creation)
      : atlas.deleteOrgServiceAccountSecret(args as unknown as typeof deletion);
  const outcome = await call.then(
    (value) => ({ value: value && revealed(value) }),
    (error: unknown) => ({ error }),
  );
  const arrived = server.requests.slice(before);
  if (wrong.length === 0) {
    expect(outcome).toEqual({ value: operation === "create" ? secret : undefined });
    const expected = documented(operation, args);
    expect(arrived.map(({ method, target }) => [method, target])).toEqual([[expected.method, expected.target]]);
    expect(arrived[0]?.body === "" ? undefined : JSON.parse(arrived[0]?.body ?? "")).toEqual(expected.body);
    return;
  }
  expect(arrived).toEqual([]);
  const error = "error" in outcome ? outcome.error : expect.fail(`accepted, though ${wrong.join()} is wrong`);
  if (!(error instanceof AtlasRequestError)) throw error;
  expect(error.outcome).toBe("not-applied");
  expect(error.message).not.toMatch(/\p{Cc}/u);
  const named = new Set(error.violations.map(({ argument }) => argument.split(".")[0]));
  // Names that nobody knows may be cut, or hold a dot; of those that are known, exactly the wrong ones are named.
  const knownAndWrong = wrong.filter((name) => Object.hasOwn(known, name));
  expect(
    Object.keys(known)
      .filter((name) => named.has(name))
      .sort(),
  ).toEqual(knownAndWrong.sort());
  for (const { received } of error.violations) expect(received.length).toBeLessThan(300);
}

const anyValue = fc.anything({
  maxDepth: 1,
  maxKeys: 3,
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
});
const hexDigits = (alphabet: string) => fc.string({ unit: fc.constantFrom(...alphabet), minLength: 24, maxLength: 24 });
const id = hexDigits("0123456789abcdef");
const clientId = hexDigits("0123456789abcdefABCDEF").map((digits) => `mdb_sa_id_${digits}`);
const nasty = fc.oneof(
  fc.constantFrom(
    "..",
    ".",
    "/",
    "\\",
    "%2e%2e",
    "%2F",
    "?x",
    "#",
    "\0",
    "\n",
    "\r\n",
    " ",
    "g",
    "G",
    "A",
    "_",
    "é",
    "٣",
    "\u2028",
    "\ud800",
    "{}",
    "&",
    "=",
    "+",
    ";",
    ":",
  ),
  fc.string({ unit: "binary", minLength: 1, maxLength: 3 }),
);

/** A valid value with something put in, put in place of something, or taken away. */
const nearly = (valid: fc.Arbitrary<string>) =>
  fc
    .tuple(valid, fc.nat(34), fc.nat(2), nasty)
    .map(([value, at, cut, piece]) => value.slice(0, at) + piece + value.slice(at + cut));
const text = (valid: fc.Arbitrary<string>) =>
  fc.oneof(
    { weight: 2, arbitrary: valid },
    { weight: 4, arbitrary: nearly(valid) },
    { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
    nasty,
    { weight: 3, arbitrary: anyValue },
  );
const flag = fc.oneof(
  fc.boolean(),
  { weight: 3, arbitrary: fc.constantFrom("true", "false", 0, 1, null, "", undefined) },
  { weight: 3, arbitrary: anyValue },
);
const hours = fc.oneof(
  fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  fc.integer({ min: 1, max: 2 ** 31 - 1 }).map((value): unknown => Object(value)),
  fc.integer(),
  fc.double(),
  fc.constantFrom(0, -0, -1, 1.5, "8", Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 31 - 1, 1, 2 ** 53, null),
  anyValue,
);
const body = fc.oneof(
  { weight: 4, arbitrary: fc.record({ secretExpiresAfterHours: hours }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.dictionary(fc.string(), anyValue), hours)
      .map(([more, value]) => ({ ...more, secretExpiresAfterHours: value })),
  },
  { weight: 1, arbitrary: hours.map((value): unknown => Object.create({ secretExpiresAfterHours: value })) },
  { weight: 1, arbitrary: hours.map((value): unknown => [{ secretExpiresAfterHours: value }]) },
  { weight: 2, arbitrary: anyValue },
);

const rows: readonly (readonly [Operation, string, fc.Arbitrary<unknown>])[] = [
  ["create", "groupId", text(id)],
  ["create", "clientId", text(clientId)],
  ["create", "body", body],
  ["create", "envelope", flag],
  ["create", "pretty", flag],
  ["delete", "orgId", text(id)],
  ["delete", "clientId", text(clientId)],
  ["delete", "secretId", text(id)],
  ["delete", "envelope", flag],
  ["delete", "pretty", flag],
];
const valid = { create: creation, delete: deletion };

describe("a thousand values", () => {
  it.each(rows)("of %s's %s", async (operation, name, values) => {
    await fc.assert(
      fc.asyncProperty(values, (value) => hold(operation, { ...valid[operation], [name]: value })),
      RUNS,
    );
  });

  it.each(["create", "delete"] as const)("of all of %s's arguments together", async (operation) => {
    const own = rows.filter(([of]) => of === operation);
    const all = fc.record(
      Object.fromEntries(
        own.map(([, name, values]) => {
          const fits = Object.entries<unknown>(valid[operation]).find(([each]) => each === name)?.[1];
          return [name, fc.oneof({ weight: 3, arbitrary: fc.constant(fits) }, { weight: 1, arbitrary: values })];
        }),
      ),
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(all, (args) => hold(operation, args)),
      RUNS,
    );
  });

  it("under names that the contract may not have", async () => {
    const names = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("__proto__", "constructor", "toString", "body", "orgId", "groupID", ""),
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, anyValue, { maxKeys: 3 }), async (more) => {
        // Spreading keeps an own __proto__; assigning would not.
        await hold("create", { ...creation, ...more });
        await hold("delete", { ...more, ...deletion });
      }),
      RUNS,
    );
  });
});

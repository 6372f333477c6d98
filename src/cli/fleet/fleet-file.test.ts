import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { validateFleet } from "../../../generated/fleet-validator.js";
import { UsageError } from "../terminal/exit-code.js";
import { checkFleet, trueName } from "./fleet-file.js";
import { parseJsonDocument } from "./json-document.js";

const schema: object = JSON.parse(readFileSync(new URL("fleet.schema.json", import.meta.url), "utf8"));

const id = (digits: string) => digits.repeat(24).slice(0, 24);
const clientIdOf = (index: number) => `mdb_sa_id_${index.toString(16).padStart(24, "0")}`;
const entry = {
  groupId: id("5f"),
  orgId: id("4e"),
  clientId: clientIdOf(1),
  secretExpiresAfterHours: 720,
  secretFile: "one.secret",
};
const { groupId, orgId, secretExpiresAfterHours, ...rest } = entry;
const fleetOf = (changes: object) => ({ rotations: [{ ...entry, ...changes }] });

const accepted: readonly (readonly [string, unknown])[] = [
  ["one complete entry", fleetOf({})],
  ["a schema for the editor", { $schema: "./fleet.schema.json", ...fleetOf({}) }],
  [
    "defaults for what every entry shares",
    { defaults: { groupId, orgId, secretExpiresAfterHours }, rotations: [rest] },
  ],
  ["a default command", { defaults: { exec: "store" }, rotations: [{ ...entry, secretFile: undefined }] }],
  ["a file in place of the default command", { defaults: { exec: "store" }, ...fleetOf({}) }],
  ["a previous secret", fleetOf({ previousSecretId: id("3c") })],
];

const refused: readonly (readonly [string, unknown, ...string[]])[] = [
  ["no object", [], ": expected an object, got an empty array"],
  ["no rotations", {}, ": rotations is missing"],
  ["an empty fleet", { rotations: [] }, "/rotations: expected an array with at least one entry, got an empty array"],
  [
    "rotations that are no array",
    { rotations: {} },
    "/rotations: expected an array with at least one entry, got an object",
  ],
  ["an entry that is no object", { rotations: [null] }, "/rotations/0: expected an object, got null"],
  [
    "an unknown name",
    { ...fleetOf({ hours: 1 }), fleet: 1 },
    "/fleet: unknown name; expected one of $schema, defaults, rotations",
    "/rotations/0/hours: unknown name; expected one of groupId, orgId, clientId, secretExpiresAfterHours, previousSecretId, secretFile, exec",
  ],
  [
    "an account among the defaults",
    { defaults: { clientId: clientIdOf(1) }, ...fleetOf({}) },
    "/defaults/clientId: unknown name; expected one of groupId, orgId, secretExpiresAfterHours, exec",
  ],
  ["defaults that are no object", { defaults: 1, ...fleetOf({}) }, "/defaults: expected an object, got 1"],
  [
    "ids that are none",
    fleetOf({ groupId: "5F", orgId: 4, clientId: "mdb_sa_id_1", previousSecretId: null }),
    '/rotations/0/groupId: expected 24 hexadecimal digits, got "5F"',
    "/rotations/0/orgId: expected 24 hexadecimal digits, got 4",
    '/rotations/0/clientId: expected mdb_sa_id_ and 24 hexadecimal digits, got "mdb_sa_id_1"',
    "/rotations/0/previousSecretId: expected 24 hexadecimal digits, got null",
  ],
  [
    "no time to live",
    fleetOf({ secretExpiresAfterHours: 0 }),
    "/rotations/0/secretExpiresAfterHours: expected an integer from 1 to 2147483647, or a duration such as 30d, got 0",
  ],
  [
    "everything missing",
    { rotations: [{}] },
    "/rotations/0: groupId is missing, here and in /defaults",
    "/rotations/0: orgId is missing, here and in /defaults",
    "/rotations/0: secretExpiresAfterHours is missing, here and in /defaults",
    "/rotations/0: secretFile or exec is missing, and /defaults has no exec",
    "/rotations/0: clientId is missing",
  ],
  ["two destinations", fleetOf({ exec: "store" }), "/rotations/0: secretFile and exec cannot be used together"],
  ["a blank file", fleetOf({ secretFile: " " }), '/rotations/0/secretFile: expected text that is not blank, got " "'],
  [
    "a default that is wrong, though no entry takes it",
    { defaults: { groupId: "" }, ...fleetOf({}) },
    '/defaults/groupId: expected 24 hexadecimal digits, got ""',
  ],
];

function problemsOf(fleet: unknown): string[] {
  return checkFleet(fleet, "/").problems.map(({ pointer, message }) => `${pointer}: ${message}`);
}

/** Without members that are undefined, which no file can hold. */
const asFile = (fleet: unknown): unknown => JSON.parse(JSON.stringify(fleet));

const SHARED = ["groupId", "orgId", "secretExpiresAfterHours", "exec"] as const;

/** Two entries, which have left to the defaults what is shared. */
function fleetSharing(shared: readonly string[]) {
  const all = { ...entry, exec: "store", secretFile: undefined };
  const members = (keep: (name: string) => boolean, changes: object) =>
    Object.fromEntries(Object.entries({ ...all, ...changes }).filter(([name]) => keep(name)));
  const entryOf = (changes: object) => members((name) => !shared.includes(name), changes);
  const defaults = members((name) => shared.includes(name), {});
  return {
    defaults,
    rotations: [entryOf({}), entryOf({ clientId: clientIdOf(2), exec: undefined, secretFile: "two" })],
  };
}

interface Edit {
  readonly place: string;
  readonly name: string;
  readonly value: unknown;
}

function edited(fleet: ReturnType<typeof fleetSharing>, edits: readonly Edit[]): object {
  const [first = {}, second = {}] = fleet.rotations;
  const at = (place: string, object: object) =>
    Object.assign(
      {},
      object,
      ...edits.filter((edit) => edit.place === place).map(({ name, value }) => ({ [name]: value })),
    );
  return at("", { defaults: at("defaults", fleet.defaults), rotations: [at("0", first), at("1", second)] });
}

describe("a fleet file", () => {
  it.each(accepted)("may have %s", (_what, fleet) => {
    expect(problemsOf(asFile(fleet))).toEqual([]);
  });

  it.each(refused)("may not have %s", (_what, fleet, ...problems) => {
    expect(problemsOf(asFile(fleet))).toEqual(problems);
  });

  it("may not have an account twice, in whatever letters", () => {
    const rotations = ["ab", "AB"].map((letters) => {
      return { ...entry, clientId: `mdb_sa_id_${letters.repeat(12)}`, secretFile: `${letters}.secret` };
    });
    expect(problemsOf({ rotations })).toEqual(["/rotations/1/clientId: the same as /rotations/0/clientId"]);
  });

  it.each([
    ["linux", false],
    ["darwin", true],
    ["win32", true],
  ] as const)("on %s, takes names that differ by the case of their letters for one file: %s", (platform, isOne) => {
    for (const directory of [tmpdir(), "/not-there"]) {
      const [one, other] = ["a.secret", "A.secret"].map((name) => trueName(join(directory, name), platform));
      expect(one === other).toBe(isOne);
    }
  });

  it("fills the defaults in, but no default command beside an entry's own file", () => {
    const fleet = { defaults: { groupId, orgId, secretExpiresAfterHours, exec: "store" }, rotations: [rest] };
    expect(checkFleet(fleet, "/").entries).toEqual([entry]);
  });
});

describe("fleet.schema.json", () => {
  it("refuses nothing without a problem that says why", () => {
    const ids = [groupId, id("G"), clientIdOf(9)];
    const values = [...ids, 1, 8, 2 ** 31, 1.5, "8", "one", " ", "a\u0000", "a\nb", null, [], {}];
    const names = [...Object.keys(entry), "previousSecretId", "exec", "defaults", "rotations", "$schema", "other"];
    const edits = fc.record({
      place: fc.constantFrom("", "defaults", "0", "1"),
      name: fc.constantFrom(...names),
      // Undefined takes the member away.
      value: fc.constantFrom(undefined, ...values),
    });
    let valid = 0;
    fc.assert(
      fc.property(fc.subarray([...SHARED]), fc.array(edits, { maxLength: 3 }), (shared, changes) => {
        const file = asFile(edited(fleetSharing(shared), changes));
        const fits = validateFleet(file);
        if (fits) valid += 1;
        const problems = problemsOf(file).filter((problem) => !problem.includes("the same as"));
        expect(problems.length === 0, JSON.stringify([file, problems])).toBe(fits);
      }),
      { numRuns: 1500 },
    );
    expect(valid, "not only refusals were tried").toBeGreaterThan(100);
  });

  it("has the contract's own patterns and limits for the ids and the hours", () => {
    const contract = parse(
      readFileSync(new URL("../../../openapi/atlas-service-account-secrets.yaml", import.meta.url), "utf8"),
    );
    const { parameters, schemas } = contract.components;
    const { definitions } = JSON.parse(JSON.stringify(schema));
    const { properties } = definitions.rotation;
    for (const name of ["groupId", "orgId", "secretId"]) {
      expect(definitions.id.pattern).toBe(parameters[name].schema.pattern);
    }
    expect(properties.clientId.pattern).toBe(parameters.clientId.schema.pattern);
    const hours = schemas.ServiceAccountSecretRequest.properties.secretExpiresAfterHours;
    expect(hours).toMatchObject({ type: "integer", format: "int32", minimum: 0, exclusiveMinimum: true });
    expect(definitions.secretExpiresAfterHours).toMatchObject({
      type: ["integer", "string"],
      minimum: 1,
      maximum: 2 ** 31 - 1,
    });
  });
});

const DOCUMENT = `{
  "defaults": { "a/b": 1, "c~d": [true,
    null] },

  "rotations": [
    {}, { "clientId":
      "x" }
  ]
}
`;

function lineOfFault(json: string): number {
  try {
    parseJsonDocument(json);
  } catch (error) {
    if (error instanceof UsageError) return Number(/^(\d+): not JSON: /.exec(error.message)?.[1]);
  }
  return expect.fail(`Not refused: ${json}`);
}

describe("parseJsonDocument", () => {
  it("knows the line of every value by its pointer", () => {
    const { lineOf } = parseJsonDocument(DOCUMENT);
    expect(Object.fromEntries(lineOf)).toEqual({
      "": 1,
      "/defaults": 2,
      "/defaults/a~1b": 2,
      "/defaults/c~0d": 2,
      "/defaults/c~0d/0": 2,
      "/defaults/c~0d/1": 3,
      "/rotations": 5,
      "/rotations/0": 6,
      "/rotations/1": 6,
      "/rotations/1/clientId": 7,
    });
  });

  it("reads what JSON.parse reads, and as it does", () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 2, "\t"), (json, indent) => {
        const written = JSON.stringify(JSON.parse(json), undefined, indent);
        expect(parseJsonDocument(written).value).toEqual(JSON.parse(written));
      }),
    );
  });

  it("refuses what JSON.parse refuses, and nothing else", () => {
    const edited = fc.tuple(
      fc.json({ maxDepth: 3 }),
      fc.nat(),
      fc.constantFrom("", ",", "}", "]", '"', "\\", "0", "-", ".", "\n", "\u0001", "e", ":", "\u00a0"),
    );
    fc.assert(
      fc.property(edited, ([json, at, inserted]) => {
        const index = at % (json.length + 1);
        const broken = `${json.slice(0, index)}${inserted}${json.slice(index + (inserted === "" ? 1 : 0))}`;
        const accepts = (parse: (text: string) => unknown) => {
          try {
            parse(broken);
            return true;
          } catch {
            return false;
          }
        };
        expect(accepts(parseJsonDocument)).toBe(accepts(JSON.parse));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["", 1],
    ["{\n", 2],
    ['{\n "a": 1\n "b": 2 }', 3],
    ['{ "a": 1,\n }', 2],
    ["[1,\n2,]", 2],
    ["{}\n\n{}", 3],
    ["{\n'a': 1}", 2],
    ['"\n"', 1],
  ])("says where %j stops being JSON", (json, line) => {
    expect(lineOfFault(json)).toBe(line);
  });

  it("says what an object has twice, where JSON.parse takes the last", () => {
    const { value, repeated } = parseJsonDocument('{ "a": { "b": 1, "b": 2 }, "\\u0061": 3, "__proto__": 4 }');
    expect(repeated).toEqual(["/a/b", "/a"]);
    expect(value).toEqual(JSON.parse('{ "a": 3, "__proto__": 4 }'));
  });

  it("refuses nesting that would exhaust the stack", () => {
    expect(lineOfFault("[".repeat(100_000))).toBe(1);
  });
});

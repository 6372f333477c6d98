import { describe, expect, it } from "vitest";
import {
  all,
  contractCopy,
  createPath,
  deletePath,
  differencesOf,
  type Json,
  type Keys,
  mediaTypes,
  places,
  remove,
  schemaDifferences,
  set,
} from "./testing/documents.js";

const { post, del, parameters, responses, hours, secret, schemes } = places;
const stricter = "x-stricter-than-documentation";
const reason = "Found out by asking.";
const elsewhere = { reason: "On the operation's page." };

function judged(note: (copy: Json) => void, change: (copy: Json) => void): readonly (readonly string[])[] {
  const [contract, copy] = [contractCopy(), contractCopy()];
  note(contract);
  change(copy);
  return differencesOf(contract, copy).map(({ verdict, why }) => [verdict, why]);
}

describe("a reason for being stricter than the documentation", () => {
  it("covers its keyword where they are looser, in requests and responses", () => {
    const note = set([...secret, "properties", "createdAt", stricter], { keyword: "format", reason });
    expect(judged(note, remove([...secret, "properties", "createdAt", "format"]))).toEqual([
      ["stricter on purpose", reason],
    ]);
    const atBound = set([...hours, stricter], { keyword: "exclusiveMinimum", reason });
    expect(judged(atBound, set([...hours, "minimum"], -1))).toEqual([["stricter on purpose", reason]]);
  });

  it("covers each keyword that says with others which values there are, under its own name", () => {
    const at = [...secret, "properties", "maskedSecretValue"] as const;
    const nullable = set([...at, stricter], { keyword: "nullable", reason });
    expect(judged(nullable, set([...at, "nullable"], true))).toEqual([["stricter on purpose", reason]]);
    const ours = { const: "a", [stricter]: { keyword: "const", reason } };
    expect(schemaDifferences("response", ours, { enum: ["a", "b"] }).map(({ verdict }) => verdict)).toEqual([
      "stricter on purpose",
    ]);
  });

  it("covers what says how a value is used, if they do not say it", () => {
    for (const keyword of ["readOnly", "writeOnly", "deprecated", "default"]) {
      const ours = { type: "boolean", [keyword]: true, [stricter]: { keyword, reason } };
      const verdicts = schemaDifferences("request", ours, { type: "boolean" }).map(({ verdict }) => verdict);
      expect([keyword, ...verdicts]).toEqual([keyword, "stricter on purpose"]);
    }
  });

  it("may be one of a list, and may stand at a parameter", () => {
    const notes = [
      { keyword: "type", reason: "no" },
      { keyword: "required", reason },
    ];
    const isRequired = all(
      set([...parameters, "pretty", "required"], true),
      set([...parameters, "pretty", stricter], notes),
    );
    expect(judged(isRequired, () => {})).toEqual([["stricter on purpose", reason]]);
  });

  it("covers neither another keyword nor a document that is stricter still or simply different", () => {
    const note = set([...parameters, "clientId", "schema", stricter], { keyword: "pattern", reason });
    const other = (keyword: string, value: unknown) =>
      judged(note, set([...parameters, "clientId", "schema", keyword], value));
    expect(other("maxLength", 10).map(([verdict]) => verdict)).toEqual(["breaking"]);
    expect(other("pattern", "^[a-z]+$").map(([verdict]) => verdict)).toEqual(["breaking"]);
    expect(other("type", "integer").map(([verdict]) => verdict)).toEqual(["breaking"]);
  });

  it("is found behind allOf", () => {
    const ours = { allOf: [{ type: "string", pattern: "^a$", [stricter]: { keyword: "pattern", reason } }] };
    expect(schemaDifferences("response", ours, { type: "string" }).map(({ verdict }) => verdict)).toEqual([
      "stricter on purpose",
    ]);
  });

  it("without words is none", () => {
    for (const note of [{ keyword: "pattern" }, { keyword: "pattern", reason: " " }, { reason }, "pattern", null]) {
      const verdicts = judged(
        set([...parameters, "secretId", "schema", stricter], note),
        remove([...parameters, "secretId", "schema", "pattern"]),
      );
      expect(verdicts.map(([verdict]) => verdict)).toEqual(["compatible"]);
    }
  });
});

describe("another source for a keyword in which the contract is looser", () => {
  const at = [...secret, "properties", "maskedSecretValue"] as const;
  const note = (keyword: string) => set([...at, "x-documented-elsewhere"], { keyword, reason });

  it("explains a tighter document, for this keyword alone", () => {
    const tighter = set([...at, "maxLength"], 20);
    expect(judged(note("maxLength"), tighter)).toEqual([["explained", reason]]);
    expect(judged(note("pattern"), tighter).map(([verdict]) => verdict)).toEqual(["compatible"]);
  });

  it("does not explain a looser document, nor that the property is gone", () => {
    const both = all(note("type"), set([...at, "x-needed-by-client"], { reason }));
    expect(judged(note("type"), set([...at, "nullable"], true)).map(([verdict]) => verdict)).toEqual(["breaking"]);
    expect(judged(both, remove(at))).toEqual([["breaking", reason]]);
  });
});

describe("another source for what their document lacks", () => {
  const documented: readonly (readonly [what: string, at: Keys, gone: Keys])[] = [
    ["an operation", del, del],
    ["an operation whose whole path is gone", post, ["paths", createPath]],
    ["a parameter", [...parameters, "envelope"], [...post, "parameters", 2]],
    ["a request body", [...post, "requestBody"], [...post, "requestBody"]],
    [
      "a media type of the request",
      [...post, "requestBody", "content", "application/json"],
      [...post, "requestBody", "content", "application/json"],
    ],
    [
      "a media type of a response",
      [...del, "responses", "204", "content", mediaTypes.new],
      [...del, "responses", "204", "content", mediaTypes.new],
    ],
    ["a response", [...del, "responses", "204"], [...del, "responses", "204"]],
    ["a response behind a reference", [...responses, "tooManyRequests"], [...del, "responses", "429"]],
    ["a header", ["components", "headers", "Retry-After"], [...responses, "tooManyRequests", "headers", "Retry-After"]],
    ["a property", [...secret, "properties", "secret"], [...secret, "properties", "secret"]],
    ["a security scheme", [...schemes, "DigestAuth"], [...post, "security", 1]],
    ["a server", ["servers", 1], ["servers", 1]],
  ];
  it.each(documented)("explains %s", (_, where, gone) => {
    expect(judged(set([...where, "x-documented-elsewhere"], elsewhere), remove(gone))).toEqual([
      ["explained", elsewhere.reason],
    ]);
  });

  it("explains no body at all only where every media type has a reason", () => {
    const content = [...post, "responses", "201", "content"];
    const one = set([...content, mediaTypes.old, "x-documented-elsewhere"], elsewhere);
    const two = all(one, set([...content, mediaTypes.new, "x-documented-elsewhere"], elsewhere));
    expect(judged(one, remove(content)).map(([verdict]) => verdict)).toEqual(["breaking"]);
    expect(judged(two, remove(content)).map(([verdict]) => verdict)).toEqual(["explained"]);
  });

  it("explains nothing that is there and differs", () => {
    const note = set([...parameters, "envelope", "x-documented-elsewhere"], elsewhere);
    expect(judged(note, set([...parameters, "envelope", "required"], true)).map(([verdict]) => verdict)).toEqual([
      "breaking",
    ]);
  });

  it("explains a looser response, if it names the keyword, and nothing that breaks a client", () => {
    const items = ["components", "schemas", "ApiError", "properties", "parameters", "items"];
    const note = set([...items, "x-documented-elsewhere"], { keyword: "type", ...elsewhere });
    const objects = set([...items, "type"], "object");
    expect(judged(note, objects)).toEqual([["explained", elsewhere.reason]]);
    const other = set([...items, "x-documented-elsewhere"], { keyword: "format", ...elsewhere });
    expect(judged(other, objects).map(([verdict]) => verdict)).toEqual(["compatible"]);
    const looser = set([...secret, "properties", "createdAt", "type"], "integer");
    const excuse = set([...secret, "properties", "createdAt", "x-documented-elsewhere"], {
      keyword: "type",
      ...elsewhere,
    });
    expect(judged(excuse, looser).map(([verdict]) => verdict)).toEqual(["breaking"]);
  });

  it("in their document is no reason", () => {
    const theirs = all(
      set([...parameters, "envelope", "x-documented-elsewhere"], elsewhere),
      remove([...post, "requestBody", "content", "application/json"]),
    );
    expect(judged(() => {}, theirs).map(([verdict]) => verdict)).toEqual(["breaking"]);
  });
});

describe("one difference in several places", () => {
  it("is one, and names them all", () => {
    const copy = contractCopy();
    set([...parameters, "clientId", "schema", "maxLength"], 8)(copy);
    set(["components", "responses", "notFound", "content", "text/plain"], {})(copy);
    const differences = differencesOf(contractCopy(), copy);
    expect(
      differences.map(({ what, places: where }) => [what, where.map(({ operation, part }) => `${operation} ${part}`)]),
    ).toEqual([
      [
        "maxLength of path parameter clientId",
        ["createGroupServiceAccountSecret request", "deleteOrgServiceAccountSecret request"],
      ],
      [
        "only theirs: media type text/plain of response",
        ["createGroupServiceAccountSecret response 404", "deleteOrgServiceAccountSecret response 404"],
      ],
    ]);
  });

  it("names every place of theirs, if they write it several times", () => {
    const copy = contractCopy();
    const inPlace = { name: "pretty", in: "query", schema: { type: "string", default: false } };
    set([...post, "parameters", 3], inPlace)(copy);
    set([...del, "parameters", 4], inPlace)(copy);
    const [difference, ...others] = differencesOf(contractCopy(), copy);
    expect(others).toEqual([]);
    const end = (pointer: string | undefined) => pointer?.split("/").slice(-4).join("/");
    expect([end(difference?.theirs.pointer), ...(difference?.alsoTheirs ?? []).map(end)]).toEqual([
      "parameters/3/schema/type",
      "parameters/4/schema/type",
    ]);
    expect(difference?.theirs.pointer).toContain(createPath.replaceAll("/", "~1"));
    expect(difference?.alsoTheirs[0]).toContain(deletePath.replaceAll("/", "~1"));
  });

  it("is two if two properties with one schema are gone", () => {
    const dates = (properties: Json) => ({ type: "object", properties });
    const date = { $ref: "#/components/schemas/Date" };
    const components = { components: { schemas: { Date: { type: "string", format: "date" } } } };
    const gone = schemaDifferences("response", dates({ from: date, to: date }), dates({}), components);
    expect(gone.map(({ what, ours }) => [what, ours.pointer.split("/").at(-1)])).toEqual([
      ["only ours: property response $.from", "from"],
      ["only ours: property response $.to", "to"],
    ]);
  });

  it("gets the heaviest of its verdicts", () => {
    const schema = { type: "object", properties: { a: { type: "string" } } };
    const document = (a: object) => ({
      openapi: "3.0.3",
      components: { schemas: { Thing: { ...schema, properties: { a } } } },
      paths: {
        "/things": {
          put: {
            requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/Thing" } } } },
            responses: {
              "200": {
                description: "",
                content: { "application/json": { schema: { $ref: "#/components/schemas/Thing" } } },
              },
            },
          },
        },
      },
    });
    const differences = differencesOf(document({ type: "string" }), document({ type: "string", nullable: true }));
    expect(differences.map(({ verdict, places: where }) => [verdict, where.map(({ part }) => part)])).toEqual([
      ["breaking", ["request", "response 200"]],
    ]);
  });
});

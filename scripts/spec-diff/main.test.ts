import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  all,
  contractCopy,
  contractPath,
  deletePath,
  explainedContract,
  fileWith,
  places,
  remove,
  run,
  set,
} from "./testing/documents.js";

const { post, del, hours, apiError } = places;

describe("a copy of the contract", () => {
  it("is clean, and the response says how much was looked at", async () => {
    const { status, out, err } = await run(contractPath);
    expect([status, err]).toEqual([0, ""]);
    expect(out).toMatch(
      /^ours {4}contract-tests\/.*\ntheirs {2}contract-tests\/.* \(2 paths\)\n\n2 operations, \d{4,} comparisons: no difference\n$/,
    );
  });

  it("is clean as JSON and as other YAML", async () => {
    for (const name of ["copy.json", "copy.yaml"])
      expect(await run(fileWith(name, contractCopy()))).toMatchObject({ status: 0, err: "" });
  });

  it("with one edit is not clean any more", async () => {
    const copy = contractCopy();
    set([...hours, "maximum"], 8760)(copy);
    for (const name of ["edited.json", "edited.yaml"])
      expect(await run(fileWith(name, copy))).toMatchObject({ status: 1, err: "" });
  });

  it("without an operation is not clean", async () => {
    const copy = contractCopy();
    remove(["paths", deletePath])(copy);
    const { status, out } = await run(fileWith("one.json", copy));
    expect(status).toBe(1);
    expect(out).toContain(`breaking  only ours: DELETE ${deletePath}`);
  });

  it("with compatible and explained differences only is fine", async () => {
    const copy = contractCopy();
    remove(["components", "parameters", "secretId", "schema", "pattern"])(copy);
    remove([...post, "requestBody", "content", "application/json"])(copy);
    set([...del, "responses", "409"], { description: "conflict" })(copy);
    const contract = fileWith("contract.yaml", explainedContract());
    const { status, out } = await run(fileWith("fine.json", copy), "--contract", contract);
    expect(status).toBe(0);
    expect(out).toContain("3 differences (1 stricter on purpose, 1 explained, 1 compatible)");
  });
});

describe("what is printed", () => {
  it("aligns the two sides, and names line, pointer, places and reason", async () => {
    const copy = contractCopy();
    set([...apiError, "properties", "errorCode", "type"], "integer")(copy);
    const { out } = await run(fileWith("printed.json", copy), "--contract", fileWith("ours.yaml", contractCopy()));
    const [, , , ...block] = out.replaceAll(/line \d+ */g, "line N    ").split("\n");
    expect(block).toEqual([
      "breaking  type of response $.errorCode",
      '  ours    "string"   line N    #/components/schemas/ApiError/properties/errorCode/type',
      '  theirs  "integer"  line N    #/components/schemas/ApiError/properties/errorCode/type',
      "  in      createGroupServiceAccountSecret: responses 400, 401, 403, 404, 429, 500",
      "          deleteOrgServiceAccountSecret: responses 401, 403, 404, 429, 500",
      "  why     what they return is not what the contract describes",
      "",
      expect.stringMatching(/^2 operations, \d+ comparisons: 1 difference \(1 breaking\)$/),
      "",
    ]);
  });

  it("puts the heaviest verdict first", async () => {
    const copy = contractCopy();
    remove(["components", "parameters", "clientId", "schema", "pattern"])(copy);
    remove(["components", "parameters", "secretId", "schema", "pattern"])(copy);
    set([...hours, "maximum"], 8760)(copy);
    const { out } = await run(fileWith("order.json", copy));
    expect(out.match(/^(breaking|stricter on purpose|compatible)(?= {2})/gm)).toEqual([
      "breaking",
      "stricter on purpose",
      "compatible",
    ]);
  });

  it("is JSON with --json", async () => {
    const copy = contractCopy();
    remove([...hours, "minimum"])(copy);
    remove([...hours, "exclusiveMinimum"])(copy);
    const path = fileWith("json.json", copy);
    const { status, out } = await run("--json", path);
    const pointer = "#/components/schemas/ServiceAccountSecretRequest/properties/secretExpiresAfterHours/minimum";
    expect(status).toBe(0);
    expect(JSON.parse(out)).toEqual({
      contract: contractPath,
      document: path,
      isSdkDocument: false,
      operations: ["createGroupServiceAccountSecret", "deleteOrgServiceAccountSecret"],
      comparisons: expect.any(Number),
      summary: { breaking: 0, "stricter on purpose": 0, explained: 0, compatible: 1 },
      exitCode: 0,
      differences: [
        {
          verdict: "compatible",
          what: "minimum of request body $.secretExpiresAfterHours",
          ours: { pointer, line: expect.any(Number), value: { minimum: 0, exclusiveMinimum: true } },
          theirs: { pointer, line: expect.any(Number) },
          why: "they accept more than the contract lets a client send",
          places: [{ operation: "createGroupServiceAccountSecret", part: "request" }],
        },
      ],
    });
  });

  it("has the date of an announced end with --json", async () => {
    const copy = contractCopy();
    set([...del, "x-sunset"], "2999-07-01")(copy);
    const { status, out } = await run("--json", fileWith("sunset.json", copy));
    expect(status).toBe(0);
    expect(JSON.parse(out).differences).toMatchObject([{ verdict: "compatible", sunset: "2999-07-01" }]);
  });

  it("is a line for each difference with --github, at its line of the contract, and an announced end a warning", async () => {
    const copy = contractCopy();
    all(
      set([...hours, "maximum"], 8760),
      set([...del, "x-sunset"], "2999-07-01"),
      set([...apiError, "properties", "more, and: 100 %"], {}),
    )(copy);
    const path = fileWith("github.json", copy);
    const { status, out } = await run("--github", path);
    expect(status).toBe(1);
    const lines = out
      .replaceAll(/line=\d+/g, "line=N")
      .replaceAll(/line \d+/g, "line N")
      .trimEnd()
      .split("\n");
    const at = `file=${contractPath},line=N`;
    expect(lines).toEqual([
      `::error ${at},title=breaking%3A maximum of request body $.secretExpiresAfterHours::they may refuse what the contract lets a client send%0Aours: (nothing), theirs: 8760 (${path}, line N)`,
      `::notice ${at},title=compatible%3A only theirs%3A property response $.more%2C and%3A 100 %25::a client ignores what it does not know%0Aours: (nothing), theirs: {} (${path}, line N)`,
      `::warning ${at},title=compatible%3A x-sunset of deleteOrgServiceAccountSecret::it works until 2999-07-01; move clients to what replaces it before that%0Aours: (nothing), theirs: "2999-07-01" (${path}, line N)`,
      expect.stringMatching(/^2 operations, \d+ comparisons: 3 differences/),
    ]);
  });

  it.each([[], ["--github"]])("shows the control characters of a document escaped %s", async (...options) => {
    const copy = contractCopy();
    set([...apiError, "properties", "\u001b[2J\u009b31m\r\n"], { type: "\u001b[2J\u009b31m" })(copy);
    const { out } = await run(...options, fileWith("control.json", copy));
    expect(out).toContain("$.\\u001b[2J\\u009b31m");
    expect(out.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
  });

  it("is one of --json and --github", async () => {
    const { status, err } = await run(contractPath, "--json", "--github");
    expect([status, err.split("\n")[0]]).toEqual([2, "spec:diff: --json and --github exclude each other"]);
  });

  it("is help with an example and the rules with --help", async () => {
    const { status, out } = await run("--help");
    expect(status).toBe(0);
    for (const word of [
      "npm run spec:diff -- https://",
      "breaking",
      "stricter on purpose",
      "explained",
      "compatible",
      "Exit codes",
    ])
      expect(out).toContain(word);
    expect(Math.max(...out.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(120);
  });
});

describe("what cannot be compared exits with 2 and one line", () => {
  it("schemas within schemas without end", async () => {
    const copy = JSON.stringify(contractCopy());
    const deep = `${'{"not":'.repeat(30_000)}{}${"}".repeat(30_000)}`;
    const path = fileWith("deep.json", {});
    writeFileSync(path, copy.replace('"ServiceAccountSecret":{', `"ServiceAccountSecret":{"not":${deep},`));
    const { status, err } = await run(path);
    expect([status, err]).toEqual([2, `spec:diff: ${path} is nested too deeply to be compared\n`]);
  });

  it.each(["no-such.yaml", "http://127.0.0.1:1/"])("%s as the document", async (location) => {
    const { status, out, err } = await run(location);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toMatch(/^spec:diff: cannot (read|get) .*\n$/);
  });

  it("a contract that is not there", async () => {
    const err = "spec:diff: cannot read no-such.yaml: no such file or directory\n";
    expect(await run(contractPath, "--contract", "no-such.yaml")).toEqual({ status: 2, out: "", err });
  });

  it.each([
    [["--timeout", "soon"], '--timeout: expected seconds up to 3600, got "soon"'],
    [["--jsn"], "unknown option '--jsn' (Did you mean --json?)"],
  ])("wrong usage: %j", async (args, problem) => {
    const { status, out, err } = await run(...args);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toContain(`spec:diff: ${problem}\n`);
  });

  it("a contract without operations", async () => {
    const empty = fileWith("empty.json", { openapi: "3.0.3", paths: {} });
    expect(await run(contractPath, "--contract", empty)).toMatchObject({
      status: 2,
      err: `spec:diff: ${empty} has no operation to compare\n`,
    });
  });

  it.each([
    [
      "leads out of the document",
      { $ref: "other.yaml#/Thing" },
      'the reference "other.yaml#/Thing" leads out of the document',
    ],
    ["leads nowhere", { $ref: "#/components/schemas/Gone" }, 'the reference "#/components/schemas/Gone" leads nowhere'],
    ["goes in a circle", { $ref: "#/components/schemas/Loop" }, "goes in a circle"],
  ])("a reference on the way that %s", async (_, schema, problem) => {
    const copy = contractCopy();
    set(["components", "schemas", "Loop"], { $ref: "#/components/schemas/Loop" })(copy);
    set([...hours], schema)(copy);
    const { status, out, err } = await run(fileWith("reference.json", copy));
    expect([status, out]).toEqual([2, ""]);
    expect(err).toContain(problem);
    expect(err.trimEnd()).not.toContain("\n");
  });
});

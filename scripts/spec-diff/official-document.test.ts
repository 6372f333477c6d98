/**
 * Documents that MongoDB publishes: as large as the official one, the one for its SDKs, and the workflow of the README that
 * looks at them every week.
 */
import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { bundledProgram, type Program } from "../../src/cli/testing/command.js";
import {
  type Change,
  contractCopy,
  explainedContract,
  fileWith,
  type Json,
  mediaTypes,
  places,
  run,
  set,
} from "./testing/documents.js";
import { officialDocument } from "./testing/official-document.js";

const { del, hours, apiError } = places;

/** Whether MongoDB's SDK document leaves the parameter out. */
function isStripped(parameter: unknown): boolean {
  return /parameters\/(envelope|pretty)"/.test(JSON.stringify(parameter));
}

describe("a document as large as the official one", () => {
  const expected = [
    "breaking: only ours: media type application/json of request body",
    `breaking: only ours: media type ${mediaTypes.new} of response`,
    `breaking: only ours: media type ${mediaTypes.new} of response`,
    "stricter on purpose: pattern of path parameter secretId",
    "compatible: operationId of createGroupServiceAccountSecret",
    "compatible: readOnly of response $.parameters[]",
    "compatible: only ours: server https://cloud.mongodbgov.com",
    "compatible: operationId of deleteOrgServiceAccountSecret",
  ];

  // YAML takes fifty times as long as JSON to read: a third of the size shows as much.
  it.each([
    ["official.json", { resources: 100, schemas: 950 }, 3_000_000],
    ["official.yaml", { resources: 33, schemas: 316 }, 1_000_000],
  ])("%s: only our operations are looked at", async (name, size, atLeast) => {
    const document = officialDocument(size);
    expect(JSON.stringify(document, null, 2).length).toBeGreaterThan(atLeast);
    const [contract, path] = [fileWith("plain.yaml", contractCopy()), fileWith(name, document)];
    const { status, out } = await run(path, "--contract", contract, "--json");
    const result: { differences: { verdict: string; what: string }[] } = JSON.parse(out);
    expect(status).toBe(1);
    expect(result.differences.map(({ verdict, what }) => `${verdict}: ${what}`)).toEqual(expected);
  });

  it("leaves nothing unexplained once the contract names its other sources", async () => {
    const contract = fileWith("explained.yaml", explainedContract());
    const { status, out } = await run(
      fileWith("small.json", officialDocument({ resources: 3, schemas: 12 })),
      "--contract",
      contract,
    );
    expect(status).toBe(0);
    expect(out).toContain("8 differences (1 stricter on purpose, 3 explained, 4 compatible)");
  });

  it("that is MongoDB's SDK document is recognized: what it leaves out on purpose is explained", async () => {
    const contract = fileWith("explained.yaml", explainedContract());
    const stripped = JSON.parse(
      JSON.stringify(officialDocument({ resources: 3, schemas: 12 })),
      (key, value: unknown) =>
        key === "parameters" && Array.isArray(value) ? value.filter((parameter) => !isStripped(parameter)) : value,
    );
    const { status, out } = await run(fileWith("sdk.json", stripped), "--contract", contract);
    expect(status).toBe(0);
    expect(out).toMatch(/^theirs .*\(11 paths; MongoDB's SDK document\)$/m);
    expect(out.match(/^explained {2}only ours: query parameter (envelope|pretty)$/gm)).toHaveLength(4);
    expect(out).toContain("12 differences (1 stricter on purpose, 7 explained, 4 compatible)");

    // One operation that takes one of them is enough to make it another document.
    const other = structuredClone(stripped);
    set([...del, "parameters", 0], { $ref: "#/components/parameters/pretty" })(other);
    const again = await run(fileWith("other.json", other), "--contract", contract);
    expect(again.status).toBe(1);
    expect(again.out).not.toContain("SDK");
  });

  it("shows a change among all the rest", async () => {
    const document = officialDocument({ resources: 3, schemas: 12 });
    set(
      ["components", "schemas", "ServiceAccountSecretRequest", "properties", "secretExpiresAfterHours", "maximum"],
      8760,
    )(document);
    const contract = fileWith("explained.yaml", explainedContract());
    const { status, out } = await run(fileWith("changed.json", document), "--contract", contract);
    expect(status).toBe(1);
    expect(out).toContain("breaking  maximum of request body $.secretExpiresAfterHours");
  });
});

it("npm run spec:diff is this command, with its exit code", () => {
  const own = "openapi/atlas-service-account-secrets.yaml";
  const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", "spec:diff", "--", own], {
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("no difference");
});

describe("the workflow of the README", () => {
  let program: Program;
  beforeAll(async () => {
    program = await bundledProgram(new URL("main.ts", import.meta.url));
  });
  afterAll(() => program.remove());

  /**
   * Its last step, run by the shell that GitHub runs it with; `gh` is a stand-in that knows no issue or one, and `npm` one
   * that starts the command without a loader.
   */
  async function runStep(document: string, issue = "") {
    const readme = await readFile("scripts/spec-diff/README.md", "utf8");
    const step = /- run: \|\n((?: {10}.+\n)+)```/.exec(readme)?.[1] ?? expect.fail("there is no step");
    const temp = await mkdtemp(join(tmpdir(), "spec-diff-runner-"));
    onTestFinished(() => rm(temp, { recursive: true }));
    await writeFile(join(temp, "gh"), `#!/bin/sh\n[ "$2" = create ] && cp "$6" "${temp}/issue" || echo "${issue}"\n`);
    const npm = `[ "$1 $2 $3 $4" = "run --silent spec:diff --" ] && shift 4 && exec "${process.execPath}" "${program.path}" "$@"`;
    await writeFile(join(temp, "npm"), `#!/bin/sh\n${npm}\n`);
    for (const name of ["gh", "npm"]) await chmod(join(temp, name), 0o755);
    const env = { PATH: `${temp}:${process.env["PATH"]}`, RUNNER_TEMP: temp, DOCUMENT: document, TITLE: "a title" };
    const { status } = spawnSync("bash", ["-e", "-c", step], { env: { ...process.env, ...env }, stdio: "ignore" });
    return { status, issue: await readFile(join(temp, "issue"), "utf8").catch(() => undefined) };
  }

  const own = "openapi/atlas-service-account-secrets.yaml";
  async function edited(change: Change): Promise<string> {
    const document: Json = parse(await readFile(own, "utf8"));
    change(document);
    return fileWith("document.json", document);
  }

  it("opens an issue with the differences if something is breaking or is to end, and there is none", async () => {
    const breaking = await edited(set([...hours, "maximum"], 8760));
    const { status, issue } = await runStep(breaking);
    expect(status).toBe(0);
    expect(issue).toMatch(/^ {4}breaking {2}maximum of request body \$\.secretExpiresAfterHours$/m);
    expect(await runStep(breaking, "17")).toEqual({ status: 0, issue: undefined });
    expect((await runStep(await edited(set([...del, "x-sunset"], "2999-07-01")))).issue).toContain("2999-07-01");
  });

  it("opens none if nothing is, and fails if it cannot be found out", async () => {
    const compatible = await edited(set([...apiError, "properties", "more"], {}));
    expect(await runStep(compatible)).toEqual({ status: 0, issue: undefined });
    expect(await runStep("no-such-file.yaml")).toEqual({ status: 2, issue: undefined });
  });
});

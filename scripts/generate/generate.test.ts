/**
 * The command line of the generator: what it writes, what it says, how it exits.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runCommand } from "../testing/run-command.js";
import { compare, generateCommand, write } from "./generate.js";
import { linesIn } from "./read-contract.js";
import { contractText, operation } from "./testing/contracts.js";

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Loaded before anything else: reaching for a network ends the process with 99. Pipes, which tsx uses, are none. */
const NO_NETWORK = `import { Socket } from "node:net";
const { connect } = Socket.prototype;
Socket.prototype.connect = function (...args) {
  const [options] = args.flat();
  return options?.port === undefined ? Reflect.apply(connect, this, args) : process.exit(99);
};`;

/** `--check` as its users run it, in a process of its own without network. */
async function checkIn(cwd: string): Promise<Outcome> {
  const preloaded = [import.meta.resolve("tsx"), `data:text/javascript,${encodeURIComponent(NO_NETWORK)}`];
  const options = preloaded.flatMap((module) => ["--import", module]);
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const child = spawn(process.execPath, [...options, main, "--check"], { cwd });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { status: child.exitCode, stdout, stderr };
}

const fileNames = [
  "client.ts",
  "fleet-validator.d.ts",
  "fleet-validator.js",
  "operations.ts",
  "schema.ts",
  "types.ts",
  "validators.d.ts",
  "validators.js",
];

/** The command in this process: as `checkIn` runs it in one of its own, but sooner. */
async function run(...args: string[]): Promise<Outcome> {
  const { exitCode, out, err } = await runCommand(generateCommand, args);
  return { status: exitCode, stdout: out, stderr: err };
}

test("--help prints the usage", async () => {
  const { status, stdout, stderr } = await run("--help");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^Usage: npm run generate -- \[options\]\n/);
});

test("an unknown option is exit 2", async () => {
  const stderr = "generate: unknown option '--nonsense'\ngenerate: see npm run generate -- --help\n";
  expect(await run("--nonsense")).toEqual({ status: 2, stdout: "", stderr });
});

test("what is committed in generated/ is what the contract gives, from any directory and without network", async () => {
  expect(await checkIn(tmpdir())).toEqual({ status: 0, stdout: "", stderr: "" });
});

test.each([
  ["no-such-file.yaml", "ENOENT: no such file or directory, open 'no-such-file.yaml'"],
  ["scripts", "EISDIR: illegal operation on a directory, read"],
])("--spec %s is one line that says why, and exit 1", async (spec, why) => {
  const stderr = `generate: cannot read ${spec}: ${why}\n`;
  expect(await run("--spec", spec)).toEqual({ status: 1, stdout: "", stderr });
});

describe("a directory of its own", () => {
  let directory: string;
  let spec: string;
  let out: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "generate-"));
    spec = join(directory, "contract.yaml");
    out = join(directory, "deep", "out");
    await writeFile(spec, contractText({ "/a": { get: operation() } }));
  });

  afterEach(() => rm(directory, { recursive: true }));

  const contentsOf = async () =>
    new Map(await Promise.all(fileNames.map(async (name) => [name, await readFile(join(out, name), "utf8")] as const)));

  test("takes the files, each with a header that names the command, the same to the byte every time", async () => {
    expect(await run("--spec", spec, "--out", out)).toEqual({ status: 0, stdout: "", stderr: "" });
    expect((await readdir(out)).sort()).toEqual(fileNames);
    const first = await contentsOf();
    for (const text of first.values()) expect(text).toMatch(/^\/\/ Generated .*`npm run generate`.*\n/);
    expect([...first.values()].join("")).not.toContain(directory);

    const moved = join(directory, "moved.json");
    await writeFile(moved, await readFile(spec));
    expect(await run("--spec", moved, "--out", out)).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(await contentsOf()).toEqual(first);
  });

  test("is checked: exit 1 names what differs, is missing and is extra, and writes nothing", async () => {
    await run("--spec", spec, "--out", out);
    expect(await run("--check", "--spec", spec, "--out", out)).toEqual({ status: 0, stdout: "", stderr: "" });

    await writeFile(join(out, "client.ts"), "// edited by hand\n");
    await rm(join(out, "operations.ts"));
    await writeFile(join(out, "left-over.ts"), "");
    const { status, stdout, stderr } = await run("--check", "--spec", spec, "--out", out);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr.split("\n")).toEqual([
      "generate:check: client.ts differs; run npm run generate",
      "generate:check: left-over.ts is extra; remove it",
      "generate:check: operations.ts is missing; run npm run generate",
      "",
    ]);
    expect(await readFile(join(out, "client.ts"), "utf8")).toBe("// edited by hand\n");
    expect(await readdir(out)).not.toContain("operations.ts");
  });

  test("is written without a look at what is replaced, such as a link that leads nowhere", async () => {
    await mkdir(out, { recursive: true });
    await symlink(join(directory, "nothing"), join(out, "client.ts"));
    expect(await run("--spec", spec, "--out", out)).toEqual({ status: 0, stdout: "", stderr: "" });
    expect((await readdir(out)).sort()).toEqual(fileNames);
  });

  test("that is missing lacks every file", async () => {
    const { status, stderr } = await run("--check", "--spec", spec, "--out", out);
    expect(status).toBe(1);
    for (const name of fileNames) expect(stderr).toContain(`generate:check: ${name} is missing`);
  });

  test("is not written from a document in another encoding", async () => {
    await writeFile(spec, Buffer.from("openapi: 3.0.3 # größe", "latin1"));
    const stderr = `generate: cannot read ${spec}: The encoded data was not valid for encoding utf-8\n`;
    expect(await run("--spec", spec, "--out", out)).toEqual({ status: 1, stdout: "", stderr });
  });

  test("is written with a note on stderr of what is passed over", async () => {
    await writeFile(spec, contractText({ "/a": { get: operation({ operationId: "do/it" }) } }));
    const message = 'the operationId "do/it" cannot be the name of a function; it is called doIt';
    const stderr = `generate: note: ${spec}#/paths/~1a/get: ${message}\n`;
    expect(await run("--spec", spec, "--out", out)).toEqual({ status: 0, stdout: "", stderr });
  });

  test("keeps its old output when the contract cannot be generated: one line with the place of each reason, exit 1", async () => {
    await mkdir(out, { recursive: true });
    for (const name of fileNames) await writeFile(join(out, name), `// old ${name}`);
    const requestBody = { content: { "multipart/mixed": {} } };
    const one = { get: operation(), post: operation({ operationId: "two", requestBody }) };
    await writeFile(spec, contractText({ "/a": one, "/b?": { get: operation({ operationId: "three" }) } }));
    expect(await run("--spec", spec, "--out", out)).toEqual({
      status: 1,
      stdout: "",
      stderr: `generate: ${spec}#/paths/~1a/post/requestBody/content: a body of multipart/mixed is not supported (line 1)
generate: ${spec}#/paths/~1b?: the path /b? is not a template of the form /name/{parameter} (line 1)
`,
    });
    expect((await readdir(out)).sort()).toEqual(fileNames);
    for (const [name, text] of await contentsOf()) expect(text).toBe(`// old ${name}`);
  });
});

test.each([
  ["/paths/~1a/get/parameters/0/$ref", 4],
  ["/components/schemas/One/properties/two", 8],
  ["/components/schemas/One/properties/nothing", 7],
  ["/b/0", 10],
])("%s is on line %d: its own, or that of the nearest node above it that is in the file", (pointer, line) => {
  const contract = `paths:
  /a:
    get:
      parameters: [{ $ref: "#/nowhere" }]
components:
  schemas: { One: {
    properties: {
      two: {} } } }
a: &a
  - 1
b: *a
`;
  expect(linesIn(contract)(pointer)).toBe(line);
});

describe("writing is all or nothing", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "output-directory-"));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const files = new Map([
    ["one.ts", "1\n"],
    ["two.ts", "2\n"],
  ]);

  test("files that are not generated stay where they are", async () => {
    await writeFile(join(directory, "notes.txt"), "mine");
    await write(directory, files);
    expect((await readdir(directory)).sort()).toEqual(["notes.txt", "one.ts", "two.ts"]);
    expect(await compare(directory, files)).toEqual([{ file: "notes.txt", kind: "is extra" }]);
  });

  test("a directory in the place of the last file leaves the first one untouched", async () => {
    await writeFile(join(directory, "one.ts"), "old");
    await mkdir(join(directory, "two.ts"));
    await expect(write(directory, files)).rejects.toThrow(`${join(directory, "two.ts")} is a directory`);
    await expect(compare(directory, files)).rejects.toThrow(`${join(directory, "two.ts")} is a directory`);
    expect(await readFile(join(directory, "one.ts"), "utf8")).toBe("old");
    expect((await readdir(directory)).sort()).toEqual(["one.ts", "two.ts"]);
  });

  test("a text that cannot be written leaves the old files untouched and nothing beside them", async () => {
    await writeFile(join(directory, "one.ts"), "old");
    const unwritable = new Map([...files, ["no-such-directory/three.ts", "3\n"]]);
    await expect(write(directory, unwritable)).rejects.toMatchObject({ code: "ENOENT" });
    expect(await readFile(join(directory, "one.ts"), "utf8")).toBe("old");
    expect(await readdir(directory)).toEqual(["one.ts"]);
  });
});

/**
 * Every recipe that the README of the command line gives for a store is run as it stands, with a stand-in of the store's own
 * program that takes the arguments of the real one and no others, and that keeps what it is given. Whatever fails, the
 * store holds a secret that works.
 */
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { clientId, command, type Scene, scene } from "../src/cli/testing/command.js";
import { blockWith } from "./readmes.js";

/** What each does with `args` and `stdin`, as its help and documentation have it, to get at what it is to store. */
const PROGRAMS: Readonly<Record<string, string>> = {
  vault: `expect("kv put -mount=secret reports/atlas -"); value = JSON.parse(stdin).secret;`,
  aws: `expect("secretsmanager put-secret-value --secret-id reports/atlas --secret-string file:///dev/stdin --query VersionId");
    value = JSON.parse(stdin).secret;`,
  gcloud: `expect("secrets versions add reports-atlas --data-file=-"); value = stdin;`,
  az: `expect("keyvault secret set --vault-name reports --name atlas --file /dev/stdin --encoding utf-8 --output none");
    value = stdin;`,
  kubectl: `if (args.startsWith("create")) {
      expect("create secret generic reports-atlas --from-file=client-secret=/dev/stdin --dry-run=client --output=yaml");
      print("kind: Secret\\ndata:\\n  client-secret: " + Buffer.from(stdin).toString("base64") + "\\n");
    }
    expect("apply --server-side --force-conflicts --filename=-");
    if (stdin === "") fail("error: no objects passed to apply");
    value = Buffer.from(/client-secret: (.*)/.exec(stdin)[1], "base64").toString();`,
  op: `const fields = [{ id: "username", value: "u" }, { id: "password", value: "old" }];
    if (args.startsWith("item get")) {
      expect("item get reports-atlas --vault Operations --format json");
      print(JSON.stringify({ title: "reports-atlas", fields }));
    }
    expect("item edit reports-atlas --vault Operations --format json");
    const item = JSON.parse(stdin);
    value = item.fields[1].value;
    if (JSON.stringify(item.fields[0]) !== JSON.stringify(fields[0])) fail("a field is lost");`,
  // What the recipe for a dotenv file does last.
  mv: `expect(".env.new .env"); value = /^MONGODB_ATLAS_CLIENT_SECRET=(.*)$/m.exec(fs.readFileSync(".env.new", "utf8"))[1];
    if (process.env.FAILS !== "before") fs.renameSync(".env.new", ".env");`,
  jq: `expect("-er .secret"); if (process.env.FAILS === "jq") fail("jq is broken"); print(JSON.parse(stdin).secret + "\\n");`,
};

const standIn = (name: string, body: string) => `#!${process.execPath}
const fs = require("node:fs");
const args = process.argv.slice(2).join(" ");
const stdin = ${name === "mv" ? '""' : 'fs.readFileSync(0, "utf8")'};
const fail = (message) => { console.error(message); process.exit(1); };
const expect = (known) => { if (args !== known) fail("unknown arguments"); };
const print = (text) => { fs.writeSync(1, text); process.exit(); };
let value;
${body}
if (process.env.FAILS === "before") fail("the store is sealed");
fs.writeFileSync("stored", value);
if (process.env.FAILS === "after") fail("the connection was lost");
`;

const [assignments = "", commandLine = ""] = blockWith("sh", "STORE=").split("\n\n");
const RECIPES = assignments.split(/^# /m).flatMap((text) => {
  const [, name, recipe] = /^(?:an? )?(.+?)(?:[,;].*)?\nSTORE='([^']+)'\n?$/.exec(text) ?? [];
  return name === undefined || recipe === undefined ? [] : [[name, recipe] as const];
});

interface Stored extends Awaited<ReturnType<typeof command>>, Scene {
  readonly stored: string;
  readonly live: readonly string[];
}

/** @param fails whether the store fails before it stores anything, or after, as if its response were lost */
async function run(recipe: string, fails = ""): Promise<Stored> {
  const given = await scene();
  const { directory, env, previous } = given;
  const bin = join(directory, "bin");
  mkdirSync(bin);
  const node = `#!/bin/sh\nexec "${process.execPath}" "$@"\n`;
  const programs = Object.entries(PROGRAMS).map(([name, body]) => [name, standIn(name, body)] as const);
  for (const [name, text] of [...programs, ["node", node] as const]) {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  }
  writeFileSync(join(directory, "store-in-1password.mjs"), blockWith("js", "// store-in-1password.mjs"));
  writeFileSync(join(directory, ".env"), `A=1\nMONGODB_ATLAS_CLIENT_SECRET=${previous.value}\nB=2`);
  chmodSync(join(directory, ".env"), 0o640);
  writeFileSync(join(directory, "stored"), previous.value);
  const words: Readonly<Record<string, string>> = {
    "atlas.state.json": join(directory, "atlas.state.json"),
    // The command line runs in this process, which is in another directory.
    '"$STORE"': `cd ${directory} && ${recipe}`,
  };
  const args = [...commandLine.split(" ").slice(1), "--previous-secret-id", previous.id];
  const around = { env: { ...env, PATH: `${bin}:${env["PATH"]}`, FAILS: fails } };
  const ended = await command(
    args.map((word) => words[word] ?? word),
    around,
  );
  const live = given.server.accounts.secretsOf(clientId).map(({ value }) => value);
  return { ...given, ...ended, stored: readFileSync(join(directory, "stored"), "utf8"), live };
}

describe("a recipe for a store", () => {
  it("is there for each", () => {
    expect(RECIPES.map(([name]) => name)).toEqual([
      ...[
        "HashiCorp Vault",
        "AWS Secrets Manager",
        "Google Cloud Secret Manager",
        "Azure Key Vault",
        "Kubernetes Secret",
      ],
      ...["1Password", "line of a dotenv file"],
    ]);
  });

  it.each(RECIPES)("rotates and stores the value: %s", async (name, recipe) => {
    const { exitCode, stderr, stored, live, directory } = await run(recipe);
    expect(exitCode, stderr).toBe(0);
    expect(live).toEqual([stored]);
    if (!name.includes("dotenv")) return;
    const file = join(directory, ".env");
    expect(readFileSync(file, "utf8")).toBe(`A=1\nB=2\nMONGODB_ATLAS_CLIENT_SECRET=${stored}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });

  it.each(RECIPES.flatMap(([name, recipe]) => ["before", "after"].map((fails) => [fails, name, recipe] as const)))(
    "leaves both secrets alive if the store fails %s it has stored: %s",
    async (fails, _name, recipe) => {
      const { exitCode, json, stored, live, previous } = await run(recipe, fails);
      expect(exitCode).toBe(3);
      expect(json).toMatchObject({ step: "store", created: { now: "alive" }, remedies: [{ action: "look-in-atlas" }] });
      expect(live).toEqual([previous.value, expect.any(String)]);
      expect(stored).toBe(live[fails === "before" ? 0 : 1]);
    },
  );

  it.each(RECIPES.filter(([, recipe]) => recipe.includes("jq")))(
    "stores nothing if the value cannot be read, not even an empty one: %s",
    async (_name, recipe) => {
      const { exitCode, stored, previous, directory } = await run(recipe, "jq");
      expect({ exitCode, stored }).toEqual({ exitCode: 3, stored: previous.value });
      expect(readFileSync(join(directory, ".env"), "utf8")).toContain(`=${previous.value}\n`);
    },
  );
});

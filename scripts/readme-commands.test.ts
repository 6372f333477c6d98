/**
 * The commands of every README and the examples of every `--help` are run, each as it stands, against the mock. What they
 * need beside the project (vault, gh, jq) comes first in PATH as small stand-ins that keep what they are given.
 */
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { mockCredentials } from "../contract-tests/mock/settings.js";
import { type Mock, startMock } from "../contract-tests/mock/start-mock.js";
import { bundledProgram, type Program } from "../src/cli/testing/command.js";
import { blockWith as block } from "./readmes.js";
import { ROOT as root } from "./tarball.js";

let mock: Mock;
let folder: string;
let atlasSecrets: Program;

beforeAll(async () => {
  atlasSecrets = await bundledProgram();
  folder = mkdtempSync(join(tmpdir(), "atlas-readme-"));
  const bin = join(folder, "bin");
  for (const directory of [bin, join(folder, "runner")]) mkdirSync(directory);
  const program = (name: string, text: string) => {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  };
  program("atlas-secrets", `#!/bin/sh\nexec "${process.execPath}" "${atlasSecrets.path}" "$@"\n`);
  program("npx", `#!/bin/sh\nwhile [ "$1" != atlas-secrets ]; do shift; done\nexec "$@"\n`);
  program("vault", `#!/bin/sh\ncat >> "${folder}/vault.json"\n`);
  program(
    "gh",
    `#!/bin/sh\ncase "$1 $2" in
      "variable get") cat "${folder}/gh-variable" ;;
      "variable set") cat > "${folder}/gh-variable" ;;
      *) cat > "${folder}/gh-secret" ;;
    esac\n`,
  );
  program(
    "jq",
    `#!/bin/sh\nexec "${process.execPath}" -p 'JSON.parse(require("fs").readFileSync(0, "utf8")).secret'\n`,
  );
  mock = await startMock();
});

afterAll(async () => {
  await mock.stop();
  atlasSecrets.remove();
  rmSync(folder, { recursive: true, force: true });
});

function run(script: string, env: NodeJS.ProcessEnv = {}): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const environment = {
    PATH: `${folder}/bin:${process.env["PATH"]}`,
    MONGODB_ATLAS_BASE_URL: mock.url,
    MONGODB_ATLAS_CLIENT_ID: mockCredentials.clientId,
    // The fleet rotates this account too.
    MONGODB_ATLAS_CLIENT_SECRET: mock.accounts.secretsOf(mockCredentials.clientId).at(-1)?.value,
    MONGODB_ATLAS_PROJECT_ID: "5f0c1a2b3c4d5e6f70819203",
    MONGODB_ATLAS_ORG_ID: "4e1b0a9f8d7c6b5a49382716",
    ATLAS_SECRETS_CLIENT_ID: mockCredentials.exampleClientId,
    RUNNER_TEMP: join(folder, "runner"),
    ...env,
  };
  return new Promise((resolve) => {
    execFile("/bin/sh", ["-ec", script], { cwd: folder, env: environment }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? error.signal), stdout, stderr }),
    );
  });
}

/** The scripts of a workflow's steps. */
function stepsIn(workflow: string): string[] {
  const { jobs }: { jobs: Record<string, { steps: { run?: string }[] }> } = parse(workflow);
  return Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run: script }) => script ?? []));
}

/** Without time and user. */
function withoutSchedule(line: string): string {
  return line.replace(/^(\S+\s+){5}reports\s+/, "");
}

function containerCommand(manifest: string): string {
  const [{ command, args }] = parse(manifest).spec.jobTemplate.spec.template.spec.containers;
  return [...command, ...args].join(" ");
}

/** The value of the account's newest secret. */
const newest = (clientId: string = mockCredentials.exampleClientId) =>
  mock.accounts.secretsOf(clientId).at(-1)?.value ?? expect.fail("it has no secret");
const stored = (name: string) => readFileSync(join(folder, name), "utf8");

const FLEET_OF_20 =
  "MONGODB_ATLAS_ACCESS_TOKEN=mock-access-token MONGODB_ATLAS_CLIENT_ID= MONGODB_ATLAS_CLIENT_SECRET= atlas-secrets rotate --fleet twenty.json";

describe("the commands of the READMEs, against the mock", () => {
  // Each finds the account a month later: what the one before it replaced has expired.
  afterEach(() => mock.advanceClock(31 * 24 * 60 * 60 * 1000));

  it("rotate with a secret file", async () => {
    const code = block("sh", "--secret-file ./atlas.secret");
    // The secret is typed in by hand there; here it is in the environment already.
    const { code: exit, stdout } = await run(code.replace(/^read .*$/m, ""));
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: "rotated", previous: "deleted" });
    const again = await run(code.replace(/^read .*$/m, ""));
    expect(again.code).toBe(3);
    expect(JSON.parse(again.stdout)).toMatchObject({ step: "delete-previous" });
    expect(stored("atlas.secret")).toBe(newest());
  });

  it("the steps of the GitHub Actions job", async () => {
    const [restore = "", rotate = "", save = "", mask = ""] = stepsIn(block("yaml", "gh variable set"));
    // The first time, there is no such variable.
    expect(await run(restore)).toMatchObject({ code: 0 });
    expect(await run(mask)).toMatchObject({ code: 0, stdout: "" });
    const rotated = await run(rotate);
    expect(rotated.code, rotated.stderr).toBe(0);
    expect(stored("gh-secret")).toBe(newest());
    expect(statSync(join(folder, "runner", "atlas.secret")).mode & 0o777).toBe(0o600);
    expect(await run(mask)).toMatchObject({ code: 0, stdout: `::add-mask::${newest()}\n` });
    expect(await run(save)).toMatchObject({ code: 0 });
    const saved = stored("gh-variable");
    expect(JSON.parse(saved)).toMatchObject({ version: 1, accounts: { [mockCredentials.exampleClientId]: {} } });
    rmSync(join(folder, "atlas.state.json"));
    expect(await run(restore)).toMatchObject({ code: 0 });
    expect(stored("atlas.state.json")).toBe(saved);
  });

  it.each([
    ["the systemd service", () => /^ExecStart=(.+)$/m.exec(block("ini", "ExecStart"))?.[1]],
    ["the cron line of every night", () => withoutSchedule(block("cron", "--renew-before"))],
    ["the Kubernetes job", () => containerCommand(block("yaml", "CronJob"))],
  ])("%s", async (_what, commandOf) => {
    const command = commandOf() ?? expect.fail("there is no command");
    writeFileSync(join(folder, "fleet.json"), block("json", "rotations"));
    writeFileSync(join(folder, "atlas.env"), "");
    rmSync(join(folder, "fleet.state.json"), { force: true });
    const here = command.replaceAll(/\/(?:etc\/reports|var\/log\/reports|config|state)(?=\/)/g, folder);
    const { code, stderr } = await run(here);
    expect(code, stderr).toBe(0);
    expect(Object.keys(JSON.parse(stored("fleet.state.json")).accounts)).toHaveLength(2);
    const stop = /^ExecStopPost=(.+)$/m.exec(block("ini", "ExecStart"))?.[1] ?? expect.fail("it has no metrics");
    await run(stop.replaceAll("/etc/reports", folder).replaceAll("/var/lib/node_exporter", folder));
    expect(stored("atlas.prom")).toContain("atlas_secret_expiry_timestamp_seconds{client_id=");
  });

  it("a nightly run and its status", async () => {
    writeFileSync(join(folder, "fleet.json"), block("json", "rotations"));
    rmSync(join(folder, "fleet.state.json"), { force: true });
    const [rotate = "", status = ""] = block("sh", "--max-failures").split("\n");
    expect(await run(rotate)).toMatchObject({ code: 0 });
    const { stdout } = await run(status);
    expect(stdout).toMatch(/^ACCOUNT +SECRET +EXPIRES IN +DUE +STATE\nmdb_sa_id_/);
  });

  it("a fleet, first as a dry run", async () => {
    writeFileSync(join(folder, "fleet.json"), block("json", "rotations"));
    for (const name of ["fleet.state.json", "vault.json"]) rmSync(join(folder, name), { force: true });
    const [dry, earnest] = block("sh", "--fleet fleet.json --dry-run").split("\n");
    const before = mock.requests.length;
    expect(await run(dry ?? "")).toMatchObject({ code: 0 });
    expect(mock.requests.length).toBe(before);
    expect(await run(earnest ?? "")).toMatchObject({ code: 0 });
    expect(stored("reports.secret")).toBe(newest());
    expect(JSON.parse(stored("vault.json"))).toMatchObject({ secret: newest(mockCredentials.clientId) });
  });

  it("the failing store, as it is shown", async () => {
    const shown = block("", "vault is sealed");
    const command = /^\$ (.+); echo/.exec(shown)?.[1] ?? expect.fail("it is not shown");
    const sealed = "#!/bin/sh\necho vault is sealed\nexit 2\n";
    mkdirSync(join(folder, "sealed"));
    writeFileSync(join(folder, "sealed/vault"), sealed, { mode: 0o755 });
    const failing = `PATH="${folder}/sealed:$PATH"; ${command}`;
    const { code, stderr } = await run(failing);
    expect(code).toBe(3);
    const withoutIds = (text: string) => text.replace(/\b[0-9a-f]{24}\b|\d{4}-\d\d-\d\dT[\d:.]+Z/g, "…").trim();
    const lines = shown.split("\n").slice(1, -1).join("\n");
    expect(withoutIds(stderr)).toBe(withoutIds(lines));
  });

  it("a fleet of 20 rotates twice in a row, and each account is left with the newest secret", async () => {
    const rotations = Array.from({ length: 20 }, (_, index) => ({
      clientId: `mdb_sa_id_${(index + 1).toString(16).padStart(24, "0")}`,
      previousSecretId: mockCredentials.firstSecretId,
      exec: "cat > /dev/null",
    }));
    const place = { groupId: "5f0c1a2b3c4d5e6f70819203", orgId: "4e1b0a9f8d7c6b5a49382716" };
    const defaults = { ...place, secretExpiresAfterHours: 1080 };
    writeFileSync(join(folder, "twenty.json"), JSON.stringify({ defaults, rotations }));
    for (const _time of [1, 2]) {
      const { code, stdout } = await run(FLEET_OF_20);
      expect(code).toBe(0);
      const rotated = JSON.parse(stdout).rotations;
      expect(rotated).toEqual(Array(20).fill(expect.objectContaining({ status: "rotated", previous: "deleted" })));
      for (const { clientId, id } of rotated) {
        expect(mock.accounts.secretsOf(clientId).map((secret) => secret.id)).toEqual([id]);
      }
    }
  });

  it.each([
    ["Use", "optionsFromEnv());\nconst groupId", [0, /is ready/], [0, /is ready/]],
    ["Rotating", "vault refused it", [0, /the previous one is deleted/], [1, /stopped at delete-previous/]],
  ] as const)("README's example of %s, twice in a row", async (_what, text, first, second) => {
    startAnew();
    await build({
      stdin: { contents: block("ts", text), loader: "ts", resolveDir: root },
      outfile: join(folder, "example.mjs"),
      alias: { "atlas-service-account-secrets": `${root}/src/index.ts` },
      bundle: true,
      platform: "node",
      format: "esm",
      banner: { js: 'globalThis.vault = { put: async () => "stored" };' },
    });
    for (const [exit, says] of [first, second]) {
      const { code, stdout, stderr } = await run(`exec "${process.execPath}" example.mjs`);
      expect(stdout + stderr).toMatch(says);
      expect(code).toBe(exit);
    }
  });

  it("the conformance check of the mock", async () => {
    // One of its own: a command of another test may have moved the time of theirs.
    const fresh = await startMock();
    onTestFinished(() => fresh.stop());
    const code = block("sh", "npm run conformance");
    const { code: exit, stdout } = await run(`cd "${root}"; ${code.replace("http://127.0.0.1:4010", fresh.url)}`, {
      MONGODB_ATLAS_CLIENT_ID: "",
      MONGODB_ATLAS_CLIENT_SECRET: "",
      HOME: process.env["HOME"],
    });
    expect(exit).toBe(0);
    expect(stdout).toContain("Conforms:");
  });
});

/** Both accounts as they are in a mock that has just started. */
function startAnew(): void {
  const { clientId, clientSecret, exampleClientId, firstSecretId } = mockCredentials;
  mock.accounts.add({ clientId, unassigned: true, secrets: [{ value: clientSecret }] });
  mock.accounts.add({ clientId: exampleClientId, unassigned: true, secrets: [{ id: firstSecretId }] });
}

/** Each example of `--help`, and how it ends the first and the second time: as it would with Atlas. */
const EXAMPLES = [
  ["create", "--secret-file", [0, /"secretFile": /], [1, /MAXIMUM_SECRETS_REACHED/]],
  ["delete", "--secret-id", [0, /"status": "deleted"/], [1, /RESOURCE_NOT_FOUND/]],
  ["rotate", "--previous-secret-id", [0, /"previous": "deleted"/], [3, /stopped at delete-previous/]],
  ["rotate", "--exec", [0, /"previous": "kept"/], [1, /MAXIMUM_SECRETS_REACHED/]],
  ["rotate", "--dry-run", [0, /"dryRun": true/], [0, /"dryRun": true/]],
  ["rotate", "--renew-before", [0, /"status": "rotated"/], [0, /"status": "not-due"/]],
  // These change the state that the one before them has left, or show it.
  [
    "status",
    "--renew-before",
    [0, /mdb_sa_id_65a1b2c3d4e5f60718293a4b +[0-9a-f]{24}/],
    [0, /mdb_sa_id_65a1b2c3d4e5f60718293a4b/],
  ],
  ["adopt", "--secret-id", [0, /adopted/], [0, /adopted/]],
  ["forget", "--client-id", [0, /forgotten/], [2, /has no account/]],
] as const;

describe("the examples of --help, against the mock, twice in a row", () => {
  let examples: readonly string[];
  beforeAll(async () => {
    writeFileSync(join(folder, "fleet.json"), block("json", "rotations"));
    rmSync(join(folder, "fleet.state.json"), { force: true });
    const { stdout: commands } = await run("atlas-secrets --help");
    const named = [...commands.matchAll(/^ {2}(\w+) [[<]/gm)].map(([, name = ""]) => name);
    // Those of completion are for a shell's own files, and help has none.
    const names = ["", ...named.filter((name) => !["completion", "help"].includes(name))];
    const helps = await Promise.all(names.map((name) => run(`atlas-secrets ${name} --help`)));
    const shown = helps.flatMap(({ stdout }) => /^Examples:\n(.*?)\n\n(?=\S)/ms.exec(stdout)?.[1]?.split("\n\n") ?? []);
    examples = [...new Set(shown.map((example) => example.trim()))];
  });

  const exampleOf = (command: string, option: string) =>
    examples.find((each) => each.startsWith(`atlas-secrets ${command} `) && each.includes(option)) ??
    expect.fail("there is no such example");

  it("are those of the table", () => {
    const table = EXAMPLES.map(([command, option]) => exampleOf(command, option));
    expect([...table].sort()).toEqual([...examples].sort());
  });

  it.each(EXAMPLES)("%s with %s", async (command, option, first, second) => {
    startAnew();
    for (const [exit, says] of [first, second]) {
      const { code, stdout, stderr } = await run(exampleOf(command, option).replaceAll("/etc/reports", folder));
      expect(stdout + stderr).toMatch(says);
      expect(code).toBe(exit);
    }
  });
});

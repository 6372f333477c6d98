import { describe, expect, it } from "vitest";
import { VERSION } from "../../version.js";
import { command, scene } from "../testing/command.js";

const VARIABLES = [
  ...["MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_CLIENT_SECRET", "MONGODB_ATLAS_ACCESS_TOKEN"],
  ...["MONGODB_ATLAS_PUBLIC_API_KEY", "MONGODB_ATLAS_PRIVATE_API_KEY", "MONGODB_ATLAS_BASE_URL"],
  ...["MONGODB_ATLAS_PROJECT_ID", "MONGODB_ATLAS_ORG_ID", "ATLAS_SECRETS_CLIENT_ID"],
  ...["ATLAS_SECRETS_SECRET_ID", "ATLAS_SECRETS_PREVIOUS_SECRET_ID"],
];

describe("--help", () => {
  it.each(["create", "delete", "rotate"])("of %s has an example, every variable and every exit code", async (name) => {
    const { exitCode, stdout, stderr } = await command([name, "--help"], {});
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(new RegExp(`Examples:\n  atlas-secrets ${name} `));
    for (const variable of VARIABLES) expect(stdout).toContain(variable);
    for (const code of [0, 1, 2, 3, 130]) expect(stdout).toMatch(new RegExp(`^ +${code}  \\w`, "m"));
    expect(stdout).not.toMatch(/[ \t]$/m);
  });

  it.each(["status", "forget", "adopt"])("of %s has an example and its own exit codes", async (name) => {
    const { exitCode, stdout } = await command([name, "--help"], {});
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples:\n  atlas-secrets ${name} `));
    for (const code of [0, 2]) expect(stdout).toMatch(new RegExp(`^ +${code}  \\w`, "m"));
    expect(stdout).not.toContain("CLIENT_SECRET");
    expect(stdout).not.toMatch(/[ \t]$/m);
  });

  it("without a command lists the commands", async () => {
    const { exitCode, stdout } = await command(["--help"], {});
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/create.*\n *delete.*\n *rotate/);
    for (const name of ["create", "delete", "rotate"]) expect(stdout).toContain(`\n  atlas-secrets ${name} --`);
  });

  it("does not mind that nobody reads it to its end", async () => {
    const write = () => Promise.reject(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    expect(await command(["--help"], { stdout: { write } })).toMatchObject({ exitCode: 0, stderr: "" });
  });

  it.each([[["--help"]], [["rotate", "--help"]], [["help", "rotate"]], [["--version"]], [["completion", "bash"]]])(
    "that does not fit on the disk is an error: %j",
    async (args) => {
      const write = () => Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" }));
      const stderr = "atlas-secrets: cannot write to stdout (ENOSPC)\n";
      expect(await command(args, { stdout: { write } })).toMatchObject({ exitCode: 1, stderr });
    },
  );

  it("has a version beside it", async () => {
    expect(await command(["--version"], {})).toMatchObject({ exitCode: 0, stdout: `${VERSION}\n` });
  });
});

describe("wrong usage exits 2 and", () => {
  it.each([
    ["suggests the near option", ["rotate", "--projetc-id", "x"], "(Did you mean --project-id?)"],
    ["suggests the near command", ["rotat"], "(Did you mean rotate?)"],
    ["shows the help where there is no command", [], "Usage: atlas-secrets"],
    ["refuses an argument", ["create", "mdb_sa_sk_fake-secret"], "too many arguments"],
    ["refuses an option without its value", ["create", "--secret-file"], "argument missing"],
    [
      "refuses a credential as an option, without repeating it",
      ["create", "--client-secret=mdb_sa_sk_fake-x"],
      "unknown option",
    ],
    [
      "refuses a fleet together with one account",
      ["rotate", "--fleet", "f.json", "--client-id", "x"],
      "cannot be used with option '--client-id <id>'",
    ],
  ])("%s", async (_what, args, said) => {
    const { exitCode, stdout, stderr } = await command(args, {});
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(said);
  });

  it("names all that is missing at once, and the variables that would do", async () => {
    const { exitCode, stderr } = await command(["rotate"], {});
    expect(exitCode).toBe(2);
    expect(stderr.split("\n")).toEqual([
      "atlas-secrets: --project-id is missing; you can also set MONGODB_ATLAS_PROJECT_ID",
      "atlas-secrets: --client-id is missing; you can also set ATLAS_SECRETS_CLIENT_ID",
      "atlas-secrets: --expires-after-hours is missing",
      "atlas-secrets: --org-id is missing; you can also set MONGODB_ATLAS_ORG_ID",
      expect.stringContaining("atlas-secrets: --secret-file or --exec is missing"),
      expect.stringContaining("atlas-secrets: credentials: expected MONGODB_ATLAS_CLIENT_ID and"),
      "atlas-secrets: nothing was sent; see atlas-secrets rotate --help",
      "",
    ]);
  });

  it.each([
    [["--client-id", ""], '--client-id: expected a string that matches ^mdb_sa_id_[a-fA-F\\d]{24}$, got ""'],
    [
      ["--project-id", "mdb_sa_sk_fake-x"],
      '--project-id: expected a string that matches ^([a-f0-9]{24})$, got "mdb_sa_sk_…"',
    ],
    [["--base-url", ""], "--base-url: expected an https URL"],
    [["--base-url", "http://cloud.mongodb.com"], "--base-url: expected an https URL"],
    [["--timeout", "0"], '--timeout: expected a number of seconds up to 2147483, got "0"'],
    [["--timeout", "1e3"], '--timeout: expected a number of seconds up to 2147483, got "1e3"'],
    [["--retries", "-1"], '--retries: expected an integer from 0 to 1000, got "-1"'],
    [["--secret-file", ""], "--secret-file: the path is empty"],
    [["--exec", ""], "--exec: the command is empty"],
    [["--exec", "cat", "--secret-file", "x"], "--secret-file and --exec cannot be used together"],
  ])("says what is wrong with %j", async (args, said) => {
    const { env, server } = await scene();
    const { exitCode, stderr } = await command(["create", "--expires-after-hours", "8", ...args], { env });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`atlas-secrets: ${said}`);
    expect(server.requests).toEqual([]);
  });

  it.each([
    ["1.5d", 'expected an integer, got "1.5d"'],
    ["30 d", 'expected an integer, got "30 d"'],
    ["1w", 'expected an integer, got "1w"'],
    ["0", "expected a value > 0, got 0"],
    ["0d", "expected a value > 0, got 0"],
    ["99999999999d", "expected a value <= 2147483647, got 2399999999976"],
  ])("says what is wrong with a lifetime of %s", async (hours, said) => {
    const { env } = await scene();
    const { exitCode, stderr } = await command(["create", "--expires-after-hours", hours], { env });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`atlas-secrets: --expires-after-hours: ${said}`);
  });

  it.each(["--jitter", "--max-wait", "--retries"])("takes 0 for %s: not waiting, not repeating", async (option) => {
    const { env } = await scene();
    const args = ["rotate", "--expires-after-hours", "8", "--exec", "cat", "--dry-run", option, "0"];
    expect(await command(args, { env })).toMatchObject({ exitCode: 0, stderr: "" });
  });

  it("names an empty path of a state", async () => {
    const { exitCode, stderr } = await command(["status", "--state", ""], {});
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("--state: the path is empty")]);
  });

  it.each([
    ["--org-id", "4e1b0a9f8d7c6b5a49382716"],
    ["--secret-file", "./s"],
    ["--timeout", "5"],
    ["--base-url", "https://example.com"],
  ])("refuses %s given twice, rather than take the last", async (option, value) => {
    const { env, server } = await scene();
    const args = ["rotate", "--expires-after-hours", "8", "--exec", "cat", option, value, option, value];
    const { exitCode, stderr } = await command(args, { env });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(new RegExp(`option '${option} <\\w+>' is given more than once`));
    expect(server.requests).toEqual([]);
  });

  it.each([
    ["--state and --no-state", ["--state", "s.json", "--no-state"]],
    ["--no-state and --state", ["--no-state", "--state", "s.json"]],
  ])("refuses %s together, rather than take the last", async (_what, args) => {
    const { exitCode, stderr } = await command(["rotate", "--fleet", "fleet.json", ...args], {});
    expect(exitCode).toBe(2);
    expect(stderr).toContain("cannot be used with its opposite");
  });

  it.each([
    ["--exec-timeout", ["--exec-timeout", "5", "--secret-file", "s"], "--exec"],
    ["--exec-inherit-credentials", ["--exec-inherit-credentials", "--secret-file", "s"], "--exec"],
    ["--concurrency", ["--concurrency", "2", "--exec", "cat"], "--fleet"],
    ["--max-failures", ["--max-failures", "2", "--exec", "cat"], "--fleet"],
    ["--accept-unknown", ["--accept-unknown", "--exec", "cat"], "--state"],
    ["--renew-before", ["--renew-before", "10d", "--exec", "cat"], "--state"],
  ])("refuses %s where it would do nothing", async (option, args, needed) => {
    const { env, server, directory } = await scene();
    const given = args.map((each) => (each === "s" ? `${directory}/s` : each));
    const { exitCode, stderr } = await command(["rotate", "--expires-after-hours", "8", ...given], { env });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`atlas-secrets: ${option} needs ${needed}\n`);
    expect(server.requests).toEqual([]);
  });

  it("refuses --group-id, the other name of --project-id, together with it", async () => {
    const id = "5f0c1a2b3c4d5e6f70819203";
    const { exitCode, stderr } = await command(["create", "--project-id", id, "--group-id", id], {});
    expect(exitCode).toBe(2);
    expect(stderr).toContain("cannot be used with option '--project-id <id>'");
  });

  it("does not take the signing account for the one that is meant", async () => {
    const { env } = await scene();
    const { ATLAS_SECRETS_CLIENT_ID: _unset, ...without } = env;
    const { exitCode, stderr } = await command(["create", "--expires-after-hours", "8"], { env: without });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--client-id is missing");
  });
});

describe("the options of every command", () => {
  it("let --base-url win over the environment, whatever is there", async () => {
    const { env, server, previous } = await scene();
    const elsewhere = { ...env, MONGODB_ATLAS_BASE_URL: "nonsense" };
    const args = ["delete", "--secret-id", previous.id, "--base-url", server.url];
    expect(await command(args, { env: elsewhere })).toMatchObject({ exitCode: 0 });
  });

  it("give each answer --timeout seconds and the call --retries further attempts", async () => {
    const { env, server, previous } = await scene();
    // With a token at hand no other request can run into the same short time.
    const { MONGODB_ATLAS_CLIENT_ID: _id, MONGODB_ATLAS_CLIENT_SECRET: _secret, ...without } = env;
    const withToken = { ...without, MONGODB_ATLAS_ACCESS_TOKEN: "not-a-real-token" };
    server.setFaults(() => ({ applied: false, ends: "hang" }));
    const args = ["delete", "--secret-id", previous.id, "--timeout", "1", "--retries", "1"];
    expect(await command(args, { env: withToken })).toMatchObject({ exitCode: 3 });
    expect(server.requests.map(({ kind }) => kind)).toEqual(["delete", "delete"]);
  });

  it("take ids from options before the environment", async () => {
    const { env, server } = await scene();
    const other = `mdb_sa_id_${"c".repeat(24)}`;
    const { id } = server.addAccount(other);
    expect(await command(["delete", "--client-id", other, "--secret-id", id], { env })).toMatchObject({ exitCode: 0 });
    expect(server.accounts.secretsOf(other)).toEqual([]);
  });
});

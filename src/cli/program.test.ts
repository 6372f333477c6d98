import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { VERSION } from "../index.js";
import { command, temporaryDirectory } from "./testing/command.js";

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
    const examples = [...stdout.matchAll(/^ {2}atlas-secrets (\w+ --[\w-]+)/gm)].map(([, start]) => start);
    const ofRotate = ["rotate --project-id", "rotate --fleet"];
    expect(examples).toEqual(["create --project-id", "delete --org-id", ...ofRotate, "status --fleet"]);
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

const optionsOf: Record<string, readonly string[]> = {};
beforeAll(async () => {
  const names = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = ""]) => name);
  const { stdout } = await command(["--help"], {});
  for (const name of names(stdout, /^ {2}([a-z]+) .*(?:\[options\]|<shell>)/gm)) {
    const help = await command([name, "--help"], {});
    optionsOf[name] = names(help.stdout, /^ {2}(?:-\w, )?(--[\w-]+)/gm);
  }
});

async function offered(...words: string[]): Promise<readonly string[]> {
  const { exitCode, stdout, stderr } = await command(["completion", "bash", "--", ...words], {});
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout.split("\n").slice(0, -1).sort();
}

describe("completion", () => {
  it("offers the commands, and each command's own options", async () => {
    expect(await offered("")).toEqual(expect.arrayContaining([...Object.keys(optionsOf), "--help", "--version"]));
    expect(await offered("ro")).toEqual(["rotate"]);
    expect(Object.keys(optionsOf)).toHaveLength(7);
    for (const [name, options] of Object.entries(optionsOf)) {
      expect(await offered(name, "--")).toEqual([...options].sort());
    }
    expect(await offered("rotate", "--quiet", "--no")).toEqual(["--no-state"]);
    expect(await offered("nonsense", "")).toEqual([]);
  });

  it("offers files for an option that takes one, and nothing for any other value", async () => {
    for (const option of ["--fleet", "--state", "--secret-file"]) {
      expect(await offered("rotate", option, "fl")).toEqual([":files"]);
      expect(await offered("rotate", `${option}=fl`)).toEqual([":files"]);
    }
    // readline takes it apart at the equals sign.
    expect(await offered("rotate", "--fleet", "=", "o")).toEqual([":files"]);
    expect(await offered("rotate", "--fleet", "=")).toEqual([":files"]);
    expect(await offered("rotate", "--client-id", "")).toEqual([]);
  });

  it("offers the shells themselves", async () => {
    expect(await offered("completion", "")).toEqual(["--help", "-h", "bash", "fish", "zsh"]);
    expect(await command(["completion", "tcsh"], {})).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("Allowed choices are bash, zsh, fish."),
    });
  });

  // Neither of the other shells is on every machine. In place of the command line stands a function.
  it.each([
    ["rotate\nstatus\n", ["", "--x", "s"], ["rotate", "status"]],
    [":files\n", ["rotate", "--fleet", "fl"], ["fleet of two.json", "fleet.json"]],
    [":files\n", ["rotate", "--fleet", "=", "o"], ["other"]],
    [":files\n", ["rotate", "--fleet", "="], ["fleet of two.json", "fleet.json", "other"]],
    ["", ["rotate", "--client-id", ""], []],
  ])("in bash makes of %j, after %j, %j", async (reply, words, expected) => {
    const { stdout: script } = await command(["completion", "bash"], {});
    const directory = temporaryDirectory();
    for (const name of ["fleet.json", "fleet of two.json", "other"]) writeFileSync(join(directory, name), "");
    const lines = `${script}
      atlas-secrets() { [[ "$*" == "completion bash -- $ASKED" ]] && printf '%s' "$REPLY_TO_IT"; }
      COMP_WORDS=("$0" "$@") COMP_CWORD=$#
      _atlas_secrets
      ((\${#COMPREPLY[@]} == 0)) || printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { status, stdout, stderr } = spawnSync("bash", ["--norc", "-c", lines, "atlas-secrets", ...words], {
      cwd: directory,
      encoding: "utf8",
      env: { ...process.env, ASKED: words.join(" "), REPLY_TO_IT: reply },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout.split("\n").slice(0, -1).sort()).toEqual(expected);
  });

  it.each(["zsh", "fish"])("in %s asks in the same way", async (shell) => {
    const { stdout } = await command(["completion", shell], {});
    expect(stdout).toContain(`$(atlas-secrets completion ${shell} -- `.slice(shell === "fish" ? 1 : 0));
    expect(stdout).toContain(":files");
  });
});

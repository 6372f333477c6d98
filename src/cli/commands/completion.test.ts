import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { command, temporaryDirectory } from "../testing/command.js";

const scripts: Record<string, string> = {};
const optionsOf: Record<string, readonly string[]> = {};
beforeAll(async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { exitCode, stdout } = await command(["completion", shell], {});
    expect(exitCode).toBe(0);
    scripts[shell] = stdout;
  }
  const names = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = ""]) => name);
  const { stdout } = await command(["--help"], {});
  for (const name of names(stdout, /^ {2}([a-z]+) .*(?:\[options\]|<shell>)/gm)) {
    const help = await command([name, "--help"], {});
    optionsOf[name] = names(help.stdout, /^ {2}(?:-\w, )?(--[\w-]+)/gm);
  }
});

/** What bash offers for the last of these words, in a directory with some files. */
function offered(...words: string[]): string[] {
  const directory = temporaryDirectory();
  for (const name of ["fleet.json", "fleet of two.json", "other"]) writeFileSync(join(directory, name), "");
  const lines = `${scripts["bash"]}
    COMP_WORDS=("$0" "$@") COMP_CWORD=$#
    _atlas_secrets
    ((\${#COMPREPLY[@]} == 0)) || printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ["--norc", "-c", lines, "atlas-secrets", ...words];
  const { status, stdout, stderr } = spawnSync("bash", args, { cwd: directory, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.split("\n").slice(0, -1).sort();
}

describe("completion", () => {
  it("in bash offers the commands, and each command's own options", () => {
    expect(offered("")).toEqual(expect.arrayContaining([...Object.keys(optionsOf), "--help", "--version"]));
    expect(offered("ro")).toEqual(["rotate"]);
    for (const [name, options] of Object.entries(optionsOf)) {
      expect(offered(name, "--")).toEqual([...options].sort());
    }
    expect(offered("rotate", "--quiet", "--no")).toEqual(["--no-state"]);
    expect(offered("nonsense", "")).toEqual([]);
  });

  it("in bash offers files for an option that takes one, and nothing for any other value", () => {
    for (const option of ["--fleet", "--state", "--secret-file"]) {
      expect(offered("rotate", option, "fl")).toEqual(["fleet of two.json", "fleet.json"]);
    }
    // readline takes it apart at the equals sign.
    expect(offered("rotate", "--fleet", "=", "o")).toEqual(["other"]);
    expect(offered("rotate", "--fleet", "=")).toEqual(["fleet of two.json", "fleet.json", "other"]);
    expect(offered("rotate", "--client-id", "")).toEqual([]);
  });

  it("offers the shells themselves", async () => {
    expect(offered("completion", "")).toEqual(["--help", "-h", "bash", "fish", "zsh"]);
    expect(await command(["completion", "tcsh"], {})).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("Allowed choices are bash, zsh, fish."),
    });
  });

  // Neither shell is on every machine: what is held here is every command and option, and the quoting of each line.
  it.each([
    ["zsh", /^ {6}'(?:[^']|'\\'')*'(?: \\| ;;)?$/, (option: string) => `'${option}`, ":file:_files"],
    [
      "fish",
      /^complete(?: -c [\w-]+| -n '[\w ]+'| -[als] [\w-]+| -[frFx]| -d '(?:[^'\\]|\\.)*')+$/,
      (option: string) => ` -l ${option.slice(2)}`,
      " -r -F ",
    ],
  ])("in %s has every command and every option, each well quoted", (shell, line, optionIn, file) => {
    const script = scripts[shell] ?? "";
    const lines = script.split("\n").filter((each) => /^complete | {6}'/.test(each));
    expect(lines.filter((each) => !line.test(each))).toEqual([]);
    for (const [name, options] of Object.entries(optionsOf)) {
      const from = script.indexOf(shell === "zsh" ? `    ${name}) ` : `seen_subcommand_from ${name}'`);
      expect(from).toBeGreaterThan(0);
      for (const option of options) expect(script.slice(from)).toContain(optionIn(option));
    }
    expect(
      lines.filter((each) => each.includes(file)).map((each) => /(fleet|state|secret-file)/.exec(each)?.[1]),
    ).toEqual(["secret-file", "secret-file", "fleet", "state", "state", "fleet", "state", "fleet", "state", "fleet"]);
  });
});

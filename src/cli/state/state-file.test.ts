import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { errorOf } from "../../testing/scripted-client.js";
import { UsageError } from "../terminal/exit-code.js";
import { bundledProgram, type Program, temporaryDirectory } from "../testing/command.js";
import type { StateEntry } from "./state-entry.js";
import { readState, StateFile, unusable } from "./state-file.js";

const clientIdOf = (index: number) => `mdb_sa_id_${index.toString(16).padStart(24, "0")}`;
const idOf = (index: number) => index.toString(16).padStart(24, "0");

function entryOf(index: number, secret = index): StateEntry {
  const account = { version: 1, groupId: "a".repeat(24), orgId: "b".repeat(24), clientId: clientIdOf(index) } as const;
  return { record: { ...account, current: { id: idOf(secret), expiresAt: "2026-12-24T18:00:00.000Z" } }, kept: [] };
}

const pathIn = (directory: string) => join(directory, "fleet.state.json");
/** Also hears what cannot be written at the end. */
const messages: string[] = [];
const say = (text: string) => void messages.push(text);
const open = (path: string) => StateFile.open(path, Date.now, say);
beforeEach(() => void messages.splice(0));
const secretsIn = (path: string) => [...readState(path).values()].map(({ record }) => record.current?.id);

/** A run that ends without closing the state, as one does that is killed; a lock of this process would be alive. */
async function killedRun(path: string, entries: readonly StateEntry[]): Promise<void> {
  const state = await open(path);
  for (const entry of entries) await state.put(entry.record.clientId, entry);
  writeLock(path, { pid: spawnSync("true").pid });
}

function writeLock(path: string, changes: object | undefined): void {
  const holder = { pid: process.pid, host: hostname(), since: "2026-01-01T00:00:00.000Z", token: "of-a-test" };
  writeFileSync(`${path}.lock`, changes === undefined ? "" : JSON.stringify({ ...holder, ...changes }));
}

let program: Program;
beforeAll(async () => {
  program = await bundledProgram(new URL("state-file.ts", import.meta.url));
});
afterAll(() => program.remove());

/** Runs a script as a process of its own, which finds `StateFile` and its argument as JSON. */
function nodeArguments(script: string, argument: unknown): string[] {
  const imported = `import { StateFile } from ${JSON.stringify(pathToFileURL(program.path).href)};`;
  return ["--input-type=module", "-e", `${imported}${script}`, JSON.stringify(argument)];
}

describe("the state", () => {
  it("is one JSON file after a run, for the owner alone, without lock or journal", async () => {
    const directory = temporaryDirectory();
    const path = pathIn(directory);
    const state = await open(path);
    await Promise.all([state.put(clientIdOf(2), entryOf(2)), state.put(clientIdOf(1), entryOf(1))]);
    await state.put(clientIdOf(2), entryOf(2, 3));
    expect(secretsIn(path)).toEqual([idOf(3), idOf(1)]);
    await state.close(say);
    expect(readdirSync(directory)).toEqual(["fleet.state.json"]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
      version: 1,
      accounts: { [clientIdOf(1)]: entryOf(1), [clientIdOf(2)]: entryOf(2, 3) },
    });
  });

  it("is not written at all by a run that changes nothing", async () => {
    const directory = temporaryDirectory();
    await (await open(pathIn(directory))).close(say);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("knows an account in whatever letters, and forgets what is dropped", async () => {
    const path = pathIn(temporaryDirectory());
    const state = await open(path);
    await state.put(clientIdOf(171).toUpperCase().replace("MDB_SA_ID", "mdb_sa_id"), entryOf(171));
    expect(state.get(clientIdOf(171))).toEqual(entryOf(171));
    await state.put(clientIdOf(171), undefined);
    await state.close(say);
    expect(readState(path).size).toBe(0);
  });

  it("keeps every change of a run that was killed", async () => {
    const directory = temporaryDirectory();
    const path = pathIn(directory);
    await killedRun(path, [entryOf(1), entryOf(2), entryOf(1, 9)]);
    expect(existsSync(path)).toBe(false);
    const state = await open(path);
    expect([state.get(clientIdOf(1)), state.get(clientIdOf(2))]).toEqual([entryOf(1, 9), entryOf(2)]);
    expect(messages).toEqual([
      expect.stringMatching(/^took over the lock of .*, which was left behind by process \d+ on /),
    ]);
    await state.close(say);
    expect(readdirSync(directory)).toEqual(["fleet.state.json"]);
  });

  it("loses nothing but a change that was torn, wherever it was torn", async () => {
    const directory = temporaryDirectory();
    const path = pathIn(directory);
    await killedRun(path, [entryOf(1), entryOf(2)]);
    const journal = readFileSync(`${path}.journal`);
    const lines = journal.toString().trimEnd().split("\n");
    const firstEnd = `${lines.slice(0, 2).join("\n")}\n`.length;
    for (let length = 0; length <= journal.length; length += 1) {
      writeFileSync(`${path}.journal`, journal.subarray(0, length));
      const whole = length >= journal.length ? 2 : length >= firstEnd ? 1 : 0;
      expect(readState(path).size, `${length}`).toBe(whole);
    }
    // After a power cut, what was not written yet may read as zeros.
    writeFileSync(`${path}.journal`, Buffer.concat([journal, Buffer.alloc(100)]));
    expect(readState(path).size).toBe(2);
  });

  it("may have been edited, with line ends and a byte order mark of another system", async () => {
    const path = pathIn(temporaryDirectory());
    const text = JSON.stringify({ version: 1, accounts: { [clientIdOf(1)]: entryOf(1) } }, undefined, 1);
    writeFileSync(path, `\ufeff${text.replaceAll("\n", "\r\n")}`);
    expect(secretsIn(path)).toEqual([idOf(1)]);
  });

  it("is behind a symbolic link what the link leads to", async () => {
    const directory = temporaryDirectory();
    const path = pathIn(directory);
    await killedRun(path, [entryOf(1)]);
    await (await open(path)).close(say);
    symlinkSync(path, join(directory, "link"));
    const state = await open(join(directory, "link"));
    await state.put(clientIdOf(2), entryOf(2));
    await state.close(say);
    expect(readState(path).size).toBe(2);
  });

  it("says so if a change cannot be written, is then as before, and goes on when it can be", async () => {
    const path = pathIn(temporaryDirectory());
    const limited = `
      const [path, ...entries] = JSON.parse(process.argv[1]);
      const state = await StateFile.open(path, Date.now, console.error);
      const big = { ...entries[0], kept: Array(2000).fill({ id: "0".repeat(24) }) };
      const outcomes = [];
      for (const entry of [entries[0], big, entries[1]]) {
        outcomes.push(await state.put(entry.record.clientId, entry).then(() => "kept", ({ code }) => code));
      }
      console.log(JSON.stringify(outcomes));
      process.exit();`;
    const args = nodeArguments(limited, [path, entryOf(1), entryOf(2)]);
    const script = `ulimit -f 16; exec "$0" "$@"`;
    const ran = spawnSync("/bin/sh", ["-c", script, process.execPath, ...args], { encoding: "utf8" });
    expect(ran.stdout).toBe('["kept","EFBIG","kept"]\n');
    expect(secretsIn(path)).toEqual([idOf(1), idOf(2)]);
    // Nothing is left of the change that failed.
    expect(readFileSync(`${path}.journal`, "utf8")).toMatch(/^\{"version":1\}\n(?:\[.+\]\n){2}$/);
  });

  it("takes no change that is on the disk for one that is not", async () => {
    const path = pathIn(temporaryDirectory());
    const script = `
      import fs from "node:fs";
      import { syncBuiltinESMExports } from "node:module";
      const [path, entry] = JSON.parse(process.argv[1]);
      const { fdatasyncSync } = fs;
      fs.fdatasyncSync = (file) => {
        fdatasyncSync(file);
        fs.ftruncateSync = () => { throw new Error("nothing can be taken back any more"); };
        syncBuiltinESMExports();
      };
      syncBuiltinESMExports();
      const state = await StateFile.open(path, Date.now, console.error);
      console.log(await state.put(entry.record.clientId, entry).then(() => "kept", String));
      process.exit();`;
    const ran = spawnSync(process.execPath, nodeArguments(script, [path, entryOf(1)]), { encoding: "utf8" });
    expect(ran.stdout).toBe("kept\n");
    expect(secretsIn(path)).toEqual([idOf(1)]);
  });
});

describe("a state that cannot be used", () => {
  it.each([
    ["no JSON", "{", "it is not a JSON object"],
    ["another JSON", "[]", "it is not a JSON object"],
    ["no version", "{}", "its version is unknown"],
    ["a newer version", '{"version":2}', "was written by a newer version of atlas-secrets (its version is 2)"],
    ["no accounts", '{"version":1}', "it has no accounts"],
    ["an entry that is none", '{"version":1,"accounts":{"x":1}}', "x: it is not an object"],
    ["an entry without a record", '{"version":1,"accounts":{"x":{}}}', "x: "],
    ["a member that is unknown", '{"version":1,"accounts":{"x":{"secret":1}}}', "x: secret is unknown"],
    ["one that every object has", '{"version":1,"accounts":{"x":{"constructor":1}}}', "x: constructor is unknown"],
    [
      "the record of another account",
      JSON.stringify({ version: 1, accounts: { [clientIdOf(1)]: entryOf(2) } }),
      `its record is that of ${clientIdOf(2)}`,
    ],
    [
      "a date that is none",
      JSON.stringify({ version: 1, accounts: { [clientIdOf(1)]: { ...entryOf(1), rotatedAt: "soon" } } }),
      "rotatedAt is not a date",
    ],
  ])("because it has %s is refused and left as it is", async (_what, text, why) => {
    const directory = temporaryDirectory();
    const path = pathIn(directory);
    writeFileSync(path, text);
    const error = await errorOf(open(path), UsageError);
    expect(error.message).toContain(path);
    expect(error.message).toContain(why);
    expect(readFileSync(path, "utf8")).toBe(text);
    expect(readdirSync(directory)).toEqual(["fleet.state.json"]);
  });

  it("because its journal is damaged before its end is refused and left as it is", async () => {
    const path = pathIn(temporaryDirectory());
    await killedRun(path, [entryOf(1)]);
    appendFileSync(`${path}.journal`, `damaged\n${JSON.stringify([clientIdOf(2), entryOf(2)])}\n`);
    const before = readFileSync(`${path}.journal`, "utf8");
    expect((await errorOf(open(path), UsageError)).message).toContain("line 3 is damaged");
    expect(readFileSync(`${path}.journal`, "utf8")).toBe(before);
  });

  it.each(["garbage", '{"version":2', "[]"])("because its journal is %j is refused and left as it is", async (text) => {
    const path = pathIn(temporaryDirectory());
    writeFileSync(`${path}.journal`, text);
    expect((await errorOf(open(path), UsageError)).message).toContain("is not a journal that can be read");
    expect(readFileSync(`${path}.journal`, "utf8")).toBe(text);
  });

  it("because it is a symbolic link to nowhere is refused, and the link stays", async () => {
    const path = pathIn(temporaryDirectory());
    symlinkSync("not-there", path);
    const error = await errorOf(open(path), UsageError);
    expect(error.message).toBe(`${path} is a symbolic link that leads nowhere; name the file itself`);
    expect(readlinkSync(path)).toBe("not-there");
  });

  it("because its directory is not there is refused", async () => {
    const path = join(temporaryDirectory(), "gone", "state.json");
    expect((await errorOf(open(path), UsageError)).message).toBe(`${path} cannot be used (ENOENT)`);
  });
});

describe("the lock", () => {
  it("lets one run work with the state at a time, and says which", async () => {
    const path = pathIn(temporaryDirectory());
    const state = await open(path);
    const { message } = await errorOf(open(path), UsageError);
    expect(message).toMatch(new RegExp(`^${path} is in use by process ${process.pid} on ${hostname()} since 20..-`));
    expect(message).toContain(`; if that has ended, remove ${path}.lock`);
    await state.close(say);
    await (await open(path)).close(say);
  });

  it.each([
    ["a process that has ended", () => ({ pid: spawnSync("true").pid })],
    ["a number that another process has got since", () => ({ processStart: "an earlier one" })],
    ["a host that has been silent", () => ({ host: "another-host" }), 120],
    ["nobody knows whom: it was torn", () => undefined, 120],
  ])("is taken over from %s", async (_whom, changes, secondsAgo = 0) => {
    const path = pathIn(temporaryDirectory());
    writeLock(path, changes());
    const then = new Date(Date.now() - secondsAgo * 1000);
    utimesSync(`${path}.lock`, then, then);
    await (await open(path)).close(say);
    expect(messages).toHaveLength(1);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it.each([
    ["on another host as long as it is touched", { host: "another-host" }],
    ["while its holder is about to write it", undefined],
  ])("is respected %s", async (_when, changes) => {
    const path = pathIn(temporaryDirectory());
    writeLock(path, changes);
    expect((await errorOf(open(path), UsageError)).message).toContain("in use by process");
    expect(existsSync(`${path}.lock`)).toBe(true);
  });

  it("goes by the clock of the file system, whatever those of two hosts say", async () => {
    const path = pathIn(temporaryDirectory());
    const lock = `${path}.lock`;
    const now = Date.now();
    onTestFinished(() => void vi.useRealTimers());
    vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
    writeLock(path, { host: "another-host" });
    vi.setSystemTime(now + 3_600_000);
    await errorOf(open(path), UsageError);
    vi.setSystemTime(now - 3_600_000);
    utimesSync(lock, now / 1000 - 120, now / 1000 - 120);
    const state = await open(path);
    utimesSync(lock, 0, 0);
    const text = readFileSync(lock, "utf8");
    vi.advanceTimersByTime(10_000);
    expect(statSync(lock).mtimeMs).toBeGreaterThan(now - 60_000);
    expect(readFileSync(lock, "utf8")).toBe(text);
    await state.close(say);
  });

  it("that leads nowhere, as a symbolic link, is taken over", async () => {
    const path = pathIn(temporaryDirectory());
    symlinkSync("nowhere", `${path}.lock`);
    await (await open(path)).close(say);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it("once lost lets the run that lost it write nothing more", async () => {
    const path = pathIn(temporaryDirectory());
    const lost = await open(path);
    await lost.put(clientIdOf(1), entryOf(1));
    rmSync(`${path}.lock`);
    const state = await open(path);
    await state.put(clientIdOf(2), entryOf(2));
    const refusal = await errorOf(lost.put(clientIdOf(3), entryOf(3)), Error);
    const why = `another run has taken over ${path}, or its lock was removed`;
    expect(unusable(path, refusal).message).toBe(`${path} cannot be used (${why})`);
    await lost.close(say);
    await state.close(say);
    expect(secretsIn(path)).toEqual([idOf(1), idOf(2)]);
    expect(messages).toEqual([]);
  });

  it("clears away what runs have left behind that were killed at any moment, and nothing of a run that lives", async () => {
    const directory = temporaryDirectory();
    const path = pathIn(directory);
    const { pid: ended } = spawnSync("true");
    const left = [`.atlas-secrets-${ended}-${"0".repeat(16)}.tmp`, "fleet.state.json.lock.takeover"];
    const alive = [`.atlas-secrets-${process.ppid}-${"0".repeat(16)}.tmp`];
    for (const name of [...left, ...alive]) {
      const host = left.includes(name) ? hostname() : "another-host";
      writeFileSync(join(directory, name), JSON.stringify({ pid: ended, host, since: "", token: name }));
    }
    await (await open(path)).close(say);
    expect(readdirSync(directory).sort()).toEqual(alive.sort());
    expect(messages).toEqual([
      `removed ${join(directory, left[0] ?? "")}, which a run that was killed had left behind`,
    ]);
  });

  it("is got by one of many that find it left behind", async () => {
    const directory = temporaryDirectory();
    const path = pathIn(directory);
    writeLock(path, { pid: spawnSync("true").pid });
    const taker = `
       const state = await StateFile.open(JSON.parse(process.argv[1]), Date.now, () => undefined).catch(() => undefined);
       console.log(state === undefined ? "refused" : "got");
       if (state !== undefined) await new Promise((resolve) => process.stdin.once("data", resolve).once("end", resolve));
       process.exit();`;
    const takers = Array.from({ length: 4 }, () =>
      spawn(process.execPath, nodeArguments(taker, path), { stdio: ["pipe", "pipe", "inherit"] }),
    );
    const said = await Promise.all(takers.map(async ({ stdout }) => String((await once(stdout, "data"))[0]).trim()));
    for (const { stdin } of takers) stdin.end();
    expect(said.sort()).toEqual(["got", "refused", "refused", "refused"]);
  });
});

/** Where new secrets go: to files, or with `--exec` as JSON to the standard input of the operator's command. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createLineRedactor, SecretNotStoredError } from "../../index.js";
import { workingDirectory } from "../commands/options.js";
import type { Session } from "../commands/session.js";
import { CREDENTIAL_VARIABLES, credentialsIn } from "../terminal/command-io.js";
import { codeOf } from "../terminal/exit-code.js";
import { fileStore, type HandedSecret, type SecretStore } from "./secret-file.js";

/** Where the new secret goes; undefined if nothing says where, or the problems say why it cannot go there. */
export async function storeFor(session: Session): Promise<SecretStore | undefined> {
  const { secretFile, exec } = session.options;
  const store = storesIn(workingDirectory(), session)(secretFile, exec);
  const problem = await store?.check();
  if (problem === undefined) return store;
  session.problems.push(`${exec === undefined ? "--secret-file" : "--exec"}: ${problem}`);
  return undefined;
}

const DEFAULT_EXEC_MS = 300_000;

/** Where secrets go by one command: what has been tried for one file is not tried again for the next. */
export function storesIn(directory: string, { options, messages, io }: Session) {
  const files = { onLeftover: messages.print, rehearsed: new Set<string>() };
  const withoutOwn = Object.fromEntries(CREDENTIAL_VARIABLES.map((name) => [name, undefined]));
  const commands = {
    env: options.execInheritCredentials === true ? io.env : { ...io.env, ...withoutOwn },
    directory,
    credentials: credentialsIn(io),
    timeoutMs: options.execTimeout ?? DEFAULT_EXEC_MS,
  };
  /** @param prefix of each line that the command prints */
  return (secretFile: unknown, exec: unknown, prefix = ""): SecretStore | undefined => {
    if (typeof secretFile === "string") return fileStore(secretFile && resolve(directory, secretFile), files);
    const onLine = (line: string) => messages.printRaw(prefix + line);
    return typeof exec === "string" ? commandStore(exec, { ...commands, onLine }) : undefined;
  };
}

interface CommandOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the command runs. */
  readonly directory: string;
  /** The credentials of this process; with the new secret they are masked in the output, in whatever encoding. */
  readonly credentials: readonly string[];
  /** Called with every line that the command prints, on either output: stdout is for JSON. */
  readonly onLine: (line: string) => void;
  readonly timeoutMs: number;
}

const SHELL = "/bin/sh";
/** How long to wait for output that a process in the background may still hold open. */
const DRAIN_MS = 1000;
/** How long a command may take to end after SIGTERM, before SIGKILL. */
const TERMINATION_MS = 5000;
const POLL_MS = 50;

export function commandStore(command: string, options: CommandOptions): SecretStore {
  return {
    name: { exec: command },
    // Ending it takes time too, here with some to spare.
    timeoutMs: options.timeoutMs + 2 * (TERMINATION_MS + DRAIN_MS),
    async check() {
      if (command.trim() === "") return "the command is empty";
      if (process.platform === "win32") return undefined;
      const { error, status, stderr } = runShell(["-n", "-c", command], options);
      if (error !== undefined) return `the command cannot be started (${codeOf(error)})`;
      return status === 0 ? missingProgram(command, options) : `the shell cannot read it: ${stderr.trim()}`;
    },
    async store(secret) {
      const { exitCode, signalCode } = await runToItsEnd(command, secret, options);
      if (exitCode === 0) return;
      // So a shell says that it cannot execute a command, or found none; but it may have run another one before.
      const missing = exitCode === 126 || exitCode === 127 ? missingProgram(command, options) : undefined;
      if (missing !== undefined) throw new SecretNotStoredError(missing);
      const how = signalCode === null ? `ended with exit code ${exitCode}` : `was ended by ${signalCode}`;
      throw new Error(`the command ${how}`);
    },
  };
}

/** Runs the command in the shell, in a process group of its own, so that Ctrl-C does not end it half-way. */
async function runToItsEnd(command: string, secret: HandedSecret, options: CommandOptions) {
  const { env, directory, timeoutMs } = options;
  let child: ChildProcessWithoutNullStreams;
  try {
    child = spawn(command, { shell: true, detached: true, cwd: directory, env, stdio: "pipe", windowsHide: true });
    await once(child, "spawn");
  } catch (error) {
    throw new SecretNotStoredError(`the command could not be started (${codeOf(error)})`);
  }
  const secrets = [...options.credentials, secret.secret];
  const outputs = [child.stdout, child.stderr];
  const drained = outputs.map(async (output) => {
    const lines = createLineRedactor(secrets, options.onLine);
    await once(output.setEncoding("utf8").on("data", lines.write), "close");
    lines.end();
  });
  // A command may ignore its input: its exit code decides.
  child.stdin.on("error", () => undefined);
  child.stdin.end(`${JSON.stringify(secret)}\n`);
  const ended = await Promise.race([once(child, "exit"), sleep(timeoutMs, undefined, { ref: false })]);
  if (ended === undefined) await endGroup(child);
  await Promise.race([Promise.all(drained), sleep(DRAIN_MS, undefined, { ref: false })]);
  for (const output of outputs) output.destroy();
  if (ended !== undefined) return child;
  throw new Error(`the command was ended, because it had not finished after ${timeoutMs / 1000} s`);
}

/** Ends a command and everything that it has started: politely, and after a while for certain. */
async function endGroup(child: ChildProcessWithoutNullStreams): Promise<void> {
  const deadline = performance.now() + TERMINATION_MS;
  let alive = signalGroup(child, "SIGTERM");
  while (alive && performance.now() < deadline) {
    await sleep(POLL_MS);
    alive = signalGroup(child, 0);
  }
  signalGroup(child, "SIGKILL");
}

/** Returns whether there was anything left to send it to. */
function signalGroup(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals | 0): boolean {
  if (child.pid === undefined) return false;
  if (process.platform === "win32") {
    // There are no groups, and no signal that could be ignored. Not tested: this project runs on no Windows.
    if (signal !== 0) spawnSync("taskkill", ["/pid", String(child.pid), "/t", "/f"], { windowsHide: true });
    return child.kill(0);
  }
  try {
    return process.kill(-child.pid, signal);
  } catch (error) {
    // ESRCH: no process of the group is left. One of another user's cannot be signalled, but it is there.
    return codeOf(error) === "EPERM";
  }
}

/** Some shells find a file that nobody may execute. */
const FIND = 'found=$(command -v "$1") && case $found in */*) test -f "$found" && test -x "$found" ;; esac';

/** Says so if the command plainly is one program; of what a shell would have to interpret, nobody knows before. */
function missingProgram(command: string, options: CommandOptions): string | undefined {
  const [, program] = /^\s*([\w./+@-]+)(?:\s[^;&|<>(){}$`\\!\n]*)?$/.exec(command) ?? [];
  if (program === undefined || process.platform === "win32") return undefined;
  const isFound = runShell(["-c", FIND, SHELL, program], options).status === 0;
  return isFound ? undefined : `${program} is not found or not executable`;
}

function runShell(args: readonly string[], { env, directory }: CommandOptions) {
  return spawnSync(SHELL, args, { cwd: directory, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

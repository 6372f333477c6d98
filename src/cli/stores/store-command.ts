/**
 * Where a new secret goes, and `--exec`: runs the operator's command with it as JSON on its standard input.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { createLineRedactor, type NewSecret, SecretNotStoredError } from "../../index.js";
import { codeOf } from "../terminal/command-io.js";

export interface HandedSecret extends NewSecret {
  readonly clientId: string;
  readonly groupId: string;
}

export interface SecretStore {
  /** How reports name it; never holds a secret. */
  readonly name: { readonly secretFile?: string; readonly exec?: string };
  /** Tries whether a secret can be stored there, and returns why it cannot. Must be called before `store`. */
  check(): Promise<string | undefined>;
  /**
   * @throws SecretNotStoredError if it certainly was not stored
   * @throws Error if it may have been
   */
  store(secret: HandedSecret): Promise<void>;
  /** How long that may take, in milliseconds; absent if it has no limit of its own. */
  readonly timeoutMs?: number;
  /** Whether the secret with this fingerprint is what is stored there; undefined, or absent, if that cannot be known. */
  isStored?(fingerprint: string): Promise<boolean | undefined>;
}

interface CommandOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the command runs. */
  readonly directory: string;
  /** The credentials of this process; with the new secret they are masked in the output, in whatever encoding. */
  readonly credentials: readonly string[];
  /** Called with every line that the command prints, on either output. */
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
      const syntax = runShell(["-n", "-c", command], options);
      if (syntax.error !== undefined) return `the command cannot be started (${codeOf(syntax.error)})`;
      if (syntax.status !== 0) return `the shell cannot read it: ${syntax.stderr.trim()}`;
      return missingProgram(command, options);
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
async function runToItsEnd(command: string, secret: HandedSecret, { env, directory, ...options }: CommandOptions) {
  let child: ChildProcessWithoutNullStreams;
  try {
    child = spawn(command, { shell: true, detached: true, cwd: directory, env, stdio: "pipe", windowsHide: true });
    await once(child, "spawn");
  } catch (error) {
    throw new SecretNotStoredError(`the command could not be started (${codeOf(error)})`);
  }
  const secrets = [...options.credentials, secret.secret];
  const outputs = [child.stdout, child.stderr];
  const drained = Promise.all(outputs.map((output) => passLines(output, secrets, options.onLine)));
  // A command may ignore its input: its exit code decides.
  child.stdin.on("error", () => undefined);
  child.stdin.end(`${JSON.stringify(secret)}\n`);
  const timedOut = await once(child, "exit", { signal: AbortSignal.timeout(options.timeoutMs) }).then(
    () => false,
    () => true,
  );
  if (timedOut) await endGroup(child);
  await Promise.race([drained, sleep(DRAIN_MS, undefined, { ref: false })]);
  for (const output of outputs) output.destroy();
  if (timedOut)
    throw new Error(`the command was ended, because it had not finished after ${options.timeoutMs / 1000} s`);
  return child;
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

/** Both outputs go to stderr, because stdout is for JSON. Resolves when it has ended. */
async function passLines(output: Readable, secrets: readonly string[], onLine: (line: string) => void): Promise<void> {
  const lines = createLineRedactor(secrets, onLine);
  output.setEncoding("utf8").on("data", lines.write);
  await once(output, "close");
  lines.end();
}

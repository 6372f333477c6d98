/**
 * `--exec`: runs the operator's command with a new secret as JSON on its standard input.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { createRedactor, type NewSecret, SecretNotStoredError } from "../../index.js";
import { codeOf } from "../terminal/command-io.js";

/** What the command reads: the response to the creation, and whose secret it is. */
export interface HandedSecret extends NewSecret {
  readonly clientId: string;
  readonly groupId: string;
}

/** Where a command runs. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Working directory. */
  readonly directory: string;
  /** Called with every line that the command prints, on either output, with the secret masked. */
  readonly onLine: (line: string) => void;
}

const SHELL = "/bin/sh";
/** How long to wait for output that a process in the background may still hold open. */
const DRAIN_MS = 1000;

/** Why the command cannot be run, as far as that can be known before a secret is created; undefined if it can. */
export function storeCommandProblem(command: string, context: Omit<CommandContext, "onLine">): string | undefined {
  if (command.trim() === "") return "the command is empty";
  if (process.platform === "win32") return undefined;
  const syntax = runShell(["-n", "-c", command], context);
  if (syntax.status !== 0) return `the shell cannot read it: ${syntax.stderr.trim()}`;
  const program = programOf(command);
  return program === undefined || isFound(program, context) ? undefined : `${program} is not found`;
}

/**
 * Runs the command in the shell, in a process group of its own, so that Ctrl-C does not end it half-way. Exit 0 means
 * that the secret is stored.
 *
 * @throws SecretNotStoredError if nothing has run
 * @throws Error if it ended in any other way: it may have stored the secret
 */
export async function runStoreCommand(command: string, secret: HandedSecret, context: CommandContext): Promise<void> {
  const { env, directory, onLine } = context;
  const child = spawn(command, { shell: true, detached: true, cwd: directory, env, stdio: "pipe", windowsHide: true });
  try {
    await once(child, "spawn");
  } catch (error) {
    throw new SecretNotStoredError(`the command could not be started (${codeOf(error)})`);
  }
  const drained = passLines(child, secret.secret, onLine);
  const ended = once(child, "exit");
  // A command that does not read its input may be content all the same: its exit code decides.
  child.stdin.on("error", () => undefined);
  child.stdin.end(`${JSON.stringify(secret)}\n`);
  const [code, signal]: (number | string | null)[] = await ended;
  await Promise.race([drained, sleep(DRAIN_MS, undefined, { ref: false })]);
  child.stdout.destroy();
  child.stderr.destroy();
  if (code === 0) return;
  const program = programOf(command);
  if (code === NOT_FOUND && program !== undefined && !isFound(program, context)) {
    throw new SecretNotStoredError(`the command is not found: ${program}`);
  }
  throw new Error(signal === null ? `the command ended with exit code ${code}` : `the command was ended by ${signal}`);
}

/** A shell's exit code if there is no such command; but it may have run another one before. */
const NOT_FOUND = 127;

/**
 * The program that a command line runs, if it plainly runs one and nothing before it; undefined for whatever a shell would
 * have to interpret.
 */
function programOf(command: string): string | undefined {
  return /^\s*([\w./+@-]+)(?:\s[^;&|<>(){}$`\\!\n]*)?$/.exec(command)?.[1];
}

function isFound(program: string, context: Omit<CommandContext, "onLine">): boolean {
  return process.platform === "win32" || runShell(["-c", 'command -v "$1"', SHELL, program], context).status === 0;
}

function runShell(args: readonly string[], { env, directory }: Omit<CommandContext, "onLine">) {
  return spawnSync(SHELL, args, { cwd: directory, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Both outputs go to stderr, because stdout is for JSON. Resolves when both have ended. */
async function passLines(
  { stdout, stderr }: ChildProcess,
  secret: string,
  onLine: (line: string) => void,
): Promise<void> {
  const { protect, redact } = createRedactor();
  protect(secret);
  const outputs = [stdout, stderr].filter((output) => output !== null);
  await Promise.all(
    outputs.map((input) =>
      once(
        createInterface({ input }).on("line", (line) => onLine(redact(line))),
        "close",
      ),
    ),
  );
}

/**
 * `--exec`: a new secret is handed to a command of the operator's, as JSON on its standard input.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { type NewSecret, SecretNotStoredError } from "../../index.js";
import { createRedactor } from "../../safe/redaction.js";

/** What the command reads: the answer to the creation, and whose secret it is. */
export interface HandedSecret extends NewSecret {
  readonly clientId: string;
  readonly groupId: string;
}

export interface CommandSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Working directory. */
  readonly directory: string;
  /** Told every line that the command prints, on whichever of its two outputs, with the secret masked. */
  readonly onLine: (line: string) => void;
}

const SHELL = "/bin/sh";
/** How long output is waited for that a process in the background may still hold open. */
const DRAIN_MS = 1000;

/** Why the command cannot be run, looked at before a secret is made; undefined where nothing speaks against it. */
export function storeCommandProblem(
  command: string,
  surroundings: Omit<CommandSurroundings, "onLine">,
): string | undefined {
  if (command.trim() === "") return "there is no command in it";
  if (process.platform === "win32") return undefined;
  const syntax = runShell(["-n", "-c", command], surroundings);
  if (syntax.status !== 0) return `the shell cannot read it: ${syntax.stderr.trim()}`;
  const program = programOf(command);
  return program === undefined || isFound(program, surroundings) ? undefined : `${program} is not found`;
}

/**
 * Runs the command in the shell, in a process group of its own, so that Ctrl-C does not end it half-way. Exit 0 means
 * that the secret is stored.
 *
 * @throws SecretNotStoredError where it is certain that nothing has run
 * @throws Error where it ended in any other way: it may have stored the secret
 */
export async function runStoreCommand(
  command: string,
  secret: HandedSecret,
  surroundings: CommandSurroundings,
): Promise<void> {
  const { env, directory, onLine } = surroundings;
  const child = spawn(command, { shell: true, detached: true, cwd: directory, env, stdio: "pipe", windowsHide: true });
  try {
    await once(child, "spawn");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new SecretNotStoredError(`the command could not be started${code}`);
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
  if (code === NOT_FOUND && program !== undefined && !isFound(program, surroundings)) {
    throw new SecretNotStoredError(`the command is not found: ${program}`);
  }
  throw new Error(signal === null ? `the command ended with exit code ${code}` : `the command was ended by ${signal}`);
}

/** What a shell exits with where there is no such command; but so does one that ran another before. */
const NOT_FOUND = 127;

/**
 * The program that a command line runs, where it is plain to see that it runs one and nothing before it; undefined for
 * whatever a shell would have to interpret.
 */
function programOf(command: string): string | undefined {
  return /^\s*([\w./+@-]+)(?:\s[^;&|<>(){}$`\\!\n]*)?$/.exec(command)?.[1];
}

function isFound(program: string, surroundings: Omit<CommandSurroundings, "onLine">): boolean {
  return process.platform === "win32" || runShell(["-c", 'command -v "$1"', SHELL, program], surroundings).status === 0;
}

function runShell(args: readonly string[], { env, directory }: Omit<CommandSurroundings, "onLine">) {
  return spawnSync(SHELL, args, { cwd: directory, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Its standard output too goes to the operator and not to stdout, which is for JSON. Resolves when both have ended. */
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

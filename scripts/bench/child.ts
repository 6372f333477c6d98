/**
 * Measurements run in processes of their own, which know nothing of tsx and of what other measurements have loaded.
 */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { json, text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** What a process costs from its start to its end. */
export interface ProcessCost {
  /** Milliseconds on all cores, in user and system mode: it hardly depends on what else the machine does. */
  readonly cpu: number;
  /** Milliseconds by the clock. */
  readonly wall: number;
  /** Bytes of the heap at its end, after a garbage collection. */
  readonly heap: number;
}

const EXIT_COST = fileURLToPath(new URL("exit-cost.cjs", import.meta.url));

/**
 * Runs Node with these arguments to its end.
 *
 * @returns what it cost, and what it printed
 * @throws Error if it does not end with 0
 */
export async function runNode(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<ProcessCost & { readonly stdout: string }> {
  const started = performance.now();
  const child = spawn(process.execPath, ["--expose-gc", "--require", EXIT_COST, ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit", "pipe"],
  });
  const ended = once(child, "exit").then(([code]) => ({ code, wall: performance.now() - started }));
  const { stdout: output, stdio } = child;
  const report = stdio[3];
  if (output === null || !(report instanceof Readable)) throw new Error("there is no pipe to read");
  // exit-cost.cjs writes this and nothing else.
  const cost = json(report) as Promise<Omit<ProcessCost, "wall">>;
  const [{ code, wall }, stdout, { cpu, heap }] = await Promise.all([ended, text(output), cost]);
  if (code !== 0) throw new Error(`node ${args.join(" ")} ended with ${code}: ${stdout.slice(0, 500)}`);
  return { cpu, wall, heap, stdout };
}

export interface RunningChild {
  /** The first message that it sent. */
  readonly ready: unknown;
  /** Sends it a message, and resolves with the one that it sends back. */
  ask(question: object): Promise<unknown>;
  stop(): void;
}

/** Starts a module that says when it is ready and then runs until it is stopped. */
export async function startChild(
  module: URL,
  args: readonly string[] = [],
  execArgv: string[] = [],
): Promise<RunningChild> {
  const child = fork(module, args, { execArgv, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const ready = await firstMessage(child, module);
  return {
    ready,
    async ask(question) {
      const response = firstMessage(child, module);
      child.send(question);
      return response;
    },
    stop: () => child.kill(),
  };
}

async function firstMessage(child: ChildProcess, module: URL): Promise<unknown> {
  const ended = new AbortController();
  const onExit = (code: number | null) => ended.abort(new Error(`${module.pathname} ended with ${code}`));
  child.once("exit", onExit);
  try {
    const [message] = await once(child, "message", { signal: ended.signal });
    return message;
  } catch (error) {
    throw ended.signal.reason ?? error;
  } finally {
    child.off("exit", onExit);
  }
}

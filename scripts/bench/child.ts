/**
 * Measurements run in processes of their own, which know nothing of tsx and of what other measurements have loaded.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/**
 * Runs a module in a fresh process and answers the one message that it sends.
 *
 * @throws Error where it ends without one
 */
export async function runChild(module: URL, args: readonly string[] = [], execArgv: string[] = []): Promise<unknown> {
  const child = fork(module, args, { execArgv, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const message = await firstMessage(child, module);
  child.kill();
  return message;
}

export interface RunningChild {
  /** The first message that it sent. */
  readonly ready: unknown;
  /** Asks something of it, and waits for the answer. */
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
      const answer = firstMessage(child, module);
      child.send(question);
      return answer;
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

/** Measurements run in processes of their own, which know nothing of tsx and of what other measurements have loaded. */
import { fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Processor time on all cores, which hardly depends on what else the machine does, and time by the clock. */
export interface Cost {
  readonly cpu: number;
  readonly wall: number;
}

const EXIT_COST = fileURLToPath(new URL("exit-cost.cjs", import.meta.url));

/** Runs Node to its end, which must be 0: what that cost, in milliseconds, and what it printed. */
export function runNode(args: readonly string[], env: NodeJS.ProcessEnv = {}): Cost & { readonly stdout: string } {
  const started = performance.now();
  const { status, output } = spawnSync(process.execPath, ["--require", EXIT_COST, ...args], {
    env: { ...process.env, ...env },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit", "pipe"],
  });
  const wall = performance.now() - started;
  const [, stdout, , cpu] = output;
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${status}: ${stdout?.slice(0, 500)}`);
  return { cpu: Number(cpu), wall, stdout: stdout ?? "" };
}

/** Starts a module that sends a message when it is ready, and then runs until it is stopped. */
export async function startChild(module: URL, args: readonly string[], execArgv: string[] = []) {
  const child = fork(module, args, { execArgv, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`${module.pathname} ${args[0]} ended with ${code}`);
  });
  // Once it has been stopped, nobody waits for it.
  ended.catch(() => undefined);
  const nextMessage = async (): Promise<unknown> => (await Promise.race([once(child, "message"), ended]))[0];
  await nextMessage();
  return {
    /** Sends it a message, and resolves with the one that it sends back. */
    ask(question: object): Promise<unknown> {
      const response = nextMessage();
      child.send(question);
      return response;
    },
    stop: () => void child.kill(),
  };
}

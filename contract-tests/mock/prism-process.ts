/**
 * Prism as a child process: started on a free port of 127.0.0.1, watched while it lives, ended by whoever started it.
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { RecentLines } from "./recent-lines.js";

const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 2_000;
const KEPT_LOG_LINES = 40;

/** A Prism that listens, or did. */
export interface PrismProcess {
  /**
   * Where it listens, `http://127.0.0.1:PORT`. Not a constant: Prism starts anew on another port when the contract's
   * file changes.
   */
  readonly url: string;
  /** Process id. */
  readonly pid: number | undefined;
  /** Why it is no longer there; `undefined` while it lives. */
  readonly failure: Error | undefined;
  /** Ends it: SIGTERM, and SIGKILL if it is still there after two seconds. */
  stop(): Promise<void>;
}

/**
 * Starts Prism on a contract and waits until it listens.
 *
 * @param spec - Absolute path of the contract.
 * @param onFailure - Called once if Prism ends, after it listened, without having been asked to.
 * @throws Error of one line, with what Prism said last, when it ends early or does not listen within 20 s.
 */
export async function startPrism(spec: string, onFailure: (failure: Error) => void): Promise<PrismProcess> {
  // In a process group of its own, so that Ctrl-C in a terminal reaches the mock alone, which then ends Prism.
  const child = spawn(process.execPath, prismArguments(spec), { env: prismEnvironment(), detached: true });
  const log = new RecentLines(KEPT_LOG_LINES);
  const ended = endOf(child);
  let url = "";
  let failure: Error | undefined;
  let stopping = false;

  const listening = new Promise<"listening">((resolve) => {
    const read = (line: string): void => {
      log.add(line);
      const address = /Prism is listening on (http:\/\/[\d.:]+)/.exec(line)?.[1];
      if (address === undefined) return;
      url = address;
      resolve("listening");
    };
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", read);
  });
  const failed = ended.then((how) => {
    // What it said last has nothing to do with a signal from outside.
    failure = new Error(
      how.startsWith("SIG") ? `Prism was ended by ${how}` : `Prism ended (${how}): ${log.lastWords()}`,
    );
    if (url !== "" && !stopping) onFailure(failure);
    return failure;
  });
  const stop = async (): Promise<void> => {
    stopping = true;
    await endChild(child, ended);
  };

  const patience = new AbortController();
  const late = wait(START_TIMEOUT_MS, "late" as const, { signal: patience.signal });
  const outcome = await Promise.race([listening, failed, late]);
  patience.abort();
  if (outcome instanceof Error) throw outcome;
  if (outcome === "late") {
    await stop();
    throw new Error(`Prism did not listen within ${START_TIMEOUT_MS / 1000} s: ${log.lastWords()}`);
  }
  return {
    get url() {
      return url;
    },
    get failure() {
      return failure;
    },
    pid: child.pid,
    stop,
  };
}

function prismArguments(spec: string): string[] {
  const prism = createRequire(import.meta.url).resolve("@stoplight/prism-cli");
  const guard = new URL("./end-with-parent.mjs", import.meta.url).href;
  // One process, not a cluster, which is what Prism would make of NODE_ENV=production: a worker would outlive the child.
  const options = ["--port", "0", "--host", "127.0.0.1", "--multiprocess", "false", "--cors", "false"];
  return ["--import", guard, prism, "mock", ...options, spec];
}

/** This process's environment without what would colour Prism's log or change how its node starts. */
function prismEnvironment(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _color, NODE_OPTIONS: _options, ...rest } = process.env;
  return { ...rest, NO_COLOR: "1" };
}

/** Says how the child ended, once it has and its output is read to the end. */
function endOf(child: ChildProcessWithoutNullStreams): Promise<string> {
  // A parent that leaves takes the child along; where it cannot, end-with-parent.mjs does.
  const endWithThisProcess = (): void => {
    child.kill("SIGKILL");
  };
  process.once("exit", endWithThisProcess);
  return new Promise((resolve) => {
    const settle = (how: string): void => {
      process.off("exit", endWithThisProcess);
      resolve(how);
    };
    child.once("error", (error) => settle(error.message));
    child.once("close", (code, signal) => settle(signal === null ? `exit code ${code}` : signal));
  });
}

async function endChild(child: ChildProcessWithoutNullStreams, ended: Promise<string>): Promise<void> {
  child.kill("SIGTERM");
  const kill = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(kill);
}

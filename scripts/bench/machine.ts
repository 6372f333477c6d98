/**
 * Where and when a measurement was made.
 */
import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from "node:child_process";
import { cpus, loadavg, totalmem } from "node:os";

export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  /** Of the working tree; `-dirty` if it differs from its commit, undefined outside git. */
  readonly commit: string | undefined;
  /** Processes that wanted a core in the last minute, before the bench began; well under `cores` on a quiet machine. */
  readonly load: number;
}

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    date: new Date().toISOString().slice(0, 16).replace("T", " "),
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    node: process.version,
    commit: commit(),
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

function commit(): string | undefined {
  try {
    const options: ExecFileSyncOptionsWithStringEncoding = { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] };
    return execFileSync("git", ["describe", "--always", "--dirty", "--exclude=*"], options).trim();
  } catch {
    // No git, or no repository: the figures stand without it.
    return undefined;
  }
}

export function introduce({ date, cpu, cores, memoryGb, system, node, commit, load }: Machine): string {
  const busy = load > cores / 2 ? " - this machine is busy, times are worth little" : "";
  return [
    `${date} UTC, commit ${commit ?? "unknown"}, Node ${node}`,
    `${cpu}, ${cores} cores, ${memoryGb} GB, ${system}, load ${load}${busy}`,
    "",
  ].join("\n");
}

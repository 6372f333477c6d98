/** The package as its consumers get it: built, packed, and installed into an empty project outside the repository. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");
/** What a tarball may hold, and nothing else. */
const ALLOWED = /^(dist\/[\w.-]+\.(js|d\.ts|schema\.json)|openapi\/.+\.yaml|README\.md|LICENSE|package\.json)$/;

/** @throws Error with all that a failed program has printed */
export async function runProgram(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  try {
    // npm and npx are scripts, which Windows starts through a shell only.
    const shell = process.platform === "win32" && !program.includes(process.execPath);
    const options = { cwd, shell, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
    return (await promisify(execFile)(program, args, options)).stdout;
  } catch (error) {
    // `execFile` adds both streams to its error, of which the message has one.
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(" ")} failed:\n${stdout}${stderr}`);
  }
}

export type Tarball = Awaited<ReturnType<typeof packTarball>>;

export async function packTarball(folder: string) {
  await runProgram("npm", ["run", "build"], ROOT);
  const pack = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const [packed] = JSON.parse(await runProgram("npm", pack, ROOT));
  const bytes: number = packed.size;
  const files: readonly string[] = packed.files.map((file: { path: string }) => file.path);
  const unwanted = files.filter((path) => !ALLOWED.test(path));
  if (unwanted.length > 0) throw new Error(`Files that do not belong into the tarball: ${unwanted.join(", ")}`);
  return { path: join(folder, packed.filename), bytes, files };
}

/** An empty folder outside the repository, which goes when the process ends, also by Ctrl-C. */
export function temporaryFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
  return folder;
}

export async function createProject(folder: string, packages: readonly string[], more: object = {}): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module", ...more }));
  await install(folder, ...packages);
}

/** @param args - Packages and options; without packages what package.json names. */
export async function install(folder: string, ...args: readonly string[]): Promise<void> {
  await runProgram("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...args], folder);
}

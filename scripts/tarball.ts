/**
 * The package as its consumers get it: built, packed, and installed into an empty project outside the repository.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** The versions that the project itself is built with. */
export const DEV_DEPENDENCIES: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(join(ROOT, "package.json"), "utf8"),
).devDependencies;

/** What a tarball may hold, and nothing else. */
const ALLOWED = /^(dist\/[\w.-]+\.(js|d\.ts|schema\.json)|openapi\/.+\.yaml|README\.md|LICENSE|package\.json)$/;
const NEEDED = [
  "LICENSE",
  "README.md",
  "dist/index.js",
  "dist/index.d.ts",
  "dist/fleet.schema.json",
  "dist/rotation-record.schema.json",
];

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

export interface Tarball {
  readonly path: string;
  readonly bytes: number;
  readonly files: readonly string[];
}

/** Builds the package and packs it into `folder`. */
export async function packTarball(folder: string): Promise<Tarball> {
  await runProgram("npm", ["run", "build"], ROOT);
  const [packed] = JSON.parse(
    await runProgram("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], ROOT),
  );
  const files: string[] = packed.files.map((file: { path: string }) => file.path);
  const unwanted = files.filter((path) => !ALLOWED.test(path));
  if (unwanted.length > 0) throw new Error(`Files that do not belong into the tarball: ${unwanted.join(", ")}`);
  const missing = NEEDED.filter((path) => !files.includes(path));
  if (missing.length > 0) throw new Error(`The tarball lacks ${missing.join(", ")}`);
  return { path: join(folder, packed.filename), bytes: packed.size, files };
}

/** Every way to resolve modules. */
export const RESOLUTIONS = [
  { module: "node16", moduleResolution: "node16" },
  { module: "nodenext", moduleResolution: "nodenext" },
  { module: "esnext", moduleResolution: "bundler" },
];

/**
 * Compiles a file of a project under strict options, with every declaration checked.
 * @param compiler path of `tsc`
 * @throws Error with what the compiler says
 */
export async function compile(compiler: string, folder: string, file: string, options: object): Promise<void> {
  const compilerOptions = {
    target: "es2022",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noPropertyAccessFromIndexSignature: true,
    skipLibCheck: false,
    outDir: "out",
    ...options,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
  await runProgram(process.execPath, [compiler, "-p", "."], folder);
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

/** Makes an empty project and installs these into it. */
export async function createProject(folder: string, packages: readonly string[], more: object = {}): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "consumer", private: true, type: "module", ...more }),
  );
  await runProgram("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", ...packages], folder);
}

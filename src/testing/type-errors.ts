/** For tests: what the compiler says of a program, compiled as strictly as the project is. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
/** TypeScript 7, as `npm run typecheck` has it: it takes a sixth of the time of 5.9. */
const COMPILER = join(PROJECT, "node_modules/typescript-7/bin/tsc");

/**
 * A text for each error.
 *
 * @param files texts by the names of the files; all packages of the project can be imported
 * @param compilerOptions in addition to the project's own
 */
export async function typeErrors(files: ReadonlyMap<string, string>, compilerOptions: object = {}): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), "type-errors-"));
  try {
    await symlink(join(PROJECT, "node_modules"), join(directory, "node_modules"), "junction");
    const config = {
      extends: join(PROJECT, "tsconfig.json"),
      compilerOptions: { typeRoots: [join(PROJECT, "node_modules/@types")], ...compilerOptions },
      files: [...files.keys()].filter((name) => name.endsWith(".ts")),
      include: [],
    };
    const texts = [
      ...files,
      ["package.json", '{ "type": "module" }'],
      ["tsconfig.json", JSON.stringify(config)],
    ] as const;
    for (const [name, text] of texts) await writeFile(join(directory, name), text);
    return await new Promise((resolve) => {
      const args = [COMPILER, "--project", directory, "--singleThreaded", "--pretty", "false"];
      execFile(process.execPath, args, { cwd: directory }, (error, stdout, stderr) => {
        // What explains an error stands below it, indented.
        const errors = `${stdout}${stderr}`.split(/\n(?! )/).filter((text) => text !== "");
        resolve(error !== null && errors.length === 0 ? [String(error)] : errors);
      });
    });
  } finally {
    await rm(directory, { recursive: true });
  }
}

/**
 * README's first example under every supported TypeScript, way to resolve modules and set of global types.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codeBlocks } from "../readmes.js";
import { createProject, ROOT, runProgram } from "../tarball.js";
import type { Row } from "./row.js";

const VERSIONS = ["5.4", "5.9", "6", "7"];
const RESOLUTIONS = [
  { module: "node16", moduleResolution: "node16" },
  { module: "nodenext", moduleResolution: "nodenext" },
  { module: "esnext", moduleResolution: "bundler" },
];
const GLOBALS = [
  { name: "Node types", types: ["node"], lib: ["es2022"] },
  { name: "DOM", types: [], lib: ["es2022", "dom"] },
  { name: "neither", types: [], lib: ["es2022"] },
];
const STRICT = {
  target: "es2022",
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  skipLibCheck: false,
  noEmit: true,
};

export async function checkCompilers(tarball: string, folder: string, report: (row: Row) => void): Promise<void> {
  const compilers = VERSIONS.map((version) => `ts${version.replace(".", "")}@npm:typescript@${version}`);
  await createProject(folder, [tarball, "@types/node@20", ...compilers]);
  const [example] = codeBlocks(readFileSync(join(ROOT, "README.md"), "utf8"), "ts");
  // Without Node's types or the DOM's there is no console either.
  const code = `declare const console: { log(...all: unknown[]): void; error(...all: unknown[]): void };\n${example?.code ?? ""}`;
  writeFileSync(join(folder, "without-globals.ts"), `${code}\nexport {};\n`);
  writeFileSync(join(folder, "example.ts"), example?.code ?? "");
  for (const version of VERSIONS) {
    const compiler = join(folder, "node_modules", `ts${version.replace(".", "")}`, "bin", "tsc");
    for (const { name, types, lib } of GLOBALS) {
      const problems: string[] = [];
      for (const resolution of RESOLUTIONS) {
        const files = [name === "neither" ? "without-globals.ts" : "example.ts"];
        const compilerOptions = { ...STRICT, ...resolution, types, lib };
        writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
        try {
          await runProgram(process.execPath, [compiler, "-p", "."], folder);
        } catch (error) {
          const message = error instanceof Error ? error.message : String(error);
          if (name === "neither" && isAboutDependency(message)) continue;
          problems.push(`${resolution.moduleResolution}: ${message}`);
        }
      }
      report({ who: `TypeScript ${version}, ${name}`, what: "node16, nodenext, bundler", problems });
    }
  }
}

/** Whether all that is wrong is in openapi-fetch's own declarations, which need the platform's types. */
function isAboutDependency(message: string): boolean {
  const errors = message.split("\n").filter((line) => line.includes("error TS"));
  return errors.length > 0 && errors.every((line) => line.includes("node_modules/openapi-fetch/"));
}

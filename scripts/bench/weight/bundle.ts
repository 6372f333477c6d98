/**
 * How many bytes a program takes in with an import: bundled and minified by esbuild, compressed by gzip.
 */

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";

export interface Bundle {
  readonly minifiedBytes: number;
  readonly gzippedBytes: number;
  /** Minified bytes by where they come from: a package, or a folder of the project. */
  readonly contributors: ReadonlyMap<string, number>;
}

/**
 * @param code what a program writes to import it
 * @param folder where its imports are resolved from
 */
export async function bundleOf(code: string, folder: URL): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(folder) },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node20",
    external: ["node:*"],
    write: false,
    absWorkingDir: fileURLToPath(folder),
    metafile: true,
    logLevel: "error",
  });
  const contents = outputFiles[0]?.contents ?? new Uint8Array();
  return {
    minifiedBytes: contents.length,
    gzippedBytes: gzipSync(contents, { level: 9 }).length,
    contributors: contributorsOf(metafile),
  };
}

function contributorsOf({ outputs }: Metafile): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = contributorOf(path);
      bytes.set(name, (bytes.get(name) ?? 0) + bytesInOutput);
    }
  }
  return new Map([...bytes].filter(([, size]) => size > 0).sort(([, a], [, b]) => b - a));
}

function contributorOf(path: string): string {
  // Greedy: of nested packages the innermost.
  const dependency = /.*node_modules\/((?:@[^/]+\/)?[^/.][^/]*)/.exec(path)?.[1];
  return dependency ?? /^(?:src\/(?:[^/]+\/)?|generated\/)/.exec(path)?.[0] ?? path;
}

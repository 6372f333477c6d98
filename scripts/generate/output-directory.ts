/**
 * The directory that holds the generated files: compared with what would be generated, and written all or nothing.
 */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** How a directory differs from what would be generated. */
export interface Difference {
  readonly file: string;
  readonly kind: "differs" | "is missing" | "is extra";
}

/** Every file that differs, is missing or is extra, by name. A directory that is not there lacks every file. */
export async function compare(directory: string, files: ReadonlyMap<string, string>): Promise<Difference[]> {
  const present = new Set(await namesIn(directory));
  const differences: Difference[] = [...present]
    .filter((file) => !files.has(file))
    .map((file) => ({ file, kind: "is extra" }));
  for (const [file, text] of files) {
    if (!present.has(file)) differences.push({ file, kind: "is missing" });
    else if (!(await readFile(join(directory, file))).equals(Buffer.from(text)))
      differences.push({ file, kind: "differs" });
  }
  return differences.sort((one, other) => (one.file < other.file ? -1 : 1));
}

/**
 * Writes the files; others in the directory stay. Every text is on the disk under another name before the first old file
 * is replaced, so that what fails leaves the old output as it was.
 * @throws {Error} of node:fs, or for a directory that has the name of a file
 */
export async function write(directory: string, files: ReadonlyMap<string, string>): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const file of files.keys()) await refuseDirectory(join(directory, file));
  // Within the directory, because a rename is atomic only on one file system.
  const temporary = await mkdtemp(join(directory, ".generate-"));
  try {
    for (const [file, text] of files) await writeFile(join(temporary, file), text);
    for (const file of files.keys()) await rename(join(temporary, file), join(directory, file));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function refuseDirectory(path: string): Promise<void> {
  const status = await stat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (status?.isDirectory()) throw new Error(`${path} is a directory`);
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/**
 * Writing is all or nothing.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { compare, write } from "./output-directory.js";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "output-directory-"));
});
afterEach(() => rm(directory, { recursive: true }));

const files = new Map([
  ["one.ts", "1\n"],
  ["two.ts", "2\n"],
]);

test("files that are not generated stay where they are", async () => {
  await writeFile(join(directory, "notes.txt"), "mine");
  await write(directory, files);
  expect((await readdir(directory)).sort()).toEqual(["notes.txt", "one.ts", "two.ts"]);
  expect(await compare(directory, files)).toEqual([{ file: "notes.txt", kind: "is extra" }]);
});

test("a directory in the place of the last file leaves the first one untouched", async () => {
  await writeFile(join(directory, "one.ts"), "old");
  await mkdir(join(directory, "two.ts"));
  await expect(write(directory, files)).rejects.toThrow(`${join(directory, "two.ts")} is a directory`);
  expect(await readFile(join(directory, "one.ts"), "utf8")).toBe("old");
  expect((await readdir(directory)).sort()).toEqual(["one.ts", "two.ts"]);
});

test("a text that cannot be written leaves the old files untouched and nothing beside them", async () => {
  await writeFile(join(directory, "one.ts"), "old");
  const unwritable = new Map([...files, ["no-such-directory/three.ts", "3\n"]]);
  await expect(write(directory, unwritable)).rejects.toMatchObject({ code: "ENOENT" });
  expect(await readFile(join(directory, "one.ts"), "utf8")).toBe("old");
  expect(await readdir(directory)).toEqual(["one.ts"]);
});

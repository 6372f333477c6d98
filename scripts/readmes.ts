/** Every README of the project and the code blocks in them, so that what they show is run and not only read. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "./tarball.js";

const LISTED = ["--cached", "--others", "--exclude-standard", "README.md", "CONTRIBUTING.md", "**/README.md"];

/** README.md at the top, CONTRIBUTING.md, and the README of every folder, with paths in the repository. */
export const README_FILES = execFileSync("git", ["ls-files", ...LISTED], { cwd: ROOT, encoding: "utf8" })
  .trim()
  .split("\n")
  .map((path) => ({ path, folder: dirname(path), text: readFileSync(join(ROOT, path), "utf8") }));

/** Every fenced block, or every one of a language, in order, with the number of its first line of code. */
export function codeBlocks(markdown: string, language?: string) {
  const fenced = [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)];
  return fenced
    .map(({ index, 1: name = "", 2: code = "" }) => ({
      language: name,
      code: code.replace(/\n$/, ""),
      line: markdown.slice(0, index).split("\n").length + 1,
    }))
    .filter((block) => language === undefined || block.language === language);
}

/** The one block of a language, in any README, that holds a text. */
export function blockWith(language: string, text: string): string {
  const blocks = README_FILES.flatMap((readme) => codeBlocks(readme.text, language).map(({ code }) => code));
  const [block, ...others] = new Set(blocks.filter((code) => code.includes(text)));
  if (block === undefined || others.length > 0) throw new Error(`not one block holds ${text}`);
  return block;
}

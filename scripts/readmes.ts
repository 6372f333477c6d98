/**
 * Every README of the project and the code blocks in them, so that what they show is run and not only read.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

export interface Readme {
  /** Relative to the repository. */
  readonly path: string;
  readonly folder: string;
  readonly text: string;
}

/** README.md at the top, CONTRIBUTING.md, and the README of every folder. */
export const README_FILES: readonly Readme[] = execFileSync(
  "git",
  ["ls-files", "--cached", "--others", "--exclude-standard", "README.md", "CONTRIBUTING.md", "**/README.md"],
  { cwd: ROOT, encoding: "utf8" },
)
  .trim()
  .split("\n")
  .map((path) => ({ path, folder: dirname(path), text: readFileSync(join(ROOT, path), "utf8") }));

export interface CodeBlock {
  readonly language: string;
  readonly code: string;
  /** Line of its first line of code, from 1. */
  readonly line: number;
}

/** Every fenced block, or every one of a language, in order. */
export function codeBlocks(markdown: string, language?: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { readonly language: string; readonly line: number; readonly lines: string[] } | undefined;
  for (const [index, text] of markdown.split("\n").entries()) {
    const fence = /^```(\w*)$/.exec(text);
    if (open !== undefined && fence !== null) {
      blocks.push({ language: open.language, line: open.line, code: open.lines.join("\n") });
      open = undefined;
    } else if (open !== undefined) {
      open.lines.push(text);
    } else if (fence !== null) {
      open = { language: fence[1] ?? "", line: index + 2, lines: [] };
    }
  }
  return blocks.filter((block) => language === undefined || block.language === language);
}

/** The one block of a language, in any README, that holds a text. */
export function blockWith(language: string, text: string): string {
  const found = README_FILES.flatMap((readme) => codeBlocks(readme.text, language)).filter(({ code }) =>
    code.includes(text),
  );
  const [block, ...others] = new Set(found.map(({ code }) => code));
  if (block === undefined || others.length > 0) throw new Error(`${found.length} different blocks hold ${text}`);
  return block;
}

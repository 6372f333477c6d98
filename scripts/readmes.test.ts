/**
 * Every README is held to the code: its TypeScript compiles as strictly as the project's own, and it names only what exists.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as library from "../src/index.js";
import { typeErrors } from "../src/testing/type-errors.js";
import { codeBlocks, README_FILES } from "./readmes.js";
import { ROOT as root } from "./tarball.js";

const readme = readFileSync(`${root}/README.md`, "utf8");
const packageJson = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));

/** What the compiler says of the files; under its own name the package is what src/ is now, and not what was last built. */
function compile(files: ReadonlyMap<string, string>): Promise<string[]> {
  const paths = {
    [packageJson.name]: [`${root}/src/index.ts`],
    [`${packageJson.name}/testing`]: [`${root}/src/testing/atlas/start-atlas.ts`],
  };
  return typeErrors(files, { paths, noUnusedLocals: false });
}

describe("the README of every folder", () => {
  it("has TypeScript that compiles", async () => {
    const files = README_FILES.flatMap(({ path, text }) =>
      codeBlocks(text, "ts").map(
        ({ line, code }) => [`${path.replaceAll("/", "-")}-line-${line}.ts`, `${code}\nexport {};\n`] as const,
      ),
    );
    expect(files.length).toBeGreaterThanOrEqual(3);
    expect(await compile(new Map(files))).toEqual([]);
  });

  it("would not pass with TypeScript that does not compile", async () => {
    const wrong = `import { createAtlasClient } from "${packageJson.name}";\ncreateAtlasClient({ credential: {} });`;
    expect(await compile(new Map([["readme-wrong.ts", wrong]]))).toHaveLength(1);
  });

  it("names only npm scripts that exist", () => {
    const named = README_FILES.flatMap(({ path, text }) =>
      [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name = ""]) => ({ path, name })),
    );
    expect(named.filter(({ name }) => !(name in packageJson.scripts))).toEqual([]);
  });

  it("names only files and folders that exist", () => {
    const named = README_FILES.flatMap(({ path, text }) =>
      [...text.matchAll(/(?<![\w./-])(?:src|scripts|contract-tests|openapi)\/[\w./-]*[\w/]/g)].map(([name]) => ({
        path,
        name,
      })),
    );
    expect(named.filter(({ name }) => !existsSync(join(root, name)))).toEqual([]);
  });

  it("names this version of the package", () => {
    const named = README_FILES.flatMap(({ path, text }) =>
      [...text.matchAll(/atlas-(?:secrets:|service-account-secrets@)(\d[\w.]*)/g)].map(([, version]) => ({
        path,
        version,
      })),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(({ version }) => version !== packageJson.version)).toEqual([]);
  });

  it("links only to headings that exist", () => {
    // As GitHub makes them: lower case, hyphens for spaces, and no other punctuation.
    const anchorsOf = (text: string) =>
      [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
        heading
          .toLowerCase()
          .replace(/[^\p{L}\p{N} _-]/gu, "")
          .replaceAll(" ", "-"),
      );
    const links = README_FILES.flatMap(({ path, folder, text }) =>
      [...text.matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)].map(([, link = "", anchor = ""]) => ({
        path,
        anchor,
        target: link === "" ? text : readFileSync(join(root, folder, link), "utf8"),
      })),
    );
    expect(links.length).toBeGreaterThan(0);
    expect(links.filter(({ anchor, target }) => !anchorsOf(target).includes(anchor))).toEqual([]);
  });

  it("links only to files and folders that exist", () => {
    const links = README_FILES.flatMap(({ path, folder, text }) =>
      [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = ""]) => ({ path, target: join(folder, link) })),
    );
    expect(links.filter(({ target }) => !existsSync(join(root, target)))).toEqual([]);
  });
});

describe("README.md at the top", () => {
  it("is at most 170 lines long", () => {
    expect(readme.trimEnd().split("\n").length).toBeLessThanOrEqual(170);
  });

  it("shows the two commands before line 30", () => {
    const commands = codeBlocks(readme, "sh").filter(({ line }) => line < 30);
    expect(commands.map(({ code }) => code)).toEqual(["npm ci && npm run quickstart", "npm ci && npm test"]);
  });

  it("lists every error class and every option", () => {
    const classes = Object.keys(library).filter((name) => /^(Atlas|Secret)\w+Error$/.test(name));
    for (const name of [...classes, "credentials", "apiVersion", ...Object.keys(library.DEFAULT_OPTIONS)]) {
      expect(readme).toContain(`\`${name}\``);
    }
  });
});

/**
 * Comments hold whatever the contract says.
 */
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { generateFrom } from "./testing/contracts.js";
import { docComment, seeAlso } from "./typescript-text.js";

test("a short text is one line, nothing is no comment", () => {
  expect(docComment("  ", ["Short."])).toBe("  /** Short. */\n");
  expect(docComment("  ", [undefined, ""])).toBe("");
});

test("paragraphs are set apart, with the lines that they have", () => {
  expect(docComment("", ["One.\n\n    code", "@deprecated"])).toBe(
    "/**\n * One.\n *\n *     code\n *\n * @deprecated\n */\n",
  );
});

test("the end of a comment and line separators are harmless", () => {
  expect(docComment("", ["a */ b\r\nc\u2028d"])).toBe("/**\n * a *\\/ b\n * c\n * d\n */\n");
  expect(docComment("", ["a */ b"])).toBe("/** a *\\/ b */\n");
});

test("a link keeps within its braces", () => {
  expect(seeAlso("https://example.com/a b?c={d}|e%20f", "All | {of}\nit")).toBe(
    "@see {@link https://example.com/a%20b?c=%7Bd%7D%7Ce%20f | All of it}",
  );
  expect(seeAlso("https://example.com", undefined)).toBe("@see {@link https://example.com}");
});

test("says in comments what the contract says, and no description ends or bends a comment", async () => {
  const files = await generateFrom(await readFile(new URL("testing/many-kinds.yaml", import.meta.url), "utf8"));
  const client = files.get("client.ts");
  expect(client).toContain(`
  /**
   * List the parts
   *
   * Ends no comment *\\/ and is no template: \`\${parts}\`, "quotes", \\ and a@b.c
   *
   * \\@deprecated is no tag here
   *
   * \`\`\`sh
   * curl     -s   https://example.com/shelves/oak/parts?limit=5 -H 'X-Trace-Id: 12-34' -H 'Accept: application/json' | jq .
   * \`\`\`
   *
   * Required roles: Reader, Writer
   *
   * @see {@link https://example.com/a%20b?c=%7Bd%7D | Parts all}
   */
  listParts(args: ListPartsArguments, options?: CallOptions): ResponsePromise<ListPartsResult, Response>;

  /** @deprecated */
  changePart(`);
  expect(files.get("schema.ts")).toContain(`
                /**
                 * Format: int64
                 * @description How many \\@internal
                 * @default 5
                 */
                limit: number;
`);
});

/**
 * The code blocks of a Markdown document, so that what README shows is run and not only read.
 */

export interface CodeBlock {
  readonly language: string;
  readonly code: string;
  /** Line of its first line of code, from 1. */
  readonly line: number;
  /** The heading above it. */
  readonly section: string;
}

/** Every fenced block, or every one of a language, in order. */
export function codeBlocks(markdown: string, language?: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let section = "";
  let open: { readonly language: string; readonly line: number; readonly lines: string[] } | undefined;
  for (const [index, text] of markdown.split("\n").entries()) {
    const fence = /^```(\w*)$/.exec(text);
    if (open !== undefined && fence !== null) {
      blocks.push({ language: open.language, line: open.line, section, code: open.lines.join("\n") });
      open = undefined;
    } else if (open !== undefined) {
      open.lines.push(text);
    } else if (fence !== null) {
      open = { language: fence[1] ?? "", line: index + 2, lines: [] };
    } else if (text.startsWith("## ")) {
      section = text.slice(3);
    }
  }
  return blocks.filter((block) => language === undefined || block.language === language);
}

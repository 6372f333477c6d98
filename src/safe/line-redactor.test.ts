import { describe, expect, it } from "vitest";
import { createLineRedactor } from "../index.js";

/** Characters that each encoding treats differently. */
const secret = 'not/a+real "secret"_äöü~0123456789';

function linesOf(chunks: readonly string[]): string[] {
  const lines: string[] = [];
  const output = createLineRedactor([secret, "other-fake-secret"], (line) => lines.push(line));
  for (const chunk of chunks) output.write(chunk);
  output.end();
  return lines;
}

const FORMS: readonly (readonly [string, string])[] = [
  ["plain", secret],
  ["URL-escaped", encodeURIComponent(secret)],
  ["JSON-escaped", JSON.stringify(secret).slice(1, -1)],
  ["in hexadecimal digits", Buffer.from(secret).toString("hex")],
  ["in capital hexadecimal digits", Buffer.from(secret).toString("hex").toUpperCase()],
  ["in base64", Buffer.from(secret).toString("base64")],
  ["in base64url", Buffer.from(secret).toString("base64url")],
];

describe("the output of another program", () => {
  it.each(FORMS)("shows no secret %s, in whatever pieces it comes and wherever its lines are broken", (_how, form) => {
    expect(linesOf([`a ${form} z\n`])).toEqual(["a … z"]);
    expect(linesOf([...`a ${form} z\n`])).toEqual(["a … z"]);
    for (const [at] of [...form].entries()) {
      expect(linesOf([`a ${form.slice(0, at)}`, `${form.slice(at)} z`])).toEqual(["a … z"]);
      if (at === 0) continue;
      expect(linesOf([`a ${form.slice(0, at)}\n`, `${form.slice(at)} z`])).toEqual(["a …", " z"]);
      expect(linesOf([`a ${form.slice(0, at)}\r\n${form.slice(at)} z`])).toEqual(["a …", " z"]);
    }
  });

  it.each(FORMS)("shows no secret %s over lines that are indented, folded or continued", (_how, form) => {
    for (const between of [
      "\n    ",
      "\r\n\t\t",
      "  \n  ",
      " \\\n  ",
      "\n\n ",
      "\n    \n    ",
      "=\r\n",
      "\n\u00a0",
      " \\\n  \\\n ",
    ]) {
      for (let at = 1; at < form.length; at += 5) {
        const chunks = [`a ${form.slice(0, at)}`, between.slice(0, 2), `${between.slice(2)}${form.slice(at)} z`];
        expect(
          linesOf(chunks)
            .filter((line) => line !== "")
            .join("|"),
        ).toBe("a …| z");
      }
      const wrapped = form.replace(/.{7}/gs, `$&${between}`);
      expect(
        linesOf([`a ${wrapped} z`])
          .join("")
          .replaceAll(" ", ""),
      ).toBe("a…z");
    }
    for (const between of ["\u2028", "\f", "\x85 "]) {
      expect(linesOf([`a ${form.replace(/.{7}/gs, `$&${between}`)} z`])).toEqual(["a … z"]);
    }
    // Where words are wrapped, a line end stands for a space.
    expect(linesOf([`a ${form.replaceAll(" ", "\n  ")} z`]).join("")).toBe("a … z");
  });

  it.each(FORMS)(
    "shows no secret %s with other signs between its letters, whatever piece they come in",
    (_how, form) => {
      for (const between of ["\u001b[31m", "\u001b[m\u001b[K", "\n> ", "\u200b", '" +\n    "', "\0"]) {
        const broken = form.replace(/[a-z]{4}/gi, `$&${between}`);
        expect(linesOf([`a ${broken} z`]).join("")).toBe("a … z");
        for (let at = 1; at < broken.length; at += 5) {
          expect(linesOf([`a ${broken.slice(0, at)}`, `${broken.slice(at)} z`]).join("")).toBe("a … z");
        }
      }
    },
  );

  it("shows nothing of a base64 whose padding ends the line, and the text", () => {
    for (const unpadded of ["not-a-real-secret", "not-a-real-secret-", "not-a-real-secret-of-any-form"]) {
      const lines: string[] = [];
      const output = createLineRedactor([unpadded], (line) => lines.push(line));
      output.write(`${Buffer.from(unpadded).toString("base64")}\n`);
      output.end();
      expect(lines).toEqual(["…"]);
    }
  });

  it("keeps white space that belongs to no secret", () => {
    const text = "  some:\n    text \\\n\n  of a   program  ";
    expect(linesOf([`${text}\n`])).toEqual(text.split("\n"));
  });

  it.each([0, 1, 2, 3])(
    "shows nothing of a secret inside a longer base64, %i characters behind its beginning",
    (before) => {
      const text = Buffer.from(`${"x".repeat(before)}${secret}, and more`).toString("base64");
      const wrapped = text.replace(/.{10}/g, "$&\n");
      const shown = linesOf([wrapped]).join("");
      expect(shown).toContain("…");
      // Two characters at either end belong to the neighbours too.
      for (let at = 0; at + 12 <= secret.length; at += 1) {
        const part = Buffer.from(`${"x".repeat(before)}${secret}`)
          .toString("base64")
          .slice(at, at + 12);
        if (at > before + 4) expect(shown).not.toContain(part);
      }
    },
  );

  it.each([
    ["URL-escaped throughout", [...Buffer.from(secret)].map((byte) => `%${byte.toString(16)}`).join("")],
    ["URL-escaped in small letters", encodeURIComponent(secret).toLowerCase().replace("not%2fa", "not%2Fa")],
    [
      "JSON-escaped throughout",
      [...secret].map((each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
    ],
    ["in base64 that is URL-escaped", encodeURIComponent(Buffer.from(secret).toString("base64"))],
  ])("shows no secret %s", (_how, form) => {
    expect(linesOf([`a ${form} z\n`])).toEqual(["a … z"]);
  });

  it("comes line by line, as soon as a line cannot be the beginning of a secret", () => {
    const lines: string[] = [];
    const output = createLineRedactor([secret], (line) => lines.push(line));
    output.write("ready\nsto");
    expect(lines).toEqual(["ready"]);
    output.write("red\r\n\nno");
    expect(lines).toEqual(["ready", "stored", ""]);
    output.write("t/a+r\n");
    expect(lines).toEqual(["ready", "stored", ""]);
    output.write(`eally\n${secret}\nunended`);
    expect(lines).toEqual(["ready", "stored", "", "not/a+r", "eally", "…"]);
    output.end();
    expect(lines.slice(6)).toEqual(["unended"]);
  });

  it("comes in parts if it has no line ends", () => {
    const parts: string[] = [];
    const output = createLineRedactor([secret], (part) => parts.push(part));
    output.write("x".repeat(65_536));
    expect(parts).toEqual([]);
    output.write("x".repeat(65_536));
    expect(parts).toEqual(["x".repeat(131_072)]);
    output.write("x");
    output.end();
    expect(parts).toEqual(["x".repeat(131_072), "x"]);
  });

  it("keeps a carriage return that ends no line", () => {
    expect(linesOf(["10 %\r20 %\r\n"])).toEqual(["10 %\r20 %"]);
  });

  it("shows no part of a secret that begins like a shorter one, and words as they are if a secret is a word", () => {
    const lines: string[] = [];
    const output = createLineRedactor(["fake", "fake-and-longer", "the"], (line) => lines.push(line));
    output.write("the fake-and-longer\n");
    expect(lines).toEqual(["the …"]);
  });

  it("keeps words that are like a secret only without the spaces between them, or without its padding", () => {
    const lines: string[] = [];
    const output = createLineRedactor(["there", "be=="], (line) => lines.push(line));
    output.write("the report is to be kept\n");
    output.end();
    expect(lines).toEqual(["the report is to be kept"]);
  });

  it("shows nothing that has the form of a credential", () => {
    expect(linesOf(["mdb_sa_sk_fake-other\n"])).toEqual(["mdb_sa_sk_…"]);
  });
});

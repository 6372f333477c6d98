import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonSyntaxError, parseJsonDocument } from "./json-document.js";

const text = `{
  "defaults": { "a/b": 1, "c~d": [true,
    null] },

  "rotations": [
    {}, { "clientId":
      "x" }
  ]
}
`;

function lineOfFault(json: string): number {
  try {
    parseJsonDocument(json);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error.line;
  }
  return expect.fail(`Not refused: ${json}`);
}

describe("parseJsonDocument", () => {
  it("knows the line of every value by its pointer", () => {
    const { lineOf } = parseJsonDocument(text);
    expect(Object.fromEntries(lineOf)).toEqual({
      "": 1,
      "/defaults": 2,
      "/defaults/a~1b": 2,
      "/defaults/c~0d": 2,
      "/defaults/c~0d/0": 2,
      "/defaults/c~0d/1": 3,
      "/rotations": 5,
      "/rotations/0": 6,
      "/rotations/1": 6,
      "/rotations/1/clientId": 7,
    });
  });

  it("reads what JSON.parse reads, and as it does", () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 2, "\t"), (json, indent) => {
        const written = JSON.stringify(JSON.parse(json), undefined, indent);
        expect(parseJsonDocument(written).value).toEqual(JSON.parse(written));
      }),
    );
  });

  it("refuses what JSON.parse refuses, and nothing else", () => {
    const edited = fc.tuple(
      fc.json({ maxDepth: 3 }),
      fc.nat(),
      fc.constantFrom("", ",", "}", "]", '"', "\\", "0", "-", ".", "\n", "\u0001", "e", ":", "\u00a0"),
    );
    fc.assert(
      fc.property(edited, ([json, at, inserted]) => {
        const index = at % (json.length + 1);
        const broken = `${json.slice(0, index)}${inserted}${json.slice(index + (inserted === "" ? 1 : 0))}`;
        const accepts = (parse: (text: string) => unknown) => {
          try {
            parse(broken);
            return true;
          } catch {
            return false;
          }
        };
        expect(accepts(parseJsonDocument)).toBe(accepts(JSON.parse));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["", 1],
    ["{\n", 2],
    ['{\n "a": 1\n "b": 2 }', 3],
    ['{ "a": 1,\n }', 2],
    ["[1,\n2,]", 2],
    ["{}\n\n{}", 3],
    ["{\n'a': 1}", 2],
    ['"\n"', 1],
  ])("says where %j stops being JSON", (json, line) => {
    expect(lineOfFault(json)).toBe(line);
  });

  it("says what an object has twice, where JSON.parse takes the last", () => {
    const { value, repeated } = parseJsonDocument('{ "a": { "b": 1, "b": 2 }, "\\u0061": 3, "__proto__": 4 }');
    expect(repeated).toEqual(["/a/b", "/a"]);
    expect(value).toEqual(JSON.parse('{ "a": 3, "__proto__": 4 }'));
  });

  it("refuses nesting that would exhaust the stack", () => {
    expect(lineOfFault("[".repeat(100_000))).toBe(1);
  });
});

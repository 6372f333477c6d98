import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { revoked, unreadable } from "../testing/hostile-values.js";
import { cleanCause } from "./foreign-error.js";
import { redactByForm } from "./redaction.js";

const same = (text: string) => text;

describe("a cause of somebody else's", () => {
  it("keeps name, code and a masked message, through its causes", () => {
    const inner = Object.assign(new TypeError("inner mdb_sa_sk_x"), { code: "ECODE", headers: "Bearer abc" });
    const cleaned = cleanCause(new RangeError("outer Bearer abc", { cause: inner }), redactByForm);
    expect(cleaned).toMatchObject({ name: "RangeError", message: "outer Bearer …" });
    expect(cleaned.cause).toMatchObject({ name: "TypeError", message: "inner mdb_sa_sk_…", code: "ECODE" });
    expect(cleaned.cause).not.toHaveProperty("headers");
    expect(cleaned.cause).not.toHaveProperty("cause");
    expect(`${cleaned.stack}`).toBe("RangeError: outer Bearer …");
    expect(cleaned).not.toBeInstanceOf(RangeError);
  });

  it("is followed five deep, also where errors cause each other", () => {
    const loop = new Error("loop");
    loop.cause = loop;
    let depth = 0;
    for (let each: unknown = cleanCause(loop, same); each instanceof Error; each = each.cause) depth += 1;
    expect(depth).toBe(5);
  });

  it.each([
    ["a string", "text mdb_sa_sk_x", "text mdb_sa_sk_…"],
    ["undefined", undefined, "undefined"],
    ["a symbol", Symbol("s"), "Symbol(s)"],
    ["an object", {}, "[object Object]"],
    ["an object without a text", Object.create(null), "An error that cannot be read."],
    [
      "an error whose message throws",
      Object.defineProperty(new Error("x"), "message", {
        get: () => {
          throw new Error("y");
        },
      }),
      "An error that cannot be read.",
    ],
    ["an error whose message is no text", Object.assign(new Error("x"), { message: 5 }), "Error: 5"],
    ["an object with a message", { message: "text mdb_sa_sk_x" }, "text mdb_sa_sk_…"],
    ["of another realm", runInNewContext('new Error("text mdb_sa_sk_x")'), "text mdb_sa_sk_…"],
    ["a proxy that throws", unreadable(), "An error that cannot be read."],
    ["an error with errors that cannot be read", Object.assign(new Error("x"), { errors: revoked([]) }), "x"],
    ["a long text", "x".repeat(1000), `${"x".repeat(200)}…`],
  ])("that is %s becomes an error", (_name, thrown, message) => {
    expect(cleanCause(thrown, redactByForm)).toMatchObject({ name: "Error", message });
  });

  it("keeps what can be read, if the rest throws", () => {
    const error = Object.assign(new Error("x", { cause: new Error("inner") }), { code: "ECODE" });
    Object.defineProperty(error, "message", {
      get: () => {
        throw new Error("y");
      },
    });
    expect(cleanCause(error, same)).toMatchObject({
      name: "Error",
      message: "",
      code: "ECODE",
      cause: { message: "inner" },
    });
  });

  it("has a name and a code that are short, on one line, and show no credential", () => {
    const hostile = `E\u001b[31m\nmdb_sa_sk_planted ${"x".repeat(500)}`;
    const {
      name,
      stack = "",
      ...rest
    } = cleanCause(Object.assign(new Error("m"), { name: hostile, code: hostile }), redactByForm);
    for (const text of [name, stack, `${Reflect.get(rest, "code")}`]) {
      expect(text).toMatch(/^E mdb_sa_sk_… x{1,60}…(: m)?$/);
    }
  });

  it("has no code if that is not a string", () => {
    expect(cleanCause(Object.assign(new Error("x"), { code: 20 }), same)).not.toHaveProperty("code");
  });
});

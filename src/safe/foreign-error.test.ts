import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import * as own from "../errors.js";
import * as ownRotation from "../rotation/secret-rotation-error.js";
import { revoked, unreadable } from "../testing/hostile-values.js";
import * as ownAborts from "../transport/caller-abort.js";
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

type Copy = typeof own & typeof ownRotation & typeof ownAborts;

async function anotherCopy(): Promise<Copy> {
  // With a query, the module loader evaluates the same files once more.
  const load = (path: string): Promise<object> => import(/* @vite-ignore */ `${path}?copy`);
  const paths = ["../errors.js", "../rotation/secret-rotation-error.js", "../transport/caller-abort.js"];
  return Object.assign({}, ...(await Promise.all(paths.map(load)))) as Copy;
}

const context = { outcome: "unknown", status: 500, connected: true } as const;

describe("an error of another copy of the package", () => {
  it("is recognized by the class of the same name and by its base, and by no other", async () => {
    const copy = await anotherCopy();
    expect(copy.AtlasNetworkError).not.toBe(own.AtlasNetworkError);
    const error: unknown = new copy.AtlasNetworkError("reset", context);
    expect(error instanceof own.AtlasNetworkError).toBe(true);
    expect(error instanceof own.AtlasError).toBe(true);
    expect(error instanceof own.AtlasResponseError).toBe(false);
    expect(error instanceof ownRotation.SecretRotationError).toBe(false);
  });

  it("is recognized whichever it is, and says the same", async () => {
    const copy = await anotherCopy();
    const errors = [
      new copy.AtlasRequestError("No", [
        { argument: "a", expected: "is missing", received: "" },
        { argument: "b", expected: "text", received: "5" },
      ]),
      new copy.AtlasRequestError("No. Not now"),
      new copy.AtlasAuthError("No", { outcome: "unknown" }),
      new copy.AtlasApiError("400", { outcome: "not-applied", status: 400 }),
      new copy.AtlasNetworkError("No", { outcome: "unknown", connected: true }),
      new copy.AtlasResponseError("No", { outcome: "applied", status: 201 }),
    ];
    const classes = { ...own };
    const unknown = "Whether the call took effect is unknown.";
    expect(errors.map(({ name, code, message }) => [name, code, message])).toEqual([
      ["AtlasRequestError", "ERR_ATLAS_REQUEST", "No: a: is missing; b: expected text, got 5. Nothing was changed."],
      ["AtlasRequestError", "ERR_ATLAS_REQUEST", "No. Not now. Nothing was changed."],
      ["AtlasAuthError", "ERR_ATLAS_AUTH", `No. ${unknown}`],
      ["AtlasApiError", "ERR_ATLAS_API", "400. Nothing was changed."],
      ["AtlasNetworkError", "ERR_ATLAS_NETWORK", `No. ${unknown}`],
      ["AtlasResponseError", "ERR_ATLAS_RESPONSE", "No. The call took effect."],
    ]);
    expect(errors.map((error) => error instanceof classes[error.name])).toEqual(errors.map(() => true));
    expect(errors.slice(1)).toMatchObject([
      { violations: [] },
      {},
      { headers: {} },
      { connected: true, timedOut: false },
      { headers: {} },
    ]);
    expect(errors.map((error) => "cause" in error)).toEqual(errors.map(() => false));
    expect(new copy.AtlasNetworkError("No", { ...context, cause: "why" }).cause).toBe("why");
    const headers = { "x-request-id": "1" };
    expect([
      new copy.AtlasApiError("400", { ...context, headers }).headers,
      new copy.AtlasResponseError("No", { ...context, headers }).headers,
    ]).toEqual([headers, headers]);
  });

  it("is recognized if it says that nothing was stored", async () => {
    const copy = await anotherCopy();
    expect(new copy.SecretNotStoredError("refused") instanceof ownRotation.SecretNotStoredError).toBe(true);
  });

  it("is not taken for one of a class that a program has derived", () => {
    class Derived extends own.AtlasNetworkError {}
    expect(new own.AtlasNetworkError("reset", context) instanceof Derived).toBe(false);
    expect(new Derived("reset", context) instanceof own.AtlasNetworkError).toBe(true);
    expect(new Derived("reset", context) instanceof Derived).toBe(true);
  });

  it.each([undefined, null, "text", {}, new Error("plain")])("is not taken for one: %s", (value) => {
    expect(value instanceof own.AtlasError).toBe(false);
  });

  it("is not taken for one: a proxy that throws", () => {
    const get = () => {
      throw new Error("get");
    };
    expect(new Proxy({}, { get }) instanceof own.AtlasError).toBe(false);
  });
});

describe("a signal that was given to another copy of the package", () => {
  it("lets a sent request finish, as a rotation of one copy asks of a client of the other", async () => {
    const { finishOnceSent } = await anotherCopy();
    expect(finishOnceSent).not.toBe(ownAborts.finishOnceSent);
    const { signal } = new AbortController();
    expect(ownAborts.finishesOnceSent(signal)).toBe(false);
    expect(ownAborts.finishesOnceSent(finishOnceSent(signal))).toBe(true);
  });

  it("has the outcome that the other knows", async () => {
    const reason = new Error("enough");
    const { noteAborted } = await anotherCopy();
    expect(ownAborts.outcomeOf(reason)).toBeUndefined();
    noteAborted(AbortSignal.abort(reason), "unknown");
    expect(ownAborts.outcomeOf(reason)).toBe("unknown");
  });
});

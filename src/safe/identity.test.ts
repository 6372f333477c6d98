/**
 * Two copies of the package in one program, as npm installs them if two dependencies ask for two versions.
 */
import { describe, expect, it } from "vitest";
import * as own from "../errors.js";
import * as ownRotation from "../rotation/secret-rotation-error.js";
import * as ownAborts from "../transport/caller-abort.js";

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
      new copy.AtlasApiError({ status: 400, body: { badRequestDetail: {} } }, { outcome: "not-applied" }),
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
      new copy.AtlasApiError({ status: 400, body: {}, headers }, context).headers,
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

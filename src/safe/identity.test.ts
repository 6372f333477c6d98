/**
 * Two copies of the package in one program, as npm installs them if two dependencies ask for two versions.
 */
import { describe, expect, it } from "vitest";
import * as own from "../errors.js";
import * as ownRotation from "../rotation/secret-rotation-error.js";

type Copy = typeof own & typeof ownRotation;

async function anotherCopy(): Promise<Copy> {
  // With a query, the module loader evaluates the same files once more.
  const load = (path: string): Promise<object> => import(/* @vite-ignore */ `${path}?copy`);
  return { ...(await load("../errors.js")), ...(await load("../rotation/secret-rotation-error.js")) } as Copy;
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

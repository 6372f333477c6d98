import { describe, expect, it } from "vitest";
import { isBasicFor } from "./basic-authorization.js";

const id = "mdb_sa_id_0123456789abcdef01234567";
const secret = "not_a-real.secret~ !*'()/+:é";

const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

describe("Basic credentials of a token request", () => {
  it("are taken raw, as curl sends them", () => {
    expect(isBasicFor(basic(`${id}:${secret}`), id, secret)).toBe(true);
  });

  it("are taken form-encoded, as MongoDB's Go SDK sends them", () => {
    const asGoEncodes = "not_a-real.secret~+%21%2A%27%28%29%2F%2B%3A%C3%A9";
    expect(isBasicFor(basic(`${id}:${asGoEncodes}`), id, secret)).toBe(true);
  });

  it("are refused with unreserved characters percent-encoded, as Atlas refuses them", () => {
    const encoded = (text: string) => encodeURIComponent(text).replaceAll("_", "%5F");
    expect(isBasicFor(basic(`${encoded(id)}:not-a-real-secret`), id, "not-a-real-secret")).toBe(false);
    expect(isBasicFor(basic(`${id}:${encoded("not_real")}`), id, "not_real")).toBe(false);
  });

  it.each([
    ["absent", undefined],
    ["of another scheme", `Bearer ${Buffer.from(`${id}:${secret}`).toString("base64")}`],
    ["not base64", `Basic ${id}:${secret}`],
    ["without a colon", basic(id)],
    ["of another secret", basic(`${id}:other`)],
    ["of another client", basic(`mdb_sa_id_ffffffffffffffffffffffff:${secret}`)],
    ["followed by more", basic(`${id}:${secret} `)],
  ])("are refused when %s", (_how, authorization) => {
    expect(isBasicFor(authorization, id, secret)).toBe(false);
  });

  it("may be written with the scheme in any case", () => {
    expect(isBasicFor(basic(`${id}:${secret}`).replace("Basic", "bASIC"), id, secret)).toBe(true);
  });
});

/**
 * Curl lines, read by a shell.
 */
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { Identity } from "../http/sign-in.js";
import { curlLine } from "./evidence.js";

const REQUEST = {
  method: "POST",
  url: "https://example.com/a?b=c&d=e",
  headers: { accept: "application/json", "content-type": "application/json", authorization: "Bearer really-secret" },
  body: `{"name":"it's $HOME \\"quoted\\""}`,
};

/** The words that a shell makes of a line, in which ACCESS_TOKEN is `token` and the keys are `user` and `password`. */
function words(line: string): string[] {
  const script = `ACCESS_TOKEN=token; PUBLIC_KEY=user; PRIVATE_KEY=password; curl() { printf '%s\\0' "$@"; }; ${line}`;
  return execFileSync("/bin/sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
}

describe("a curl line", () => {
  it("is read by a shell as the request that was sent, with the credentials from variables", () => {
    const line = curlLine(REQUEST, { kind: "given" }, false);
    expect(line).not.toContain("really-secret");
    expect(words(line)).toEqual([
      ...["--include", "--request", "POST", REQUEST.url],
      ...["--header", "Authorization: Bearer token"],
      ...["--header", "Accept: application/json", "--header", "Content-Type: application/json"],
      ...["--data-raw", REQUEST.body],
    ]);
  });

  it("takes out the headers that curl would add", () => {
    const bare = { ...REQUEST, headers: {} };
    expect(words(curlLine(bare, { kind: "header", value: undefined }, false)).slice(4)).toEqual([
      ...["--header", "Accept:", "--header", "Content-Type:"],
      ...["--data-raw", REQUEST.body],
    ]);
  });

  it("does not wait for the body that the response to HEAD has not", () => {
    const head = { method: "HEAD", url: "https://example.com/", headers: { accept: "*/*" }, body: undefined };
    expect(words(curlLine(head, { kind: "header", value: undefined }, false)).slice(0, 3)).toEqual([
      "--include",
      "--head",
      head.url,
    ]);
  });

  it("keeps curl from reading brackets as patterns, and dots as directories", () => {
    const odd = { method: "GET", url: "https://example.com/../[1]", headers: { accept: "*/*" }, body: undefined };
    expect(words(curlLine(odd, { kind: "header", value: undefined }, false))).toContain("--path-as-is");
    expect(words(curlLine(odd, { kind: "header", value: undefined }, false))).toContain("--globoff");
  });

  it.each<[Identity, boolean, string[]]>([
    [{ kind: "given" }, true, ["--digest", "--user", "user:password"]],
    [{ kind: "header", value: undefined }, false, []],
    [{ kind: "header", value: "Bearer made up" }, false, ["--header", "Authorization: Bearer made up"]],
    [{ kind: "header", value: "" }, false, ["--header", "Authorization;"]],
    [{ kind: "given", change: "longer" }, false, ["--header", "Authorization: Bearer tokenx"]],
    [{ kind: "given", change: "shorter" }, false, ["--header", "Authorization: Bearer toke"]],
    [{ kind: "given", change: "other end" }, false, ["--header", "Authorization: Bearer tzzzz"]],
    [{ kind: "given", change: "other beginning" }, false, ["--header", "Authorization: Bearer zzzzn"]],
    [{ kind: "given", change: "same length" }, false, ["--header", "Authorization: Bearer 77777"]],
    [{ kind: "given", change: "other letter case" }, false, ["--header", "Authorization: Bearer TOKEN"]],
    [{ kind: "given", change: "longer" }, true, ["--digest", "--user", "user:passwordx"]],
    [{ kind: "key", publicKey: "who", privateKey: "what" }, false, ["--digest", "--user", "who:what"]],
  ])("signs in as %j", (identity, usesDigest, expected) => {
    const get = { method: "GET", url: "https://example.com/", headers: { accept: "*/*" }, body: undefined };
    const signed = words(curlLine(get, identity, usesDigest)).slice(4, -2);
    expect(signed).toEqual(expected);
  });
});

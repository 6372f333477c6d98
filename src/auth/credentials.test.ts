/**
 * What is said of credentials that cannot be used: which member, what was expected, and what is wrong in words that show
 * nothing of the value.
 */
import { describe, expect, it } from "vitest";
import type { RequestViolation } from "../errors.js";
import { credentialTexts, isClientSecret, readCredentials } from "./credentials.js";

function violationsOf(credentials: unknown): RequestViolation[] {
  const violations: RequestViolation[] = [];
  expect(readCredentials(credentials, violations)).toBeUndefined();
  return violations;
}

const ONE_OF = "exactly one of { accessToken }, { clientId, clientSecret } or { publicKey, privateKey }";

describe("one kind of credentials", () => {
  it.each<[string, unknown, string]>([
    ["none", {}, "none of them"],
    ["null", null, "none of them"],
    ["text", "accessToken", "none of them"],
    ["two kinds", { accessToken: "a", publicKey: "b" }, "credentials.accessToken and credentials.publicKey"],
  ])("has to be there: %s", (_name, credentials, received) => {
    expect(violationsOf(credentials)).toEqual([{ argument: "credentials", expected: ONE_OF, received }]);
  });

  it("is told from the others, and nothing is said of it", () => {
    const violations: RequestViolation[] = [];
    const token = () => "fake";
    expect(readCredentials({ accessToken: "fake" }, violations)).toEqual({ accessToken: "fake" });
    expect(readCredentials({ accessToken: token }, violations)).toEqual({ accessToken: token });
    const account = { clientId: "mdb_sa_id_1", clientSecret: "fäke" };
    expect(readCredentials(account, violations)).toEqual(account);
    const key = { publicKey: "fake", privateKey: "fake:with colon" };
    expect(readCredentials(key, violations)).toEqual(key);
    expect(violations).toEqual([]);
  });
});

describe("what has to be masked of credentials", () => {
  it.each<[string, unknown, string[]]>([
    ["nothing", undefined, []],
    ["null", null, []],
    ["text", "fake", []],
    ["an access token", { accessToken: "fake" }, ["fake"]],
    ["a token function", { accessToken: () => "fake" }, []],
    ["a service account", { clientId: "mdb_sa_id_1", clientSecret: "fake" }, ["fake"]],
    ["an API key", { publicKey: "fake", privateKey: "fake-private" }, ["fake-private"]],
    ["a secret that cannot be used", { clientSecret: " fake\n" }, [" fake\n"]],
  ])("is what is secret and text, of %s", (_name, credentials, texts) => {
    expect(credentialTexts(credentials)).toEqual(texts);
  });
});

describe("a client secret", () => {
  it.each<[unknown, boolean]>([
    ["mdb_sa_sk_fake", true],
    ["with:colon", true],
    ["", false],
    [" fake", false],
    [undefined, false],
    [5, false],
  ])("could be %j: %s", (value, could) => {
    expect(isClientSecret(value)).toBe(could);
  });
});

describe("a member that cannot be used", () => {
  const TEXT = "text on one line, without spaces around it";
  it.each<[string, unknown, string]>([
    ["is null", null, "null"],
    ["is a number", 5, "a value of type number"],
    ["is a function", () => "fake", "a value of type function"],
    ["is empty", "", "an empty or blank value"],
    ["is blank", " \t", "an empty or blank value"],
    ["has a line break", "fake\nfake", "a value with a line break"],
    ["ends in a line break", "fake\r", "a value with a line break"],
    ["has white space before it", " fake", "a value with white space around it"],
    ["has white space behind it", "fake ", "a value with white space around it"],
    ["has a NUL", "fake\0fake", "a value with a control character"],
    ["has a DEL", "fake\x7ffake", "a value with a control character"],
  ])("%s", (_name, clientSecret, received) => {
    const argument = "credentials.clientSecret";
    expect(violationsOf({ clientId: "mdb_sa_id_1", clientSecret })).toEqual([{ argument, expected: TEXT, received }]);
  });

  it("is missing", () => {
    const violation = { argument: "credentials.clientSecret", expected: "is missing", received: "" };
    expect(violationsOf({ clientId: "mdb_sa_id_1" })).toEqual([violation]);
  });

  it("is an access token that no header can carry", () => {
    const argument = "credentials.accessToken";
    const expected = "a token on one line";
    const received = "a value with characters that are not allowed in a header";
    expect(violationsOf({ accessToken: "fäke" })).toEqual([{ argument, expected, received }]);
    expect(violationsOf({ accessToken: "two words" })).toEqual([{ argument, expected, received }]);
  });

  it("is a client id with a colon", () => {
    const received = "a value with a colon, which HTTP Basic cannot carry";
    const violation = { argument: "credentials.clientId", expected: TEXT, received };
    expect(violationsOf({ clientId: "a:b", clientSecret: "fake" })).toEqual([violation]);
  });

  it("is told for each member", () => {
    const named = violationsOf({ publicKey: "", privateKey: null }).map(({ argument }) => argument);
    expect(named).toEqual(["credentials.publicKey", "credentials.privateKey"]);
  });
});

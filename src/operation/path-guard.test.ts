import { describe, expect, it } from "vitest";
import { operations } from "../../generated/operations.js";
import { operationAt, staysInPlace } from "./path-guard.js";

const hex = "5f0c1a2b3c4d5e6f70819203";
const clientId = `mdb_sa_id_${hex}`;
const create = `/api/atlas/v2/groups/${hex}/serviceAccounts/${clientId}/secrets`;
const remove = `/api/atlas/v2/orgs/${hex}/serviceAccounts/${clientId}/secrets/${hex}`;

describe("the operation at a method and a path", () => {
  it("is that of the contract", () => {
    expect(operationAt("POST", create)?.operationId).toBe("createGroupServiceAccountSecret");
    expect(operationAt("DELETE", remove)?.operationId).toBe("deleteOrgServiceAccountSecret");
  });

  it("may have its values percent-encoded", () => {
    expect(operationAt("POST", create.replace("mdb_sa", "mdb%5Fsa"))?.operationId).toBe(
      "createGroupServiceAccountSecret",
    );
  });

  it.each([
    ["another method", "GET", create],
    ["a method in lower case", "post", create],
    ["the other's method", "DELETE", create],
    ["nothing", "POST", ""],
    ["a slash behind", "POST", `${create}/`],
    ["a segment before", "POST", `/x${create}`],
    ["a dot for a dotless literal", "POST", create.replace("/v2/", "/v./")],
    ["dots", "DELETE", remove.replace(/[^/]+$/, "..")],
    ["encoded dots", "DELETE", remove.replace(/[^/]+$/, "%2e%2e")],
    ["an encoded slash", "DELETE", remove.replace(/[^/]+$/, `${hex}%2F`)],
    ["an encoded NUL", "DELETE", remove.replace(/[^/]+$/, `${hex}%00`)],
    ["an encoded line break", "DELETE", remove.replace(/[^/]+$/, `${hex}%0A`)],
    ["malformed encoding", "DELETE", remove.replace(/[^/]+$/, "%")],
    ["an id in capitals", "DELETE", remove.replace(/[^/]+$/, hex.toUpperCase())],
    ["an empty segment", "DELETE", remove.replace(hex, "")],
    ["two ids in one segment", "DELETE", `${remove}${hex}`],
  ])("is none for %s", (_name, method, path) => {
    expect(operationAt(method, path)).toBeUndefined();
  });
});

describe("the pattern of a placeholder", () => {
  const operation = operations.createGroupServiceAccountSecret;
  const found = (part: string, pattern?: string) => {
    const parameter = { name: "part", in: "path", required: true } as const;
    const parameters = [pattern === undefined ? parameter : { ...parameter, pattern }];
    return operationAt("POST", `/parts/${part}`, [{ ...operation, path: "/parts/{part}", parameters }]) !== undefined;
  };

  it("is read as the validators read it, without Unicode's rules if it has none", () => {
    expect([found("a_2", "^a\\_\\d$"), found("a-2", "^a\\_\\d$")]).toEqual([true, false]);
  });

  it("never lets dots through", () => {
    expect([found("a.b", "^[a-z.]+$"), found("..", "^[a-z.]+$")]).toEqual([true, false]);
  });

  it("may be missing; then separators are refused", () => {
    expect([found("oak"), found("a%2Fb")]).toEqual([true, false]);
  });
});

describe("a value in a path", () => {
  it.each(["", ".", ".."])("leads to another resource: %j, whatever pattern the contract has", (value) => {
    expect([staysInPlace(value, undefined), staysInPlace(value, "^.*$")]).toEqual([false, false]);
  });

  it.each(["a/b", "a\\b", "a\0b", "../"])("leads to another resource, unless a pattern allows it: %j", (value) => {
    expect([staysInPlace(value, undefined), staysInPlace(value, "^.*$")]).toEqual([false, true]);
  });

  it.each(["oak", "...", ".a.", "100%", "größe", "a?b#c"])("stays in place: %j", (value) => {
    expect(staysInPlace(value, undefined)).toBe(true);
  });
});

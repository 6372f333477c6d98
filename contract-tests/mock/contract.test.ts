import { describe, expect, it } from "vitest";
import { contractOf } from "../contract/operations.js";
import { documentOf } from "../contract/read-document.js";
import { type ContractFacts, exampleOf, factsOf } from "./contract.js";
import { otherContract } from "./testing/requests.js";

const factsIn = (contract: unknown): ContractFacts => factsOf(contractOf(documentOf(contract)));

describe("what the front knows of a contract", () => {
  it("is which operation a request addresses, a path without parameters first", () => {
    const facts = factsIn(otherContract);
    expect(facts.find("GET", "/things/special")?.path).toBe("/things/special");
    expect(facts.find("GET", "/things/x.y")?.path).toBe("/things/{thing}");
    expect(facts.find("GET", "/things/")?.path).toBe("/things/{thing}");
    expect(facts.find("POST", "/things/x")).toBeUndefined();
    expect(facts.find("GET", "/things/x/y")).toBeUndefined();
    expect(facts.find("GET", "/nothing")).toBeUndefined();
  });

  it("is the media types of success, the kinds of credentials and the documented 401 of each operation", () => {
    const facts = factsIn(otherContract);
    expect(facts.find("GET", "/things/x")).toMatchObject({
      successMediaTypes: ["application/vnd.other.2030-01-01+json"],
      admits: new Set(["bearer"]),
      open: false,
      query: new Set(),
    });
    const unauthorized = facts.find("GET", "/things/x")?.responses.find(({ status }) => status === "401");
    expect(unauthorized && exampleOf(unauthorized)).toEqual({ error: 401, errorCode: "OTHER" });
    expect(facts.unauthorized).toBe(unauthorized);
    expect(facts.methodsOf("/things/x")).toEqual(["GET"]);
    expect(facts.find("GET", "/things/special")).toMatchObject({ admits: new Set(["digest"]), open: false });
    expect(facts.find("GET", "/news")).toMatchObject({ admits: new Set(), open: true });
    expect(facts.find("GET", "/either")).toMatchObject({ admits: new Set(["bearer"]), open: true });
  });

  it("is the path of the token endpoint, and the revocation endpoint beside it", () => {
    const facts = factsIn(otherContract);
    expect(facts.tokenPath).toBe("/sign/in");
    expect(facts.revokePath).toBe("/sign/revoke");
  });

  it("is Atlas's token endpoint if the contract names none", () => {
    const facts = factsIn({
      ...otherContract,
      paths: { "/a": { get: { security: [], responses: {} } } },
      components: {},
    });
    expect([facts.tokenPath, facts.revokePath]).toEqual(["/api/oauth/token", "/api/oauth/revoke"]);
  });

  it("takes the security of the whole contract if an operation has none of its own", async () => {
    const responses = { "200": { description: "ok" } };
    const facts = factsIn({
      ...otherContract,
      security: [{ Keys: [] }],
      paths: { "/a": { get: { responses } } },
    });
    expect(facts.find("GET", "/a")?.admits).toEqual(new Set(["digest"]));
  });
});

it("a contract whose credentials the mock cannot check is refused, and the operation named", () => {
  const get = { security: [{ Cookie: [] }], responses: { "200": { description: "ok" } } };
  expect(() => factsIn({ ...otherContract, paths: { "/a": { get } } })).toThrow(
    /^GET \/a: the mock can check none of its security requirements$/,
  );
});

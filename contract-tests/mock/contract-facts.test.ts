import { describe, expect, it } from "vitest";
import { readContractFacts } from "./contract-facts.js";
import { otherContract, writeContract } from "./testing/other-contract.js";

async function factsOf(contract: unknown) {
  const file = await writeContract(contract);
  try {
    return await readContractFacts(file.path);
  } finally {
    await file.remove();
  }
}

describe("what the front knows of a contract", () => {
  it("is which operation a request addresses, a path without parameters first", async () => {
    const facts = await factsOf(otherContract);
    expect(facts.find("GET", "/things/special")?.path).toBe("/things/special");
    expect(facts.find("GET", "/things/x.y")?.path).toBe("/things/{thing}");
    expect(facts.find("GET", "/things/")?.path).toBe("/things/{thing}");
    expect(facts.find("POST", "/things/x")).toBeUndefined();
    expect(facts.find("GET", "/things/x/y")).toBeUndefined();
    expect(facts.find("GET", "/nothing")).toBeUndefined();
  });

  it("is the media types of success, the kinds of credentials and the documented 401 of each operation", async () => {
    const facts = await factsOf(otherContract);
    expect(facts.find("GET", "/things/x")).toMatchObject({
      successMediaTypes: ["application/vnd.other.2030-01-01+json"],
      admits: new Set(["bearer"]),
      open: false,
      unauthorizedExample: { error: 401, errorCode: "OTHER" },
    });
    expect(facts.find("GET", "/things/special")).toMatchObject({ admits: new Set(["digest"]), open: false });
    expect(facts.find("GET", "/news")).toMatchObject({ admits: new Set(), open: true });
    expect(facts.find("GET", "/either")).toMatchObject({ admits: new Set(["bearer"]), open: true });
  });

  it("is the path of the token endpoint, and the revocation endpoint beside it", async () => {
    const facts = await factsOf(otherContract);
    expect(facts.tokenPath).toBe("/sign/in");
    expect(facts.revokePath).toBe("/sign/revoke");
  });

  it("is Atlas's token endpoint where the contract names none", async () => {
    const facts = await factsOf({ ...otherContract, paths: {}, components: {} });
    expect([facts.tokenPath, facts.revokePath]).toEqual(["/api/oauth/token", "/api/oauth/revoke"]);
  });

  it("takes the security of the whole contract where an operation has none of its own", async () => {
    const responses = { "200": { description: "ok" } };
    const facts = await factsOf({
      ...otherContract,
      security: [{ Keys: [] }],
      paths: { "/a": { get: { responses } } },
    });
    expect(facts.find("GET", "/a")?.admits).toEqual(new Set(["digest"]));
  });
});

describe("a contract is refused in one line", () => {
  const oneLine = (reason: RegExp) => expect.objectContaining({ message: expect.stringMatching(reason) });

  it("that names the operation whose credentials the mock cannot check", async () => {
    const get = { security: [{ Cookie: [] }], responses: { "200": { description: "ok" } } };
    await expect(factsOf({ ...otherContract, paths: { "/a": { get } } })).rejects.toEqual(
      oneLine(/^GET \/a: the mock can check none of its security requirements$/),
    );
  });

  it.each([
    ["is not OpenAPI", { hello: 1 }],
    ["is not YAML", "openapi: [\n - }"],
    ["has a reference that leads nowhere", { ...otherContract, paths: { "/a": { $ref: "#/nowhere" } } }],
  ])("when it %s", async (_what, contract) => {
    await expect(factsOf(contract)).rejects.toEqual(oneLine(/^The contract \S+contract\.json is not usable: .+$/));
  });

  it("when there is no such file", async () => {
    await expect(readContractFacts("/nowhere/contract.yaml")).rejects.toEqual(
      oneLine(/^The contract \/nowhere\/contract\.yaml is not usable: .*ENOENT.*$/),
    );
  });
});

/**
 * Versions of the resources: what is asked for, and what is said when Atlas does not have it.
 */
import { describe, expect, it } from "vitest";
import { type ApiVersion, AtlasApiError, AtlasRequestError } from "../index.js";
import { creation, deletion, errorOf, scripted, secret } from "../testing/scripted-client.js";
import { atlasError, reply } from "../testing/scripted-server.js";
import { acceptFor, versionOf, versionsOf } from "./versions.js";

const mediaType = (version: string) => `application/vnd.atlas.${version}+json`;

describe("Accept", () => {
  it.each<[ApiVersion | undefined, string, string]>([
    [undefined, "2024-08-05", "2025-03-12"],
    ["2024-08-05", "2024-08-05", "2024-08-05"],
    ["2025-03-12", "2025-03-12", "2025-03-12"],
  ])("with apiVersion %s is one versioned type and never a list", async (apiVersion, create, remove) => {
    const { server, atlas } = await scripted(({ method }) => (method === "POST" ? reply(201, secret) : reply(204)), {
      apiVersion,
    });
    await atlas.createGroupServiceAccountSecret(creation);
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expect(server.requests.map(({ headers }) => headers.accept)).toEqual([mediaType(create), mediaType(remove)]);
  });
});

describe.each([406, 410])("a %d", (status) => {
  it("says which version was asked for and which ones the contract knows", async () => {
    const { server, atlas } = await scripted(() => atlasError(status, "INVALID_VERSION"), { apiVersion: "2025-03-12" });
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasApiError);
    expect(error).toMatchObject({ status, errorCode: "INVALID_VERSION", outcome: "not-applied" });
    expect(error.message).toContain(
      "The call asked for version 2025-03-12; the contract has 2024-08-05, 2025-03-12 for this operation. Nothing was changed.",
    );
    const other = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasApiError);
    expect(other.message).toContain("The call asked for version 2025-03-12; the contract has 2025-03-12, 2024-08-05");
    expect(server.requests).toHaveLength(2);
  });

  it.each([
    [mediaType("2023-01-01"), "version 2023-01-01;"],
    ["application/json", "version application/json;"],
    [`text/${"x".repeat(5000)}`, `version text/${"x".repeat(195)}…;`],
  ])("says so of the caller's own Accept, %.40s", async (accept, said) => {
    const { atlas } = await scripted([atlasError(status, "INVALID_VERSION")]);
    const call = atlas.deleteOrgServiceAccountSecret(deletion, { headers: { accept } });
    expect((await errorOf(call, AtlasApiError)).message).toContain(`The call asked for ${said}`);
  });

  it("without a body, and inside an envelope, says the same", async () => {
    const { atlas } = await scripted([reply(status), reply(200, { status, content: null })]);
    const bare = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasApiError);
    const call = atlas.deleteOrgServiceAccountSecret({ ...deletion, envelope: true });
    const wrapped = await errorOf(call, AtlasApiError);
    for (const { message } of [bare, wrapped]) expect(message).toContain("The call asked for version 2025-03-12;");
  });
});

describe("the versions of an operation", () => {
  const operation = {
    operationId: "getThing",
    method: "GET",
    path: "/thing",
    parameters: [],
    requestMediaTypes: [],
    responseMediaTypes: ["application/json", mediaType("2024-08-05")],
    successStatuses: [200],
  } as const;

  it("are those of its versioned media types", () => {
    expect(versionsOf(operation)).toEqual(["2024-08-05"]);
    expect(versionOf(`${mediaType("2024-08-05")};charset=utf-8`)).toBe("2024-08-05");
    expect(versionOf("application/vnd.atlas.2024-8-5+json")).toBeUndefined();
  });

  it("decide what is asked for; without any, it is the first media type, or none", () => {
    expect(acceptFor(operation, "2024-08-05")).toBe(mediaType("2024-08-05"));
    expect(acceptFor(operation, undefined)).toBe("application/json");
    expect(acceptFor({ ...operation, responseMediaTypes: ["text/csv"] }, "2024-08-05")).toBe("text/csv");
    expect(acceptFor({ ...operation, responseMediaTypes: [] }, "2024-08-05")).toBeUndefined();
  });

  it("without the one that was asked for are named in the refusal", () => {
    try {
      acceptFor(operation, "2025-03-12");
      expect.fail("it was accepted");
    } catch (error) {
      expect(error).toBeInstanceOf(AtlasRequestError);
      expect(error).toMatchObject({
        outcome: "not-applied",
        violations: [{ argument: "apiVersion", expected: "one of 2024-08-05", received: "2025-03-12" }],
      });
    }
  });
});

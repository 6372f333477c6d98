/**
 * Versions: which one is asked for, and what is said of one that is on its way out.
 */
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type ApiVersion, AtlasApiError, AtlasRequestError, type DeprecationEvent } from "../index.js";
import { emitWarning } from "../platform.js";
import {
  clientOf,
  creation,
  deletion,
  errorOf,
  revealed,
  scripted,
  secret,
  warningsDuring,
} from "../testing/scripted-client.js";
import { atlasError, reply } from "../testing/scripted-server.js";
import { acceptFor, contentTypeFor, versionOf, versionsOf } from "./versions.js";

const mediaType = (version: string) => `application/vnd.atlas.${version}+json`;

describe("Accept", () => {
  it.each<[ApiVersion | undefined, string, string]>([
    [undefined, "2025-03-12", "2025-03-12"],
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
    expect(acceptFor(operation, undefined)).toBe(mediaType("2024-08-05"));
    expect(acceptFor({ ...operation, responseMediaTypes: ["text/csv"] }, "2024-08-05")).toBe("text/csv");
    expect(acceptFor({ ...operation, responseMediaTypes: [] }, "2024-08-05")).toBeUndefined();
  });

  const day = (date: string) => Date.parse(`${date}T00:00:00Z`);
  it.each<[what: string, versions: string[], ended: string[], asked: string]>([
    ["the newest, in whatever order they are listed", ["2023-01-01", "2025-03-12", "2024-08-05"], [], "2025-03-12"],
    ["the newest that has not ended", ["2023-01-01", "2024-08-05", "2025-03-12"], ["2025-03-12"], "2024-08-05"],
    ["the newest of all if each has ended", ["2023-01-01", "2024-08-05"], ["2024-08-05", "2023-01-01"], "2024-08-05"],
    ["a preview only if there is nothing else", ["preview", "2023-01-01"], [], "2023-01-01"],
    ["a preview if there is nothing else", ["preview"], [], "preview"],
  ])("by default ask for %s", (_what, versions, ended, asked) => {
    const sunsets = Object.fromEntries(versions.map((each) => [mediaType(each), "2030-01-01"]));
    for (const each of ended) sunsets[mediaType(each)] = "2026-01-22";
    const versioned = { ...operation, responseMediaTypes: versions.map(mediaType), sunsets };
    expect(acceptFor(versioned, undefined, day("2026-01-22"))).toBe(mediaType(asked));
    expect(acceptFor(versioned, undefined, day("2026-01-21"))).toBe(
      mediaType(versions.toSorted().findLast((each) => each !== "preview") ?? "preview"),
    );
  });

  it("can be a preview, and one that has ended", () => {
    const types = [mediaType("preview"), mediaType("2024-08-05")];
    const versioned = { ...operation, responseMediaTypes: types, sunsets: { [mediaType("2024-08-05")]: "2020-01-01" } };
    // The type has the versions of the project's own contract.
    for (const version of ["preview", "2024-08-05"] as ApiVersion[]) {
      expect(acceptFor(versioned, version)).toBe(mediaType(version));
    }
  });

  it.each<[bodies: string[], responses: string[], apiVersion: string | undefined, sent: string]>([
    [["2023-01-01", "2024-05-30"], ["2023-01-01", "2024-05-30"], undefined, "2024-05-30"],
    [["2023-01-01", "2024-05-30"], ["2023-01-01", "2024-05-30"], "2023-01-01", "2023-01-01"],
    [["2023-01-01", "2024-08-05"], ["2024-08-05", "2025-03-12"], undefined, "2024-08-05"],
    [["2023-01-01", "2024-08-05"], ["2023-01-01", "2024-05-30"], "2024-05-30", "2023-01-01"],
    [["preview", "2023-01-01"], ["preview", "2023-01-01"], "preview", "preview"],
    [["preview", "2023-01-01"], ["preview", "2023-01-01"], undefined, "2023-01-01"],
    [["2023-01-01", "2024-08-05"], [], "2023-01-01", "2023-01-01"],
  ])("of the body %j follow that of the responses %j (apiVersion %s): %s", (bodies, responses, apiVersion, sent) => {
    const responseMediaTypes = responses.map(mediaType);
    const requestMediaTypes = ["application/json", ...bodies.map(mediaType)];
    // The type has the versions of the project's own contract.
    const version = apiVersion as ApiVersion | undefined;
    const typeOf = (types: readonly string[]) => {
      const description = { ...operation, requestMediaTypes: types, responseMediaTypes };
      return contentTypeFor(description, acceptFor(description, version), version);
    };
    expect(typeOf(requestMediaTypes)).toBe(mediaType(sent));
    expect(typeOf(["application/json"])).toBe("application/json");
  });

  it("without the one that was asked for are named in the refusal", () => {
    try {
      const responseMediaTypes = ["2023-01-01", "2024-08-05"].map(mediaType);
      acceptFor({ ...operation, responseMediaTypes }, "2025-03-12");
      expect.fail("it was accepted");
    } catch (error) {
      expect(error).toBeInstanceOf(AtlasRequestError);
      expect(error).toMatchObject({
        outcome: "not-applied",
        operationId: operation.operationId,
        message: expect.stringContaining(
          ": The operation does not have this version: apiVersion: expected one of 2023-01-01, 2024-08-05, got 2025-03-12.",
        ),
      });
    }
  });
});

const CODE = "ATLAS_VERSION_DEPRECATED";
const deprecation = "Sun, 05 Jan 2025 00:00:00 GMT";
const sunset = "Tue, 05 Jan 2027 00:00:00 GMT";
const headers = { deprecation, sunset };

/** A client whose answers have these headers, and what its handler was told. */
async function observed(answerHeaders: Readonly<Record<string, string>>) {
  const events: DeprecationEvent[] = [];
  const { atlas } = await scripted(() => reply(204, undefined, answerHeaders), {
    onDeprecation: (event) => events.push(event),
  });
  return { atlas, events };
}

describe("onDeprecation", () => {
  it("is told operation, version and both dates", async () => {
    const { atlas, events } = await observed(headers);
    const warnings = await warningsDuring(CODE, () => atlas.deleteOrgServiceAccountSecret(deletion));
    expect(events).toEqual([
      {
        operationId: "deleteOrgServiceAccountSecret",
        version: "2025-03-12",
        deprecatedOn: new Date("2025-01-05T00:00:00Z"),
        sunsetOn: new Date("2027-01-05T00:00:00Z"),
      },
    ]);
    expect(warnings).toEqual([]);
  });

  it("is told of every such response, errors and repeats too", async () => {
    const events: DeprecationEvent[] = [];
    const { atlas } = await scripted(
      [atlasError(503, "DOWN", headers), atlasError(404, "NONE", headers), reply(201, secret, headers)],
      { onDeprecation: (event) => events.push(event) },
    );
    await atlas.deleteOrgServiceAccountSecret(deletion);
    await atlas.createGroupServiceAccountSecret(creation);
    expect(events.map(({ operationId, version }) => [operationId, version])).toEqual([
      ["deleteOrgServiceAccountSecret", "2025-03-12"],
      ["deleteOrgServiceAccountSecret", "2025-03-12"],
      ["createGroupServiceAccountSecret", "2025-03-12"],
    ]);
  });

  it("is told the version that the call asked for, or none", async () => {
    const { atlas, events } = await observed(headers);
    await atlas.deleteOrgServiceAccountSecret(deletion, {
      headers: { Accept: "application/vnd.atlas.2024-08-05+json" },
    });
    await atlas.deleteOrgServiceAccountSecret(deletion, { headers: { accept: "*/*" } });
    expect(events.map(({ version }) => version)).toEqual(["2024-08-05", undefined]);
  });

  it.each<[string, Readonly<Record<string, string>>, string | undefined, string | undefined]>([
    ["only Deprecation", { deprecation }, "2025-01-05", undefined],
    ["only Sunset", { sunset }, undefined, "2027-01-05"],
    ["RFC 9745's seconds", { deprecation: "@1736035200" }, "2025-01-05", undefined],
    ["the older `true`", { deprecation: "true", sunset }, undefined, "2027-01-05"],
    ["a bare number, which is no date", { deprecation: "5" }, undefined, undefined],
    ["nonsense", { deprecation: "soon", sunset: "later" }, undefined, undefined],
    ["seconds that something precedes", { deprecation: "at @1736035200" }, undefined, undefined],
    ["seconds that something follows", { deprecation: "@1736035200.5" }, undefined, undefined],
    ["seconds beyond all time", { deprecation: "@99999999999999999" }, undefined, undefined],
    ["an empty value", { deprecation: "" }, undefined, undefined],
  ])("with %s is told the dates that are there", async (_name, answerHeaders, deprecatedOn, sunsetOn) => {
    const { atlas, events } = await observed(answerHeaders);
    await atlas.deleteOrgServiceAccountSecret(deletion);
    const day = (date: Date | undefined) => date?.toISOString().slice(0, 10);
    expect(events.map((event) => [day(event.deprecatedOn), day(event.sunsetOn)])).toEqual([[deprecatedOn, sunsetOn]]);
  });

  it("is not told of a response without these headers", async () => {
    const { atlas, events } = await observed({ date: deprecation });
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expect(events).toEqual([]);
  });

  it.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("handler is broken");
      },
    ],
    ["rejects", () => Promise.reject(new Error("handler is broken"))],
  ])("that %s becomes a process warning and changes nothing", async (_name, onDeprecation) => {
    const { atlas } = await scripted([reply(201, secret, headers)], { onDeprecation });
    const warnings = await warningsDuring("ATLAS_OBSERVER_THREW", async () => {
      expect(revealed(await atlas.createGroupServiceAccountSecret(creation))).toEqual(secret);
    });
    expect(warnings).toEqual(["AtlasClientWarning: onDeprecation threw: handler is broken"]);
  });
});

describe("without a handler", () => {
  it("there is one process warning for each operation and version, however many calls", async () => {
    const { server, atlas } = await scripted(({ method }) =>
      method === "POST" ? reply(201, secret, { sunset }) : reply(204, undefined, headers),
    );
    const other = clientOf(server, { apiVersion: "2024-08-05" });
    const warnings = await warningsDuring(CODE, async () => {
      for (let call = 0; call < 3; call += 1) {
        await atlas.deleteOrgServiceAccountSecret(deletion);
        await atlas.createGroupServiceAccountSecret(creation);
        await other.atlas.deleteOrgServiceAccountSecret(deletion);
      }
    });
    const until = "and stops working on 2027-01-05.";
    expect(warnings).toEqual([
      `DeprecationWarning: Version 2025-03-12 of deleteOrgServiceAccountSecret is deprecated since 2025-01-05 ${until}`,
      `DeprecationWarning: Version 2025-03-12 of createGroupServiceAccountSecret is deprecated ${until}`,
      `DeprecationWarning: Version 2024-08-05 of deleteOrgServiceAccountSecret is deprecated since 2025-01-05 ${until}`,
    ]);
  });

  it("it is a line of the console on a platform without process warnings", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    onTestFinished(() => void vi.restoreAllMocks());
    for (const process of [undefined, {}]) {
      vi.stubGlobal("process", process);
      emitWarning("It is old.", { type: "DeprecationWarning", code: CODE });
      vi.unstubAllGlobals();
    }
    expect(warn.mock.calls).toEqual(Array(2).fill([`[${CODE}] DeprecationWarning: It is old.`]));
  });

  it("a response without a date, to a call without a version, warns of just that", async () => {
    const { atlas } = await scripted([reply(204, undefined, { deprecation: "true" })]);
    const call = () => atlas.deleteOrgServiceAccountSecret(deletion, { headers: { accept: "application/json" } });
    expect(await warningsDuring(CODE, call)).toEqual([
      "DeprecationWarning: Version (none named) of deleteOrgServiceAccountSecret is deprecated.",
    ]);
  });

  it("a deprecated response that is an error warns too", async () => {
    const { atlas } = await scripted([atlasError(403, "FORBIDDEN", { sunset })]);
    const call = () => errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasApiError);
    expect(await warningsDuring(CODE, call)).toHaveLength(1);
  });
});

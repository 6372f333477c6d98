/**
 * The command as it is typed.
 */
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FROZEN_CONTRACT } from "../../contract-tests/contract/operations.js";
import { temporaryDirectory } from "../../src/cli/testing/command.js";
import { apiError } from "../../src/testing/atlas/http.js";
import { CHECKS } from "./checks.js";
import { conformance, FROZEN, serverWith } from "./testing/checking.js";
import { account, atStep, body, createdSecret, hasStatus, onCreate, responses } from "./testing/server.js";

describe("the exit code", () => {
  it("is 0 for a server that conforms, whose table has a line for each check", async () => {
    const { url } = await serverWith();
    const { exitCode, out, err } = await conformance(["--target", url, "--seed", "7"]);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    for (const check of CHECKS) expect(out).toMatch(new RegExp(`^${check} +[✓·] +[✓·]$`, "m"));
    expect(out).toMatch(/seed 7$/m);
    expect(out).toMatch(/^Conforms: 29 checks passed, 0 failed; \d+ requests in [\d.]+ s$/m);
  });

  it("is 1 for one that does not, each failure with all that is needed to repeat and to look it up", async () => {
    const { url } = await serverWith(createdSecret({ createdAt: "yesterday" }));
    const { exitCode, out } = await conformance(["--target", url, "--seed", "7"]);
    expect(exitCode).toBe(1);
    expect(out).toMatch(/^response_schema_conformance +✗ +✓$/m);
    const failure = out.slice(out.indexOf("✗ response_schema_conformance  createGroupServiceAccountSecret"));
    expect(failure).toContain('problem   Response body property createdAt must match format "date-time"');
    expect(failure).toContain(
      `request   curl --include --request POST ${url}/api/atlas/v2/groups/${account.groupId}/serviceAccounts/${account.clientId}/secrets --header "Authorization: Bearer $ACCESS_TOKEN" --header 'Content-Type: application/json' --header 'Accept: application/vnd.atlas.2024-08-05+json' --data-raw '{"secretExpiresAfterHours":8}'`,
    );
    expect(failure).toMatch(
      /response {2}201, Content-Type: application\/vnd.atlas.2024-08-05\+json, RateLimit-Limit: 100000/,
    );
    expect(failure).toMatch(/"createdAt":"yesterday"/);
    const line = (await contractLines()).findIndex(
      (text) => text.includes("createdAt:\n") || /^ {8}createdAt:$/.test(text),
    );
    expect(failure).toContain(
      `${FROZEN}:${line + 3}  #/components/schemas/ServiceAccountSecret/properties/createdAt/format`,
    );
    expect(out).toMatch(/^Does not conform: 26 checks passed, 1 failed;/m);
  });

  it.each<[string, string[], RegExp, Readonly<Record<string, string>>?]>([
    ["an option that does not exist", ["--taget", "x"], /unknown option '--taget' \(Did you mean --target\?\)/],
    ["an argument too many", ["http://127.0.0.1"], /too many arguments/],
    ["an option without its value", ["--seed"], /'--seed <n>' argument missing/],
    ["a check that does not exist", ["--only", "ignored_auht"], /"ignored_auht" \(Did you mean ignored_auth\?\)/],
    [
      "an operation that does not exist",
      ["--exclude", "deleteOrgServiceAcountSecret"],
      /Did you mean .*deleteOrgServiceAccountSecret/,
    ],
    ["a name that is like none", ["--only", "everything"], /"everything". Known are status_code_conformance, /],
    ["no name", ["--only", ","], /no check and no operation is called ","/],
    ["nothing left to check", ["--only", "ignored_auth", "--exclude", "ignored_auth"], /leave nothing to check/],
    ["a report of another kind", ["--report", "out.pdf"], /\.json or \.xml or \.html/],
    ["a report that cannot be written", ["--report", "nowhere/out.json"], /nothing can be written there/],
    ["a seed that is none", ["--seed", "-1"], /--seed: expected an integer from 0/],
    ["a timeout that is none", ["--timeout", "soon"], /--timeout: expected seconds/],
    ["ids without a target", ["--project-id", account.groupId], /--project-id needs a --target/],
    [
      "two names for the project",
      ["--target", "http://127.0.0.1:9", "--project-id", account.groupId, "--group-id", account.groupId],
      /the same: give one/,
    ],
    ["plain HTTP to elsewhere", ["--target", "http://atlas.example.com"], /expected an https URL/],
    [
      "a server elsewhere without consent",
      ["--target", "https://atlas.example.com"],
      /--yes-create-real-secrets allows it/,
    ],
    [
      "a server elsewhere without an account to test",
      ["--target", "https://atlas.example.com", "--yes-create-real-secrets"],
      /--project-id is needed/,
    ],
    ["an id that is none", ["--target", "http://127.0.0.1:9", "--org-id", "ORG"], /--org-id ORG does not fit/],
    ["a contract that is not there", ["--spec", "nowhere.yaml"], /cannot read nowhere\.yaml: no such file/],
    ["a server that is not there", ["--target", "http://127.0.0.1:9"], /cannot be reached: nothing listens there/],
    [
      "a service account's server that is not there",
      ["--target", "http://127.0.0.1:9"],
      /cannot be reached: nothing listens there/,
      { MONGODB_ATLAS_CLIENT_ID: account.adminId, MONGODB_ATLAS_CLIENT_SECRET: account.adminSecret },
    ],
  ])("is 2 for %s", async (_, args, message, env?: Readonly<Record<string, string>>) => {
    const { exitCode, out, err } = await conformance(args, env);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
    expect(err).toMatch(message);
    for (const line of err.trim().split("\n")) expect(line).toMatch(/^conformance: /);
  });

  it("is 2 for a report that is a folder, before anything is sent", async () => {
    const folder = join(temporaryDirectory(), "out.json");
    await mkdir(folder);
    const server = await serverWith();
    const { exitCode, err } = await conformance(["--target", server.url, "--report", folder]);
    expect(exitCode).toBe(2);
    expect(err).toMatch(/nothing can be written there/);
    expect(server.requests).toEqual([]);
  });

  it("is 2 for a run that cannot start, and no empty report is left behind", async () => {
    const file = join(temporaryDirectory(), "out.xml");
    expect(await conformance(["--target", "http://127.0.0.1:9", "--report", file])).toMatchObject({ exitCode: 2 });
    expect(existsSync(file)).toBe(false);
  });

  it("is 2 without credentials, naming the variables", async () => {
    const { exitCode, err } = await conformance(["--target", "http://127.0.0.1:9"], {});
    expect(exitCode).toBe(2);
    expect(err).toMatch(/MONGODB_ATLAS_ACCESS_TOKEN/);
  });

  it("is 2 if no token can be obtained", async () => {
    const { url } = await serverWith();
    const env = { MONGODB_ATLAS_CLIENT_ID: account.adminId, MONGODB_ATLAS_CLIENT_SECRET: "mdb_sa_sk_wrong_not_real" };
    const { exitCode, err } = await conformance(["--target", url], env);
    expect(exitCode).toBe(2);
    expect(err).toMatch(/Could not get an access token/);
    expect(err).not.toContain("mdb_sa_sk_wrong_not_real");
  });
});

describe("a valid request that is refused", () => {
  it.each([
    ["400, as when the account is full", apiError(400, "MAXIMUM_SECRETS", ""), /hold as many already as it may/],
    ["403, as without the role", apiError(403, "FORBIDDEN", ""), /have the role Project Owner\?/],
  ])("with %s says so", async (_, response, hint) => {
    const { url } = await serverWith(atStep("find", (request) => (onCreate(request) ? response : undefined)));
    const { exitCode, out } = await conformance(["--target", url, "--only", "positive_data_acceptance"]);
    expect(exitCode).toBe(1);
    expect(out).toMatch(hint);
  });
});

describe("credentials that the server refuses", () => {
  it.each([
    ["an access token", { MONGODB_ATLAS_ACCESS_TOKEN: "another-token-not-real" }, 1],
    ["an API key", { MONGODB_ATLAS_PUBLIC_API_KEY: "otherkey", MONGODB_ATLAS_PRIVATE_API_KEY: "wrong-not-real" }, 2],
  ])("end the run after the first request: %s", async (_, env, requests) => {
    for (const only of [[], ["--only", "ignored_auth"], ["--only", "deleteOrgServiceAccountSecret"]]) {
      const server = await serverWith();
      const { exitCode, out, err } = await conformance(["--target", server.url, ...only], env);
      expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
      expect(err).toMatch(/^conformance: http:\S+ refuses the credentials of the check: status 401 UNAUTHORIZED: /);
      // With a digest the first one asks for the challenge.
      expect(server.requests).toHaveLength(requests);
    }
  });
});

describe("the account under test", () => {
  const jwt = ["{}", JSON.stringify({ sub: account.clientId }), ""]
    .map((part) => Buffer.from(part).toString("base64url"))
    .join(".");
  it.each([
    [
      "by its client id",
      { MONGODB_ATLAS_CLIENT_ID: account.clientId, MONGODB_ATLAS_CLIENT_SECRET: "mdb_sa_sk_not_real" },
    ],
    ["by an access token that names it", { MONGODB_ATLAS_ACCESS_TOKEN: jwt }],
  ])("is never the one that the check signs in with: %s", async (_, env) => {
    const server = await serverWith();
    const named = await conformance(["--target", server.url, "--client-id", account.clientId], env);
    // Not named, it would be the contract's example, which is the same.
    const taken = await conformance(["--target", server.url], env);
    for (const { exitCode, err } of [named, taken]) {
      expect(exitCode).toBe(2);
      expect(err).toMatch(/is the one that the check signs in with/);
    }
    expect(server.requests).toEqual([]);
  });
});

describe("a selection", () => {
  it("of a check sends its requests only", async () => {
    const server = await serverWith();
    const { exitCode, out } = await conformance(["--target", server.url, "--only", "ignored_auth"]);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^ignored_auth +✓ +✓$/m);
    expect(out).toMatch(/^negative_data_rejection +· +·$/m);
    expect(out).toMatch(/^Conforms: 2 checks passed/m);
  });

  it("of an operation leaves the others out of the table, though it may need them", async () => {
    const server = await serverWith();
    const { out } = await conformance([
      "--target",
      server.url,
      "--only",
      "deleteOrgServiceAccountSecret,use_after_free",
    ]);
    expect(out).not.toContain("createGroupServiceAccountSecret");
    expect(out).toMatch(/^use_after_free +✓$/m);
    expect(server.counts.created).toBeLessThan(4);
  });

  it("that leaves nothing to judge does not conform", async () => {
    const { url } = await serverWith();
    const only = "deleteOrgServiceAccountSecret,unsupported_media_type";
    const { exitCode, out } = await conformance(["--target", url, "--only", only]);
    expect(exitCode).toBe(1);
    expect(out).toMatch(/^Nothing was judged: 0 checks passed, 0 failed/m);
  });

  it("leaves out what is excluded, so that its faults are not seen", async () => {
    const { url } = await serverWith(responses(hasStatus(404), body({})));
    const { exitCode, out } = await conformance(["--target", url, "--exclude", "response_schema_conformance"]);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^response_schema_conformance +· +·$/m);
  });
});

describe("the seed", () => {
  const sentWith = async (seed: string): Promise<string[]> => {
    const server = await serverWith();
    await conformance([
      "--target",
      server.url,
      "--seed",
      seed,
      "--only",
      "negative_data_rejection,version_negotiation",
    ]);
    // Ids of what was created are the server's own.
    return server.requests.map(({ method, target, body, headers }) =>
      `${method} ${target} ${headers.accept} ${body}`.replace(/secrets\/[a-f0-9]{24}/, "secrets/ID"),
    );
  };

  it("makes the same cases again, and another one makes others", async () => {
    const [first, second, other] = [await sentWith("7"), await sentWith("7"), await sentWith("8")];
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
    expect(other).toHaveLength(first.length);
  });
});

describe("what is shown", () => {
  it("with --help is the usage", async () => {
    const { exitCode, out } = await conformance(["--help"], {});
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^Usage: npm run conformance --/);
    for (const check of CHECKS) expect(out).toContain(check);
  });
});

async function contractLines(): Promise<string[]> {
  const text = await readFile(FROZEN_CONTRACT, "utf8");
  return text.split("\n");
}

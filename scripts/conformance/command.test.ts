/**
 * The command as it is typed.
 */
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { FROZEN_CONTRACT } from "../../contract-tests/contract/operations.js";
import { temporaryDirectory } from "../../src/cli/testing/command.js";
import { apiError } from "../../src/testing/atlas/response.js";
import { runCommand } from "../testing/run-command.js";
import { CHECKS } from "./checks.js";
import { conformanceCommand } from "./command.js";
import {
  account,
  all,
  around,
  atStep,
  body,
  createdSecret,
  hasStatus,
  header,
  members,
  onCreate,
  type Plant,
  responses,
  startServer,
  type TestServer,
} from "./testing/server.js";

const CREDENTIALS = { MONGODB_ATLAS_ACCESS_TOKEN: account.accessToken };

/** Not the project's own contract: what the tests say does not change with an edit there. */
const FROZEN = relative(process.cwd(), FROZEN_CONTRACT);

/** Calls the command, and returns what it prints. */
async function conformance(args: readonly string[], env: Readonly<Record<string, string>> = CREDENTIALS) {
  const progress: (string | undefined)[] = [];
  const spec = args.includes("--spec") || args.includes("--help") ? [] : ["--spec", FROZEN];
  const command = conformanceCommand({ onProgress: (words) => progress.push(words) });
  return { ...(await runCommand(command, [...args, ...spec], { env })), progress };
}

async function serverWith(plant?: Plant): Promise<TestServer> {
  const server = await startServer(plant);
  onTestFinished(() => server.close());
  return server;
}

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
    ["an option that does not exist", ["--taget", "x"], /unknown option --taget \(Did you mean --target\?\)/],
    ["an argument too many", ["http://127.0.0.1"], /unexpected argument "http:/],
    ["an option without its value", ["--seed"], /--seed is missing its value/],
    ["a check that does not exist", ["--only", "ignored_auht"], /"ignored_auht" \(Did you mean ignored_auth\?\)/],
    [
      "an operation that does not exist",
      ["--exclude", "deleteOrgServiceAcountSecret"],
      /Did you mean .*deleteOrgServiceAccountSecret/,
    ],
    ["a name that is like none", ["--only", "everything"], /"everything". Known are status_code_conformance, /],
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
    ["a contract that is not there", ["--spec", "nowhere.yaml"], /cannot read nowhere\.yaml: there is no such file/],
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

const reportOf = async (name: string): Promise<string> => {
  const file = join(temporaryDirectory(), name);
  const { url } = await serverWith(createdSecret({ id: undefined, "<&>": "\u0007]]>" }));
  const { exitCode } = await conformance(["--target", url, "--report", file]);
  expect(exitCode).toBe(1);
  return readFile(file, "utf8");
};
describe("a report", () => {
  it("in JSON has everything that was found", async () => {
    const report: unknown = JSON.parse(await reportOf("out.json"));
    expect(report).toMatchObject({
      conforms: false,
      seed: expect.any(Number),
      operations: ["createGroupServiceAccountSecret", "deleteOrgServiceAccountSecret"],
      failures: [
        {
          check: "response_schema_conformance",
          operationId: "createGroupServiceAccountSecret",
          problem: "Response body must have required property 'id'",
          basis: [{ pointer: "#/components/schemas/ServiceAccountSecret/required", line: expect.any(Number) }],
        },
      ],
      leftOver: [{ operationId: "createGroupServiceAccountSecret" }],
    });
  });

  it("in JUnit's XML has a suite for each operation and a test case for each check", async () => {
    const xml = await reportOf("out.xml");
    expect(xml).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites /);
    expect(xml.match(/<testcase /g)).toHaveLength(2 * CHECKS.length + 1);
    expect(xml).toContain('<testsuite name="deleteOrgServiceAccountSecret"');
    expect(xml).toContain(
      '<failure type="response_schema_conformance" message="Response body must have required property &#39;id&#39;">',
    );
    expect(xml).toContain("&quot;&lt;&amp;&gt;&quot;:&quot;\\u0007]]&gt;&quot;");
    expect(xml).toMatch(
      /<testcase name="unsupported_media_type" classname="deleteOrgServiceAccountSecret">\n\s+<skipped message="not-applicable"/,
    );
    expect(xml).toContain('<testcase name="everything created is deleted"');
  });
});

describe("a report as a page", () => {
  it("needs nothing but itself, and leads from the table to each failure with what it rests on", async () => {
    const html = await reportOf("out.html");
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).not.toMatch(/<script|<link|<img|@import|url\(/);
    expect(html).toContain('<a href="#failure-0">✗</a>');
    expect(html).toContain('<section id="failure-0"');
    expect(html).toContain("Response body must have required property &#39;id&#39;");
    expect(html).toContain("curl --include --request POST");
    expect(html).toContain("&lt;&amp;&gt;");
    expect(html).not.toContain("<&>");
    expect(html).toMatch(/frozen-contract\.yaml:\d+<\/code>: required: createdAt, expiresAt, id/);
    expect(html).toContain('href="https://www.rfc-editor.org/rfc/rfc9110#section-15.6"');
    expect(html).toContain("<h2>Could not be deleted</h2>");
  });

  it("is written beside others", async () => {
    const folder = temporaryDirectory();
    const files = ["a.json", "b.xml", "c.html"].map((name) => join(folder, name));
    const { url } = await serverWith();
    await conformance(["--target", url, "--only", "ignored_auth", "--report", files.join(",")]);
    for (const file of files) expect(await readFile(file, "utf8")).toContain("ignored_auth");
  });
});

describe("annotations for GitHub", () => {
  it("stand at the lines of the contract, each on one line", async () => {
    const { url } = await serverWith(createdSecret({ createdAt: "yesterday" }));
    const { out } = await conformance(["--target", url, "--github"]);
    const annotations = out.split("\n").filter((line) => line.startsWith("::"));
    expect(annotations).toHaveLength(1);
    expect(annotations[0]).toMatch(
      /^::error file=\S+frozen-contract\.yaml,line=\d+,title=response_schema_conformance createGroupServiceAccountSecret::Response body property createdAt must match format "date-time"%0ACase: .*%0Acurl /,
    );
  });
});

describe("what is shown", () => {
  it("never holds a credential or a secret", async () => {
    const secrets = new Set<string>();
    // Without the scheme before it, nothing but its value tells that it is a credential.
    const echoing: Plant = (rules) => {
      rules.finish = (response, { headers }) => {
        const credential = headers.authorization?.split(" ").slice(1).join(" ");
        const leaking = header("content-type", `application/${credential}`)(response);
        if (response.status === 201) return members({ createdAt: credential })(leaking);
        return response.status === 404 ? body({ detail: credential, more: [...secrets] })(leaking) : leaking;
      };
    };
    const watching = around("create", (request, state, create) => {
      const response = create(request, state);
      for (const { value } of state.accounts.secretsOf(account.clientId)) secrets.add(value);
      const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? "")?.[1];
      if (token !== undefined) secrets.add(token);
      return response;
    });
    const kinds = [
      CREDENTIALS,
      { MONGODB_ATLAS_CLIENT_ID: account.adminId, MONGODB_ATLAS_CLIENT_SECRET: account.adminSecret },
      { MONGODB_ATLAS_PUBLIC_API_KEY: account.publicKey, MONGODB_ATLAS_PRIVATE_API_KEY: account.privateKey },
    ];
    for (const env of kinds) {
      secrets.clear();
      const server = await serverWith(all(echoing, watching));
      const file = join(temporaryDirectory(), "out.json");
      const { out, exitCode, progress } = await conformance(["--target", server.url, "--report", file], env);
      expect(exitCode).toBe(1);
      const everything = [out, await readFile(file, "utf8"), ...progress].join("\n");
      expect(secrets.size).toBeGreaterThan(3);
      for (const secret of [...secrets, account.adminSecret, account.privateKey])
        expect(everything).not.toContain(secret);
    }
  });

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

/**
 * The command as it is typed.
 */
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { CHECKS } from "./checks.js";
import { runCommand } from "./cli.js";
import { answers, atStep, body, isAnswered, madeSecret, onCreate, type Plant } from "./testing/faults.js";
import { account, apiError } from "./testing/rules.js";
import { type StatefulServer, startStatefulServer } from "./testing/stateful-server.js";

const CREDENTIALS = { MONGODB_ATLAS_ACCESS_TOKEN: account.accessToken };

/** Types the command, and answers what it says. */
async function type(args: readonly string[], env: Readonly<Record<string, string>> = CREDENTIALS) {
  const said = { out: "", err: "", progress: [] as (string | undefined)[] };
  const exitCode = await runCommand(args, {
    env,
    width: 100,
    print: (text) => {
      said.out += `${text}\n`;
    },
    complain: (text) => {
      said.err += `${text}\n`;
    },
    progress: (words) => said.progress.push(words),
  });
  return { exitCode, ...said };
}

async function serverWith(plant?: Plant): Promise<StatefulServer> {
  const server = await startStatefulServer(plant);
  onTestFinished(() => server.stop());
  return server;
}

describe("the exit code", () => {
  it("is 0 for a server that conforms, whose table has a line for each check", async () => {
    const { url } = await serverWith();
    const { exitCode, out, err } = await type(["--target", url, "--seed", "7"]);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    for (const check of CHECKS) expect(out).toMatch(new RegExp(`^${check} +[✓·] +[✓·]$`, "m"));
    expect(out).toMatch(/seed 7$/m);
    expect(out).toMatch(/^Conforms: 22 checks passed, 0 failed; \d+ requests in [\d.]+ s$/m);
  });

  it("is 1 for one that does not, each failure with all that is needed to repeat and to look it up", async () => {
    const { url } = await serverWith(madeSecret({ createdAt: "yesterday" }));
    const { exitCode, out } = await type(["--target", url, "--seed", "7"]);
    expect(exitCode).toBe(1);
    expect(out).toMatch(/^response_schema_conformance +✗ +✓$/m);
    const failure = out.slice(out.indexOf("✗ response_schema_conformance  createGroupServiceAccountSecret"));
    expect(failure).toContain('problem   Response body property createdAt must match format "date-time"');
    expect(failure).toContain(
      `sent      curl --include --request POST ${url}/api/atlas/v2/groups/${account.groupId}/serviceAccounts/${account.clientId}/secrets --header "Authorization: Bearer $ACCESS_TOKEN" --header 'Content-Type: application/json' --header 'Accept: application/vnd.atlas.2024-08-05+json' --data-raw '{"secretExpiresAfterHours":8}'`,
    );
    expect(failure).toMatch(
      /came {6}201, Content-Type: application\/vnd.atlas.2024-08-05\+json, RateLimit-Limit: 1000/,
    );
    expect(failure).toMatch(/"createdAt":"yesterday"/);
    const line = (await contractLines()).findIndex(
      (text) => text.includes("createdAt:\n") || /^ {8}createdAt:$/.test(text),
    );
    expect(failure).toContain(
      `openapi/atlas-service-account-secrets.yaml:${line + 3}  #/components/schemas/ServiceAccountSecret/properties/createdAt/format`,
    );
    expect(out).toMatch(/^Does not conform: 21 checks passed, 1 failed;/m);
  });

  it.each([
    ["an option that does not exist", ["--taget", "x"], /unknown option --taget\. Did you mean --target\?/],
    ["an argument too many", ["http://127.0.0.1"], /Unexpected argument/],
    ["an option without its value", ["--seed"], /--seed/],
    ["a check that does not exist", ["--only", "ignored_authentication"], /Did you mean ignored_auth/],
    [
      "an operation that does not exist",
      ["--exclude", "deleteGroupServiceAccountSecret"],
      /Did you mean .*deleteOrgServiceAccountSecret/,
    ],
    ["nothing left to check", ["--only", "ignored_auth", "--exclude", "ignored_auth"], /leave nothing to check/],
    ["a report of another kind", ["--report", "out.html"], /\.json or \.xml/],
    ["a report that cannot be written", ["--report", "nowhere/out.json"], /nothing can be written there/],
    ["a seed that is none", ["--seed", "-1"], /--seed/],
    ["a timeout that is none", ["--timeout", "soon"], /--timeout takes seconds/],
    ["ids without a target", ["--group-id", account.groupId], /--group-id is for a --target/],
    ["plain HTTP to elsewhere", ["--target", "http://atlas.example.com"], /expected an https URL/],
    [
      "a server elsewhere without consent",
      ["--target", "https://atlas.example.com"],
      /--yes-create-real-secrets allows it/,
    ],
    [
      "a server elsewhere without an account to test",
      ["--target", "https://atlas.example.com", "--yes-create-real-secrets"],
      /--group-id is needed/,
    ],
    ["an id that is none", ["--target", "http://127.0.0.1:9", "--org-id", "ORG"], /--org-id ORG does not fit/],
    ["a contract that is not there", ["--spec", "nowhere.yaml"], /nowhere\.yaml cannot be read \(ENOENT\)/],
    ["a server that is not there", ["--target", "http://127.0.0.1:9"], /cannot be reached: ECONNREFUSED/],
  ])("is 2 for %s", async (_, args, message) => {
    const { exitCode, out, err } = await type(args);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
    expect(err).toMatch(message);
    expect(err.trim().split("\n")).toHaveLength(1);
  });

  it("is 2 without credentials, naming the variables", async () => {
    const { exitCode, err } = await type(["--target", "http://127.0.0.1:9"], {});
    expect(exitCode).toBe(2);
    expect(err).toMatch(/MONGODB_ATLAS_ACCESS_TOKEN/);
  });

  it("is 2 where no token can be had", async () => {
    const { url } = await serverWith();
    const env = { MONGODB_ATLAS_CLIENT_ID: account.adminId, MONGODB_ATLAS_CLIENT_SECRET: "mdb_sa_sk_wrong_not_real" };
    const { exitCode, err } = await type(["--target", url], env);
    expect(exitCode).toBe(2);
    expect(err).toMatch(/Could not get an access token/);
    expect(err).not.toContain("mdb_sa_sk_wrong_not_real");
  });
});

describe("a valid request that is refused", () => {
  it.each([
    ["400, as when the account is full", apiError(400, "MAXIMUM_SECRETS", ""), /hold as many already as it may/],
    ["403, as without the role", apiError(403, "FORBIDDEN", ""), /have the role Project Owner\?/],
    ["401, as with other credentials", apiError(401, "UNAUTHORIZED", ""), /the right ones\?/],
  ])("with %s says so", async (_, answer, hint) => {
    const { url } = await serverWith(atStep("find", (request) => (onCreate(request) ? answer : undefined)));
    const { exitCode, out } = await type(["--target", url, "--only", "positive_data_acceptance"]);
    expect(exitCode).toBe(1);
    expect(out).toMatch(hint);
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
    const named = await type(["--target", server.url, "--client-id", account.clientId], env);
    // Not named, it would be the contract's example, which is the same.
    const taken = await type(["--target", server.url], env);
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
    const { exitCode, out } = await type(["--target", server.url, "--only", "ignored_auth"]);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^ignored_auth +✓ +✓$/m);
    expect(out).toMatch(/^negative_data_rejection +· +·$/m);
    expect(out).toMatch(/^Conforms: 2 checks passed/m);
  });

  it("of an operation leaves the others out of the table, though it may need them", async () => {
    const server = await serverWith();
    const { out } = await type(["--target", server.url, "--only", "deleteOrgServiceAccountSecret,use_after_free"]);
    expect(out).not.toContain("createGroupServiceAccountSecret");
    expect(out).toMatch(/^use_after_free +✓$/m);
    expect(server.counts.made).toBe(1);
  });

  it("that leaves nothing to judge does not conform", async () => {
    const { url } = await serverWith();
    const only = "deleteOrgServiceAccountSecret,unsupported_media_type";
    const { exitCode, out } = await type(["--target", url, "--only", only]);
    expect(exitCode).toBe(1);
    expect(out).toMatch(/^Nothing was judged: 0 checks passed, 0 failed/m);
  });

  it("leaves out what is excluded, so that its faults are not seen", async () => {
    const { url } = await serverWith(answers(isAnswered(404), body({})));
    const { exitCode, out } = await type(["--target", url, "--exclude", "response_schema_conformance"]);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^response_schema_conformance +· +·$/m);
  });
});

describe("the seed", () => {
  const sentWith = async (seed: string): Promise<string[]> => {
    const server = await serverWith();
    await type(["--target", server.url, "--seed", seed, "--only", "negative_data_rejection,version_negotiation"]);
    // Ids of what was made are the server's own.
    return server.requests.map(({ method, target, text, headers }) =>
      `${method} ${target} ${headers.accept} ${text}`.replace(/secrets\/[a-f0-9]{24}/, "secrets/ID"),
    );
  };

  it("makes the same cases again, and another one makes others", async () => {
    const [first, second, other] = [await sentWith("7"), await sentWith("7"), await sentWith("8")];
    expect(second).toEqual(first);
    expect(other).not.toEqual(first);
    expect(other).toHaveLength(first.length);
  });
});

describe("a report", () => {
  const reportOf = async (name: string): Promise<string> => {
    const file = join(await mkdtemp(join(tmpdir(), "conformance-")), name);
    const { url } = await serverWith(madeSecret({ id: undefined, "<&>": "\u0007]]>" }));
    const { exitCode } = await type(["--target", url, "--report", file]);
    expect(exitCode).toBe(1);
    return readFile(file, "utf8");
  };

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
          contract: [{ pointer: "#/components/schemas/ServiceAccountSecret/required", line: expect.any(Number) }],
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
      '<failure type="response_schema_conformance" message="Response body must have required property \'id\'">',
    );
    expect(xml).toContain("&quot;&lt;&amp;&gt;&quot;:&quot;\\u0007]]&gt;&quot;");
    expect(xml).toMatch(
      /<testcase name="unsupported_media_type" classname="deleteOrgServiceAccountSecret">\n\s+<skipped message="not-applicable"/,
    );
    expect(xml).toContain('<testcase name="everything made is deleted"');
  });
});

describe("what is shown", () => {
  it("never holds a credential or a secret", async () => {
    const echoing: Plant = (rules) => {
      rules.finish = (answer, { headers }) => {
        // Without the scheme before it, nothing but its value tells that it is a credential.
        const credential = headers.authorization?.split(" ").slice(1).join(" ");
        answer.headers["content-type"] = `application/${credential}`;
        if (answer.status === 201) Object.assign(answer.body ?? {}, { createdAt: credential });
        if (answer.status === 404) answer.body = { detail: credential, more: [...rules.secrets.values()] };
        return answer;
      };
    };
    const kinds = [
      CREDENTIALS,
      { MONGODB_ATLAS_CLIENT_ID: account.adminId, MONGODB_ATLAS_CLIENT_SECRET: account.adminSecret },
      { MONGODB_ATLAS_PUBLIC_API_KEY: account.publicKey, MONGODB_ATLAS_PRIVATE_API_KEY: account.privateKey },
    ];
    for (const env of kinds) {
      const secrets: string[] = [];
      const server = await serverWith((rules) => {
        const { perform } = rules;
        rules.perform = (request, own) => {
          const answer = perform(request, own);
          for (const { secret } of own.secrets.values()) secrets.push(secret);
          for (const token of own.tokens) secrets.push(token);
          return answer;
        };
        echoing(rules);
      });
      const file = join(await mkdtemp(join(tmpdir(), "conformance-")), "out.json");
      const { out, exitCode, progress } = await type(["--target", server.url, "--report", file], env);
      expect(exitCode).toBe(1);
      const everything = [out, await readFile(file, "utf8"), ...progress].join("\n");
      expect(secrets.length).toBeGreaterThan(3);
      for (const secret of [...secrets, account.adminSecret, account.privateKey])
        expect(everything).not.toContain(secret);
    }
  });

  it("with --help is the usage", async () => {
    const { exitCode, out } = await type(["--help"], {});
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^Usage: npm run conformance/);
    for (const check of CHECKS) expect(out).toContain(check);
  });
});

async function contractLines(): Promise<string[]> {
  const text = await readFile(new URL("../../openapi/atlas-service-account-secrets.yaml", import.meta.url), "utf8");
  return text.split("\n");
}

/**
 * What the command writes for programs and for people beside the terminal's text, and its curl lines, read by a shell; and that
 * nothing of it holds a secret.
 */
import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../../../src/cli/testing/command.js";
import { CHECKS } from "../checks.js";
import type { Identity } from "../http/server.js";
import { CREDENTIALS, conformance, serverWith } from "../testing/checking.js";
import { account, all, around, body, createdSecret, header, members, type Plant } from "../testing/server.js";
import { curlLine } from "./text.js";

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
});

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

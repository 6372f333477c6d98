/**
 * `npm run mock` as a program: its output, its signals and its exit codes.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { mockCredentials } from "../contract-tests/mock/settings.js";
import { type ContractFile, otherContract, writeContract } from "../contract-tests/mock/testing/requests.js";
import { bundledProgram } from "../src/cli/testing/command.js";

let bundle: Awaited<ReturnType<typeof bundledProgram>>;
beforeAll(async () => {
  bundle = await bundledProgram(new URL("mock.ts", import.meta.url));
});
afterAll(() => bundle.remove());

type Program = ChildProcessByStdio<null, Readable, Readable>;

const programs: Program[] = [];
let contract: ContractFile | undefined;
afterEach(async () => {
  for (const program of programs.splice(0)) program.kill("SIGKILL");
  await contract?.remove();
});

function run(...args: string[]): Program {
  return started(spawn(process.execPath, [bundle.path, ...args], { stdio: ["ignore", "pipe", "pipe"] }));
}

/** As npm does: with a shell between, which does not give way to the mock. Here npm is a shell too. */
function runUnderNpm(...args: string[]): Program {
  const line = [process.execPath, bundle.path, ...args].map((word) => `'${word}'`).join(" ");
  const script = process.platform === "linux" ? `sh -c "${line}; :"; :` : `${line}; :`;
  const env = { ...process.env, npm_lifecycle_event: "mock" };
  return started(spawn("sh", ["-c", script], { env, stdio: ["ignore", "pipe", "pipe"] }));
}

function started(program: Program): Program {
  programs.push(program);
  return program;
}

/** What a program prints until it is ready. */
async function introductionOf(child: Program): Promise<string> {
  let output = "";
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    output += chunk;
    if (output.includes("Requests:")) return output;
  }
  return output;
}

/** The exit code, and what was printed on standard error. */
async function endOf(child: Program): Promise<{ code: unknown; stderr: string }> {
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  return { code, stderr };
}

const addressIn = (output: string) => /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] ?? "";

function signIn(url: string, clientId: string, clientSecret: string, path = "/api/oauth/token"): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
  const body = new URLSearchParams({ grant_type: "client_credentials" });
  return fetch(`${url}${path}`, { method: "POST", headers: { authorization }, body });
}

describe("npm run mock", () => {
  it("prints its address, the credentials that it knows and each request, until SIGTERM ends it with 0", async () => {
    const child = run("--port", "0", "--token-lifetime", "7");
    const output = await introductionOf(child);
    const { createdSecret: _ofStateless, clientId, clientSecret, ...known } = mockCredentials;
    for (const credential of [clientId, clientSecret, ...Object.values(known)]) expect(output).toContain(credential);

    const logged = once(child.stdout, "data");
    const response = await signIn(addressIn(output), clientId, clientSecret, "/api/oauth/token?x=1");
    expect(await response.json()).toMatchObject({ expires_in: 7 });
    expect(String(await logged)).toBe("POST /api/oauth/token 200\n");
    const refused = once(child.stdout, "data");
    await fetch(`${addressIn(output)}/api/oauth/token`, { method: "POST" });
    expect(String(await refused)).toBe(
      "POST /api/oauth/token 401: The Authorization header is not Basic with clientId:clientSecret.\n",
    );

    child.kill("SIGTERM");
    expect(await endOf(child)).toEqual({ code: 0, stderr: "" });
  });

  it("starts as it is told, says what is wrong with a contract that was changed, and ends with npm", async () => {
    contract = await writeContract(otherContract);
    const clientId = `mdb_sa_id_${"7".repeat(24)}`;
    const accounts = await writeContract([{ clientId, secrets: [{ value: "mdb_sa_sk_given_not_real" }] }]);
    const trouble = ["--rate-limit", "1/60s", "--latency", "1", "--fail", "apply-503:1", "--seed", "7"];
    const time = ["--clock", "+30d", "--control"];
    const files = ["--spec", contract.path, "--accounts", accounts.path];
    const child = runUnderNpm("--port", "0", ...files, ...time, ...trouble);
    const url = addressIn(await introductionOf(child));
    await accounts.remove();
    const { now } = Object(await (await fetch(`${url}/__mock/clock`)).json());
    expect(Date.parse(now) - Date.now()).toBeGreaterThan(29.9 * 24 * 60 * 60 * 1000);
    const tried = () => signIn(url, clientId, "mdb_sa_sk_given_not_real", "/sign/in");
    expect((await tried()).status).toBe(503);
    expect((await tried()).status).toBe(429);

    const complaint = once(child.stderr, "data");
    await contract.replace("openapi: [");
    expect(String(await complaint)).toMatch(/^mock: the last usable contract stays: \S+ is not YAML: [^\n]+\n$/);
    expect((await fetch(`${url}/news`)).status).toBe(429);

    const silence = once(child.stdout, "end");
    child.stdout.resume();
    child.kill("SIGKILL");
    await silence;
    await expect(fetch(url)).rejects.toThrow("fetch failed");
  });

  it("that cannot start says why in one line, and ends with 1", async () => {
    const stderr = "mock: cannot read /nowhere.yaml: no such file or directory\n";
    expect(await endOf(run("--spec", "/nowhere.yaml"))).toEqual({ code: 1, stderr });
  });

  it.each([
    [["--fail", "503:2"], '--fail: expected such as 503:0.01,apply-reset:0.005, together at most 1, got "503:2"'],
    [["--spce", "x.yaml"], "unknown option '--spce' (Did you mean --spec?)"],
  ])("refuses %j and ends with 2", async (args, problem) => {
    const stderr = `mock: ${problem}\nmock: see npm run mock -- --help\n`;
    expect(await endOf(run(...args))).toEqual({ code: 2, stderr });
  });
});

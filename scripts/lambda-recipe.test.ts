/**
 * The Lambda function of src/rotation/README.md: bundled by the README's own line, and called as Secrets Manager calls it,
 * with a stand-in of Secrets Manager that knows versions, labels and the parameters of each command.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { clientId, type Scene, scene } from "../src/cli/testing/command.js";
import { GROUP_ID, ORG_ID } from "../src/testing/atlas/start-atlas.js";
import { blockWith } from "./readmes.js";
import { ROOT } from "./tarball.js";

/** In place of `@aws-sdk/client-secrets-manager`: each command is sent to whoever stands in for Secrets Manager. */
const SDK = `
const command = (name) => class { constructor(input) { Object.assign(this, { name, input }); } };
export const DescribeSecretCommand = command("DescribeSecret");
export const GetSecretValueCommand = command("GetSecretValue");
export const PutSecretValueCommand = command("PutSecretValue");
export const UpdateSecretVersionStageCommand = command("UpdateSecretVersionStage");
export class SecretsManagerClient { send({ name, input }) { return globalThis.secretsManager.send(name, input); } }
`;

type Input = Readonly<Record<string, string | readonly string[] | undefined>>;

interface Fault {
  readonly hits: (input: Input, call: number) => boolean;
  readonly applied: boolean;
  readonly error?: Error;
  readonly onHang?: () => void;
}

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/Welcome.html */
class SecretsManager {
  readonly versions = new Map<string, { readonly value: string; readonly stages: Set<string> }>();
  calls = 0;
  /** The next call that it hits fails or never returns, before it is applied or after. */
  fault: Fault | undefined;

  async send(name: string, input: Input): Promise<object> {
    this.calls += 1;
    const { fault } = this;
    if (fault?.hits(input, this.calls) !== true) return this.#apply(name, input);
    this.fault = undefined;
    if (fault.applied) this.#apply(name, input);
    if (fault.error !== undefined) throw fault.error;
    fault.onHang?.();
    return new Promise(() => undefined);
  }

  holding(stage: string): { readonly clientSecret: string } | undefined {
    const found = [...this.versions.values()].find(({ stages }) => stages.has(stage));
    return found && JSON.parse(found.value);
  }

  #apply(name: string, { SecretId, ...input }: Input): object {
    if (SecretId !== "reports/atlas") throw refusal("ResourceNotFoundException");
    if (name === "GetSecretValue") return this.#get(input);
    if (name === "PutSecretValue") return this.#put(input);
    if (name === "UpdateSecretVersionStage") return this.#move(input);
    const labelled = [...this.versions].filter(([, { stages }]) => stages.size > 0);
    return { VersionIdsToStages: Object.fromEntries(labelled.map(([id, { stages }]) => [id, [...stages]])) };
  }

  #get({ VersionId, VersionStage, ...unknown }: Input): object {
    if (Object.keys(unknown).length > 0) throw refusal("ValidationException");
    const found = [...this.versions].find(
      ([id, { stages }]) => stages.has(String(VersionStage)) && (VersionId === undefined || id === VersionId),
    );
    if (found === undefined) throw refusal("ResourceNotFoundException");
    return { SecretString: found[1].value };
  }

  #put({ SecretString, VersionStages, ClientRequestToken, ...unknown }: Input): object {
    const token = String(ClientRequestToken);
    const value = String(SecretString);
    if (Object.keys(unknown).length > 0 || token.length < 32 || !Array.isArray(VersionStages))
      throw refusal("ValidationException");
    const existing = this.versions.get(token);
    if (existing !== undefined && existing.value !== value) throw refusal("ResourceExistsException");
    const version = existing ?? { value, stages: new Set<string>() };
    this.versions.set(token, version);
    for (const stage of VersionStages) this.#label(stage, token);
    return {};
  }

  #move({ VersionStage, MoveToVersionId, RemoveFromVersionId, ...unknown }: Input): object {
    const from = this.versions.get(String(RemoveFromVersionId));
    const to = String(MoveToVersionId);
    if (Object.keys(unknown).length > 0 || from?.stages.has(String(VersionStage)) !== true || !this.versions.has(to))
      throw refusal("InvalidParameterException");
    if (VersionStage === "AWSCURRENT") this.#label("AWSPREVIOUS", String(RemoveFromVersionId));
    this.#label(String(VersionStage), to);
    return {};
  }

  #label(stage: string, id: string): void {
    for (const { stages } of this.versions.values()) stages.delete(stage);
    this.versions.get(id)?.stages.add(stage);
  }
}

const refusal = (name: string) =>
  Object.assign(new Error(name), { name, $fault: "client", $metadata: { attempts: 1 } });

const tokenOf = (rotation: number) => `${rotation}`.padStart(8, "0").concat("-0000-4000-8000-000000000000");
const STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"] as const;

interface Lambda extends Scene {
  readonly manager: SecretsManager;
  /** Calls the function as Secrets Manager does; a call that is never answered is the function's timeout. */
  readonly call: (step: (typeof STEPS)[number], rotation?: number) => Promise<unknown>;
}

let given: Lambda;
beforeEach(async () => {
  const plain = await scene();
  const { directory, env, previous } = plain;
  writeFileSync(join(directory, "rotation.mjs"), blockWith("js", "// rotation.mjs"));
  const sdk = join(directory, "node_modules/@aws-sdk/client-secrets-manager");
  mkdirSync(sdk, { recursive: true });
  writeFileSync(join(sdk, "package.json"), '{"type":"module","exports":"./index.js"}');
  writeFileSync(join(sdk, "index.js"), SDK);
  const library = `--alias:atlas-service-account-secrets=${ROOT}/src/index.ts`;
  writeFileSync(
    join(directory, "npx"),
    `#!/bin/sh\nshift 2\nexec ${ROOT}/node_modules/.bin/esbuild --log-level=error ${library} "$@"`,
  );
  chmodSync(join(directory, "npx"), 0o755);
  execFileSync("/bin/sh", ["-ec", blockWith("sh", "rotation.mjs")], {
    cwd: directory,
    env: { ...env, PATH: `${directory}:${env["PATH"]}` },
  });
  const manager = new SecretsManager();
  const initial = { groupId: GROUP_ID, orgId: ORG_ID, clientId, clientSecret: previous.value, secretId: previous.id };
  manager.versions.set(tokenOf(0), { value: JSON.stringify(initial), stages: new Set(["AWSCURRENT"]) });
  Object.assign(globalThis, { secretsManager: manager });
  // The function reads them when it is loaded.
  const before = { ...process.env };
  Object.assign(process.env, env);
  onTestFinished(() => {
    for (const name of Object.keys(env)) delete process.env[name];
    Object.assign(process.env, before);
  });
  const { handler } = await import(pathToFileURL(join(directory, "lambda/index.mjs")).href);
  const call: Lambda["call"] = (Step, rotation = 1) =>
    handler({ SecretId: "reports/atlas", ClientRequestToken: tokenOf(rotation), Step });
  given = { ...plain, manager, call };
});

const isStoring = ({ VersionStages }: Input) => VersionStages?.includes("AWSPENDING") === true;
const live = () => given.server.accounts.secretsOf(clientId).map(({ value }) => value);
const inUse = () => given.manager.holding("AWSCURRENT")?.clientSecret;

describe("the Lambda function for AWS Secrets Manager", () => {
  it("rotates again and again, and keeps the secret that was replaced until the next time", async () => {
    let before = inUse();
    for (const rotation of [1, 2, 3]) {
      for (const step of STEPS) {
        // Each is repeated if its answer was lost.
        await given.call(step, rotation);
        await given.call(step, rotation);
        expect(live()).toContain(inUse());
      }
      expect(live()).toEqual([before, inUse()]);
      before = inUse();
    }
    expect(JSON.stringify([...given.manager.versions].at(-1))).not.toContain("mdb_sa_sk_");
  });

  it("does not put a secret into use that does not work", async () => {
    await given.call("createSecret");
    const [, { id } = expect.fail("there is no new secret")] = given.server.accounts.secretsOf(clientId);
    given.server.accounts.deleteSecret(clientId, id);
    await expect(given.call("testSecret")).rejects.toMatchObject({ code: "ERR_ATLAS_AUTH" });
    expect(live()).toEqual([inUse()]);
  });

  it("deletes the new secret again if storing it is refused, and creates another when it is called again", async () => {
    given.manager.fault = { hits: isStoring, applied: false, error: refusal("AccessDeniedException") };
    await expect(given.call("createSecret")).rejects.toMatchObject({ step: "store", created: { now: "deleted" } });
    expect(live()).toEqual([inUse()]);
    for (const step of STEPS) await given.call(step);
    expect(live()).toEqual([given.previous.value, inUse()]);
  });

  it.each([false, true])("goes on with what may have been stored (%s) when it is called again", async (applied) => {
    given.manager.fault = { hits: isStoring, applied, error: new Error("the connection was lost") };
    await expect(given.call("createSecret")).rejects.toMatchObject({ step: "store", created: { now: "alive" } });
    const [, created] = live();
    for (const step of STEPS) await given.call(step);
    expect(live()).toEqual([given.previous.value, inUse()]);
    expect(inUse() === created).toBe(applied);
  });

  it("can be cut off at any of its calls, and the next one finishes what it has begun", async () => {
    await rotateAgainAndAgain(1);
    const { calls } = given.manager;
    expect(calls).toBeGreaterThan(8);
    for (let call = 1, rotation = 2; call <= calls; call += 1) {
      for (const applied of [false, true]) {
        await rotateAgainAndAgain(rotation, { call: given.manager.calls + call, applied });
        rotation += 1;
      }
    }
  });
});

/** Calls each step until it ends well, as Secrets Manager does; a call that is cut off is repeated. */
async function rotateAgainAndAgain(rotation: number, cut?: { readonly call: number; readonly applied: boolean }) {
  const { manager, server } = given;
  const cutOff = new Promise<"cut off">((resolve) => {
    if (cut === undefined) return;
    const { call, applied } = cut;
    manager.fault = { hits: (_input, nth) => nth === call, applied, onHang: () => resolve("cut off") };
  });
  let isCut = false;
  for (const step of STEPS) {
    for (let tries = 1; ; tries += 1) {
      const ended = given.call(step, rotation).catch((error: unknown) => error);
      const outcome = await (isCut ? ended : Promise.race([ended, cutOff]));
      expect(live()).toContain(inUse());
      expect(live().length).toBeLessThanOrEqual(2);
      if (outcome === undefined) break;
      expect(tries).toBeLessThan(3);
      if (outcome === "cut off") isCut = true;
      else {
        // It was cut off while a secret was being created: a person looks, deletes what nothing uses, and says so.
        expect(outcome).toMatchObject({ step: "create", outcome: "unknown", remedies: [{ action: "look-in-atlas" }] });
        for (const { id, value } of server.accounts.secretsOf(clientId)) {
          if (value !== inUse()) server.accounts.deleteSecret(clientId, id);
        }
        process.env["ACCEPT_UNKNOWN"] = "true";
      }
    }
  }
  delete process.env["ACCEPT_UNKNOWN"];
}

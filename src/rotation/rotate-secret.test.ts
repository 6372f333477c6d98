/**
 * A rotation that succeeds: its steps, what it returns, and whose secret it may be.
 */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { createAtlasClient } from "../client.js";
import { ADMIN, type FakeAtlas, GROUP_ID, ORG_ID } from "../testing/atlas/start-atlas.js";
import { errorOf } from "../testing/scripted-client.js";
import { rotateSecret } from "./rotate-secret.js";
import type { NewSecret } from "./rotation-plan.js";
import { SecretNotStoredError, SecretRotationError } from "./secret-rotation-error.js";
import { clientId, expectNothingLost, rotationScenario } from "./testing/rotation-scenario.js";

/** Without revocations, which are under way beside the steps. */
const sent = ({ requests }: FakeAtlas) => requests.filter(({ kind }) => kind !== "revoke");

describe("a rotation", () => {
  it("creates, verifies with a token, stores and deletes the previous secret, in this order", async () => {
    const scenario = await rotationScenario();
    const { server, atlas, plan, previous, steps } = scenario;
    const { secret, previous: fate } = await rotateSecret(atlas, plan());
    expect(fate).toBe("deleted");
    expect(sent(server).map(({ kind, clientId: of, secretId }) => [kind, of, secretId])).toEqual([
      ["token", ADMIN.clientId, undefined],
      ["create", clientId, undefined],
      ["token", clientId, undefined],
      ["delete", clientId, previous.id],
    ]);
    const account = { orgId: ORG_ID, clientId };
    expect(steps).toEqual([
      { step: "create", remedies: [{ action: "look-in-atlas", ...account }] },
      {
        step: "verify",
        secretId: secret.id,
        remedies: [{ action: "delete-secret", ...account, secretId: secret.id }],
      },
      { step: "store", secretId: secret.id, remedies: [{ action: "look-in-atlas", ...account, secretId: secret.id }] },
      {
        step: "delete-previous",
        secretId: secret.id,
        remedies: [{ action: "delete-secret", ...account, secretId: previous.id }],
      },
    ]);
    expect(server.accounts.secretsOf(clientId)).toMatchObject([{ id: secret.id, value: scenario.stored }]);
    expectNothingLost(scenario, undefined);
  });

  it("hands the whole secret to store, and stores before it deletes", async () => {
    const { server, atlas, plan, previous } = await rotationScenario();
    let stored: NewSecret | undefined;
    const store = async (secret: NewSecret) => {
      expect(server.accounts.secretsOf(clientId).map(({ id }) => id)).toEqual([previous.id, secret.id]);
      await new Promise((resolve) => setImmediate(resolve));
      stored = secret;
    };
    await rotateSecret(atlas, plan({ store }));
    const [left] = server.accounts.secretsOf(clientId);
    expect(stored).toEqual({
      id: left?.id,
      createdAt: left?.createdAt,
      expiresAt: left?.expiresAt,
      maskedSecretValue: expect.any(String),
      secret: left?.value,
    });
  });

  it("returns the secret so that a log shows its id and not its value", async () => {
    const scenario = await rotationScenario();
    const result = await rotateSecret(scenario.atlas, scenario.plan());
    expect(result.secret.secret).toBe(scenario.stored);
    expect(inspect(result, { depth: 5 })).not.toContain(scenario.stored);
    expect(JSON.stringify(result)).not.toContain(scenario.stored);
    expect(JSON.parse(JSON.stringify(result))).toMatchObject({ secret: { id: result.secret.id }, previous: "deleted" });
  });

  it("without a previous secret keeps what there is", async () => {
    const { server, atlas, plan, previous } = await rotationScenario();
    const result = await rotateSecret(atlas, plan({ previousSecretId: undefined }));
    expect(result.previous).toBe("kept");
    expect(server.accounts.secretsOf(clientId).map(({ id }) => id)).toEqual([previous.id, result.secret.id]);
    expect(server.requests.filter(({ kind }) => kind === "delete")).toHaveLength(0);
  });

  it("that has done everything is not undone by an abort", async () => {
    const { atlas, plan, controller } = await rotationScenario();
    const store = () => controller.abort();
    const result = await rotateSecret(atlas, plan({ previousSecretId: undefined, store }));
    expect(result.previous).toBe("kept");
  });

  it("with `verify: false` asks for no token of the new secret", async () => {
    const { server, atlas, plan, steps } = await rotationScenario();
    await rotateSecret(atlas, plan({ verify: false }));
    expect(server.requests.map(({ kind }) => kind)).toEqual(["token", "create", "delete"]);
    expect(steps.map(({ step }) => step)).toEqual(["create", "store", "delete-previous"]);
  });

  it("goes on whatever an observer does", async () => {
    const scenario = await rotationScenario();
    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(warning.message);
    process.on("warning", listen);
    const onStep = (): never => {
      throw new Error("no room in the log");
    };
    const { previous } = await rotateSecret(scenario.atlas, scenario.plan({ onStep }));
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", listen);
    expect(previous).toBe("deleted");
    expect(warnings.filter((warning) => warning === "onStep threw: no room in the log")).toHaveLength(4);
  });

  it("follows the plan as it was when it was started", async () => {
    const scenario = await rotationScenario();
    const plan: { -readonly [Name in keyof ReturnType<typeof scenario.plan>]: ReturnType<typeof scenario.plan>[Name] } =
      scenario.plan();
    const rotation = rotateSecret(scenario.atlas, plan);
    plan.store = () => expect.fail("this one was not given");
    plan.previousSecretId = "0".repeat(24);
    expect((await rotation).previous).toBe("deleted");
    expectNothingLost(scenario, undefined);
  });

  it("leaves no listener on the caller's signal", async () => {
    const { atlas, plan, controller } = await rotationScenario();
    let listeners = 0;
    const { signal } = controller;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    await rotateSecret(atlas, plan());
    expect(listeners).toBe(0);
  });
});

/** A client that signs in as the account that it rotates. */
async function selfRotation() {
  const scenario = await rotationScenario();
  const credentials = { clientId, clientSecret: scenario.previous.value };
  const atlas = createAtlasClient({ credentials, baseUrl: scenario.server.url, retry: false });
  return { ...scenario, scenario, atlas };
}

describe("a client that rotates its own secret", () => {
  it("deletes the previous one with a token of the new one, which proves it", async () => {
    const { server, atlas, plan, previous, scenario } = await selfRotation();
    const { secret } = await rotateSecret(atlas, plan());
    expect(sent(server).map(({ kind, signedWith }) => [kind, signedWith])).toEqual([
      ["token", previous.id],
      ["create", previous.id],
      ["token", secret.id],
      ["token", secret.id],
      ["delete", secret.id],
    ]);
    expectNothingLost(scenario, undefined);
  });

  it("switches to the new one, also if the previous one is kept", async () => {
    const { server, atlas, plan, previous } = await selfRotation();
    const { secret } = await rotateSecret(atlas, plan({ previousSecretId: undefined }));
    await atlas.deleteOrgServiceAccountSecret({ orgId: ORG_ID, clientId, secretId: previous.id });
    expect(server.requests.at(-1)).toMatchObject({ kind: "delete", signedWith: secret.id });
  });

  it("knows its own account by another spelling of the same digits", async () => {
    const { server, atlas, plan } = await selfRotation();
    const { secret } = await rotateSecret(atlas, plan({ clientId: clientId.replace("b2c3d4", "B2C3D4") }));
    expect(server.requests.at(-1)).toMatchObject({ kind: "delete", signedWith: secret.id });
  });

  it("keeps the old one if the new one may not have been stored", async () => {
    const { server, atlas, plan, previous, scenario } = await selfRotation();
    const store = () => Promise.reject(new Error("perhaps"));
    const error = await errorOf(rotateSecret(atlas, plan({ store })), SecretRotationError);
    expectNothingLost(scenario, error);
    await atlas.deleteOrgServiceAccountSecret({ orgId: ORG_ID, clientId, secretId: error.created?.id ?? "" });
    expect(server.requests.at(-1)).toMatchObject({ kind: "delete", signedWith: previous.id });
  });

  it("compensates with the old one", async () => {
    const { server, atlas, plan, previous, scenario } = await selfRotation();
    const store = () => Promise.reject(new SecretNotStoredError("no"));
    const error = await errorOf(rotateSecret(atlas, plan({ store })), SecretRotationError);
    expect(error.created?.now).toBe("deleted");
    expect(server.requests.at(-1)).toMatchObject({ kind: "delete", signedWith: previous.id });
    expectNothingLost(scenario, error);
  });

  it("says so if the new one, not verified, cannot sign in for the deletion", async () => {
    const { server, atlas, plan, previous, scenario } = await selfRotation();
    server.setFaults(({ kind, signedWith }) =>
      kind === "token" && signedWith !== previous.id ? { applied: false, ends: { status: 401 } } : undefined,
    );
    const error = await errorOf(rotateSecret(atlas, plan({ verify: false })), SecretRotationError);
    expect(error).toMatchObject({ step: "delete-previous", previous: "kept", created: { now: "alive" } });
    expect(error.cause).toMatchObject({ code: "ERR_ATLAS_AUTH" });
    expectNothingLost(scenario, error);
  });
});

describe("a client that signs in otherwise", () => {
  it("rotates with an access token, and never asks for one of its own", async () => {
    const scenario = await rotationScenario();
    const { server, plan, previous } = scenario;
    const account = { clientId, orgId: ORG_ID, groupIds: [GROUP_ID] };
    const accessToken = server.accounts.issueToken({ secret: previous, account });
    const atlas = createAtlasClient({ credentials: { accessToken }, baseUrl: server.url, retry: false });
    // The token belongs to the previous secret, which is still alive when it is deleted.
    await rotateSecret(atlas, plan({ groupId: GROUP_ID, orgId: ORG_ID }));
    expect(sent(server).map(({ kind }) => kind)).toEqual(["create", "token", "delete"]);
    expectNothingLost(scenario, undefined);
  });
});

import { EventEmitter } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ADMIN, type AtlasRequest, GROUP_ID, ORG_ID } from "../../testing/atlas/start-atlas.js";
import { clientId, command, liveIds, type Scene, scene } from "../testing/command.js";

const rotation = ({ previous, directory }: Scene) => [
  ...["rotate", "--expires-after-hours", "720", "--previous-secret-id", previous.id],
  ...["--secret-file", join(directory, "atlas.secret")],
];

const storing = ({ previous }: Scene, exec: string) => [
  ...["rotate", "--expires-after-hours", "720", "--previous-secret-id", previous.id],
  ...["--exec", exec],
];

const isCreation = ({ kind }: AtlasRequest) => kind === "create";
const isVerification = ({ kind, clientId: account }: AtlasRequest) => kind === "token" && account === clientId;
const isDeletion = ({ kind }: AtlasRequest) => kind === "delete";

/** Runs a command that is sent a signal while the server holds such a request. */
async function interrupted(
  given: Scene,
  args: readonly string[],
  during: (request: AtlasRequest) => boolean,
  name = "SIGINT",
  columns?: number,
) {
  const signals = new EventEmitter();
  given.server.setFaults((request) => {
    if (during(request)) signals.emit(name);
    return undefined;
  });
  return command(args, { env: given.env, signals, ...(columns === undefined ? {} : { columns }) });
}

describe("a signal", () => {
  it("SIGHUP is ignored without a terminal, as under nohup", async () => {
    const given = await scene();
    const ended = await interrupted(given, rotation(given), isCreation, "SIGHUP");
    expect(ended).toMatchObject({ exitCode: 0, json: { status: "rotated" } });
    expect(ended.stderr).not.toContain("SIGHUP");
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"])(
    "%s at the creation lets it finish and deletes the new secret again",
    async (name) => {
      const given = await scene();
      const ended = await interrupted(given, rotation(given), isCreation, name, 80);
      expect(ended).toMatchObject({ exitCode: 3, json: { status: "failed", clientId, exitCode: 3 } });
      expect(ended.stderr).toContain(`${name}: finishing the current step`);
      expect(ended.stderr).toMatch(/created secret [a-f0-9]{24} of/);
      expect(ended.stderr).toContain("has been deleted again");
      expect(liveIds(given)).toEqual([given.previous.id]);
    },
  );

  it("at the verification deletes the new secret again", async () => {
    const given = await scene();
    const ended = await interrupted(given, rotation(given), isVerification);
    expect(ended).toMatchObject({ exitCode: 3, json: { status: "failed", clientId, exitCode: 3 } });
    expect(liveIds(given)).toEqual([given.previous.id]);
  });

  it("while the command stores lets it finish, and leaves both alive", async () => {
    const given = await scene();
    const signals = new EventEmitter();
    const told = join(given.directory, "told");
    const store = `echo storing; cat > /dev/null; until [ -e '${told}' ]; do sleep 0.1; done; echo stored`;
    const ended = await command(storing(given, store), {
      env: given.env,
      signals,
      onStderr(text) {
        if (text !== "storing\n") return;
        signals.emit("SIGINT");
        writeFileSync(told, "");
      },
    });
    expect(ended).toMatchObject({ exitCode: 3, json: { status: "failed", clientId, exitCode: 3 } });
    expect(ended.stderr).toContain("\nstored\n");
    expect(ended.stderr).toContain("is alive as well");
    expect(liveIds(given)).toHaveLength(2);
  });

  it("while only the token is being revoked, ends the process with the code of what was done", async () => {
    const given = await scene();
    const signals = new EventEmitter();
    const codes: number[] = [];
    const isLast = ({ kind, clientId: of }: AtlasRequest) => kind === "revoke" && of === ADMIN.clientId;
    given.server.setFaults((request) => void (isLast(request) && signals.emit("SIGINT")));
    const ended = await command(rotation(given), { env: given.env, signals, exit: (code) => codes.push(code) });
    expect(codes).toEqual([0]);
    expect(ended.stderr).not.toContain("finishing");
  });

  it("at the last step comes too late, and all is done", async () => {
    const given = await scene();
    const ended = await interrupted(given, rotation(given), isDeletion);
    expect(ended.exitCode).toBe(0);
    expect(liveIds(given)).not.toContain(given.previous.id);
  });

  it.each([
    ["rotate", rotation],
    ["create", () => ["create", "--expires-after-hours", "8"]],
    ["delete", ({ previous }: Scene) => ["delete", "--secret-id", previous.id]],
  ] as const)("before %s has sent anything, exits 130 with nothing changed", async (name, argsOf) => {
    const given = await scene();
    const { exitCode, json } = await interrupted(given, argsOf(given), ({ kind }) => kind === "token");
    const named = name === "delete" ? { id: given.previous.id } : {};
    expect({ exitCode, json }).toEqual({
      exitCode: 130,
      json: { status: "interrupted", clientId, exitCode, ...named },
    });
    expect(liveIds(given)).toEqual([given.previous.id]);
  });

  it("at a creation alone lets it finish and prints it: nothing else knows the value", async () => {
    const given = await scene();
    const signals = new EventEmitter();
    given.server.setFaults((request) => {
      if (isCreation(request)) signals.emit("SIGINT");
      return undefined;
    });
    const args = ["create", "--expires-after-hours", "8"];
    const ended = await command(args, { env: given.env, signals }, { printsSecret: true });
    expect(ended.exitCode).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({ secret: given.server.accounts.secretsOf(clientId)[1]?.value });
  });

  it("between two attempts of a deletion exits 3, because the first may have done it", async () => {
    const given = await scene();
    const signals = new EventEmitter();
    given.server.setFaults((request) => (isDeletion(request) ? { applied: true, ends: { status: 503 } } : undefined));
    const args = ["delete", "--secret-id", given.previous.id];
    const onStderr = (text: string) => void (text.includes("trying again") && signals.emit("SIGINT"));
    const ended = await command(args, { env: given.env, signals, columns: 80, onStderr });
    expect(ended).toMatchObject({ exitCode: 3, json: { status: "failed", clientId, exitCode: 3 } });
    expect(ended.stderr).toContain(`secret ${given.previous.id} of ${clientId} may have been deleted`);
  });
});

describe("a second signal", () => {
  /** Sends one signal at one moment and another at a later one; -1 where the command came to its end by itself. */
  async function insisted(
    given: Scene,
    args: readonly string[],
    moments: { first?: (request: AtlasRequest) => boolean; second?: (request: AtlasRequest) => boolean; said?: string },
  ): Promise<{ code: number; said: string; json: unknown }> {
    const signals = new EventEmitter();
    let said = "";
    let printed = "";
    let code: number | undefined;
    const insist = async () => {
      await sleep(600);
      signals.emit("SIGINT");
    };
    given.server.setFaults(async (request) => {
      if (moments.first?.(request)) signals.emit("SIGINT");
      if (moments.second?.(request)) await insist();
      return undefined;
    });
    const ended = await command(args, {
      env: given.env,
      signals,
      stdout: {
        async write(text) {
          if (code === undefined) printed += text;
        },
      },
      onStderr(text) {
        said += text;
        if (moments.said === undefined || !text.includes(moments.said)) return;
        signals.emit("SIGINT");
        void insist();
      },
      // The process would end here; in the test it goes on.
      exit(exitCode) {
        code ??= exitCode;
        said += "(end)";
        if (existsSync(given.directory)) writeFileSync(join(given.directory, "exited"), "");
      },
    });
    return { code: code ?? -ended.exitCode, said: said.split("(end)", 1)[0] ?? "", json: JSON.parse(printed) };
  }

  it("at the creation stops at once, and says that a secret may exist", async () => {
    const given = await scene();
    const { code, said, json } = await insisted(given, rotation(given), { first: isCreation, second: isCreation });
    expect(code).toBe(3);
    const remedies = [{ action: "look-in-atlas", orgId: ORG_ID, clientId }];
    const error = { code: "ERR_STOPPED", outcome: "unknown", message: "SIGINT: stopped at once" };
    expect(json).toEqual({ status: "failed", clientId, exitCode: 3, step: "create", remedies, error });
    expect(said).toContain("SIGINT: stopped at once; check the following:");
    expect(said).toContain(
      `stopped while creating a secret of ${clientId}. Look in Atlas at the secrets of ${clientId}`,
    );
  });

  it("at the compensation stops at once, and says which secret is left over", async () => {
    const given = await scene();
    const { code, said, json } = await insisted(given, rotation(given), { first: isVerification, second: isDeletion });
    const [, id] = /created secret (\w+)/.exec(said) ?? [];
    expect(code).toBe(3);
    expect(json).toMatchObject({ step: "compensate", created: { id, now: "unknown" } });
    expect(said).toContain(
      `stopped while deleting the new secret again of ${clientId}. Delete secret ${id}: \`atlas-secrets delete --org-id`,
    );
  });

  it("while the command stores stops at once, and says that it may be stored", async () => {
    const given = await scene();
    const args = storing(
      given,
      `echo the command runs; cat > /dev/null; until [ -e ${given.directory}/exited ]; do sleep 0.05; done`,
    );
    const { code, said, json } = await insisted(given, args, { said: "the command runs" });
    expect(code).toBe(3);
    expect(json).toMatchObject({ step: "store", created: { now: "alive" }, remedies: [{ action: "look-in-atlas" }] });
    expect(said).toContain(`stopped while storing the new secret of ${clientId}. Find out which secret is in use`);
  });

  it("in a fleet prints what is not done, each as if it had failed by itself", async () => {
    const given = await scene();
    const accounts = ["a", "b", "c"].map((digit) => `mdb_sa_id_${digit.repeat(24)}`);
    for (const account of accounts) given.server.addAccount(account);
    const rotations = accounts.map((account) => ({ clientId: account, exec: "cat > /dev/null" }));
    const defaults = { groupId: GROUP_ID, orgId: ORG_ID, secretExpiresAfterHours: 720 };
    const fleet = join(given.directory, "fleet.json");
    writeFileSync(fleet, JSON.stringify({ defaults, rotations }));
    const second = ({ kind, clientId: of }: AtlasRequest) => kind === "create" && of === accounts[1];
    const args = ["rotate", "--fleet", fleet, "--concurrency", "1"];
    const { code, json } = await insisted(given, args, { first: second, second });
    expect(code).toBe(3);
    // The first is done.
    expect(json).toMatchObject({
      rotations: [
        { status: "failed", clientId: accounts[1], step: "create", remedies: [{ action: "look-in-atlas" }] },
        { status: "interrupted", clientId: accounts[2], exitCode: 130 },
      ],
    });
    expect(json).toHaveProperty("rotations.length", 2);
  });

  it("before anything was changed exits 130", async () => {
    const given = await scene();
    const hanging = ({ kind }: AtlasRequest) => kind === "token";
    const args = ["delete", "--secret-id", given.previous.id];
    // A deletion ends by itself at the first signal, while it waits for a token.
    expect(await insisted(given, args, { first: hanging, second: hanging })).toMatchObject({ code: -130 });
  });

  it("is not what one press of Ctrl-C becomes where npm passes it on as well", async () => {
    const given = await scene();
    const twice = (request: AtlasRequest) => isCreation(request) && signals.emit("SIGINT") && signals.emit("SIGINT");
    const signals = new EventEmitter();
    given.server.setFaults((request) => void twice(request));
    const ended = await command(rotation(given), { env: given.env, signals });
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).not.toContain("stopped at once");
    expect(liveIds(given)).toEqual([given.previous.id]);
  });
});

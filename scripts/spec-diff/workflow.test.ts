/**
 * The workflow that the README shows: its last step, run as it stands.
 */
import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import type { Json } from "./testing/documents.js";
import { type Change, places, set } from "./testing/editing.js";

const { del, hours, apiError } = places;

describe("the workflow of the README", { timeout: 120_000 }, () => {
  /** Its last step, run by the shell that GitHub runs it with; `gh` is a stand-in that knows no issue or one. */
  async function runStep(document: string, issue = "") {
    const readme = await readFile("scripts/spec-diff/README.md", "utf8");
    const step = /- run: \|\n((?: {10}.+\n)+)```/.exec(readme)?.[1] ?? expect.fail("there is no step");
    const temp = await mkdtemp(join(tmpdir(), "spec-diff-runner-"));
    onTestFinished(() => rm(temp, { recursive: true }));
    await writeFile(join(temp, "gh"), `#!/bin/sh\n[ "$2" = create ] && cp "$6" "${temp}/issue" || echo "${issue}"\n`);
    await chmod(join(temp, "gh"), 0o755);
    const env = { PATH: `${temp}:${process.env["PATH"]}`, RUNNER_TEMP: temp, DOCUMENT: document, TITLE: "a title" };
    const { status } = spawnSync("bash", ["-e", "-c", step], { env: { ...process.env, ...env }, stdio: "ignore" });
    return { status, issue: await readFile(join(temp, "issue"), "utf8").catch(() => undefined) };
  }

  const own = "openapi/atlas-service-account-secrets.yaml";
  async function edited(change: Change): Promise<string> {
    const document: Json = parse(await readFile(own, "utf8"));
    change(document);
    const folder = await mkdtemp(join(tmpdir(), "spec-diff-document-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, "document.json"), JSON.stringify(document));
    return join(folder, "document.json");
  }

  it("opens an issue with the differences if something is breaking or is to end, and there is none", async () => {
    const breaking = await edited(set([...hours, "maximum"], 8760));
    const { status, issue } = await runStep(breaking);
    expect(status).toBe(0);
    expect(issue).toMatch(/^ {4}breaking {2}maximum of request body \$\.secretExpiresAfterHours$/m);
    expect(await runStep(breaking, "17")).toEqual({ status: 0, issue: undefined });
    expect((await runStep(await edited(set([...del, "x-sunset"], "2999-07-01")))).issue).toContain("2999-07-01");
  });

  it("opens none if nothing is, and fails if it cannot be found out", async () => {
    const compatible = await edited(set([...apiError, "properties", "more"], {}));
    expect(await runStep(compatible)).toEqual({ status: 0, issue: undefined });
    expect(await runStep("no-such-file.yaml")).toEqual({ status: 2, issue: undefined });
  });
});

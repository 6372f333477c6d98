/** `npm run conformance` without its process: holds a server to the contract. */
import { access, constants, stat, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { ContractError } from "../../contract-tests/contract/document.js";
import { CONTRACT_FILE, type Contract, readContract } from "../../contract-tests/contract/operations.js";
import { AtlasRequestError } from "../../src/errors.js";
import { optionsFromEnv } from "../../src/options/client-options.js";
import { CommandError, command, EXIT, flag, integer, seconds, suggestion, text, UsageError } from "../command.js";
import { CHECKS, type CheckName } from "./checks.js";
import { CannotCheck } from "./http/server.js";
import { htmlOf, junitOf } from "./output/documents.js";
import { annotationsOf, textOf } from "./output/text.js";
import type { Report } from "./report.js";
import { type ConformanceOptions, runConformance } from "./run.js";
import type { TargetOptions } from "./target.js";

/** What ends the run early, and what is called with the words for what it is doing; with none for nothing, for now. */
type CommandHooks = Pick<ConformanceOptions, "signal" | "onProgress">;

const LARGEST_SEED = 2 ** 32 - 1;

const FORMATS: Readonly<Record<string, (report: Report) => string>> = {
  ".json": (report) => `${JSON.stringify(report, undefined, 2)}\n`,
  ".xml": junitOf,
  ".html": htmlOf,
};

const OPTIONS = {
  target: text("url", "the server: https, or http on this machine (default: the project's own mock)"),
  "project-id": text("id", "project of the account under test; needed, like the next two, for a server elsewhere"),
  "org-id": text("id", "its organization"),
  "client-id": text("id", "the account whose secrets are created and deleted; the check must sign in with another"),
  "group-id": text("id", "the same as --project-id"),
  "other-project-id": text("id", "a project that exists and is not the account's: it must not lead to the account"),
  "other-org-id": text("id", "an organization, in the same way"),
  "other-client-id": text("id", "another account, in the same way"),
  "secrets-held": integer("n", "how many secrets the account has; else room for fewer than two is no fault", 0, 100),
  "yes-create-real-secrets": flag("allow a server that is not on this machine"),
  only: text("names", "these checks or operationIds only, separated by commas"),
  exclude: text("names", "all but these"),
  report: text("files", "write the report to file.json, file.xml (JUnit) or file.html; several with commas between"),
  github: flag("print failures as annotations for GitHub Actions too"),
  seed: integer("n", "the same seed makes the same cases (default: drawn, and shown)", 0, LARGEST_SEED),
  timeout: seconds("seconds", "how long a response may take (default: 10)", 600),
  spec: text("file", "the contract (default: openapi/atlas-service-account-secrets.yaml)"),
};

const AFTER_HELP = `Checks:
  ${CHECKS.join("\n  ")}

Credentials are set in the environment: MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET,
MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY, or MONGODB_ATLAS_ACCESS_TOKEN. They must belong to another
account than --client-id: creating a secret shortens the life of the account's others. The check deletes every secret
that it creates, has at most one at a time on a server that is not on this machine, and lists what could not be deleted.

Exit codes: 0 conforms, 1 does not conform, 2 wrong usage or no run possible, 129, 130, 131 or 143 interrupted (SIGHUP, SIGINT,
SIGQUIT, SIGTERM)

Example:
  MONGODB_ATLAS_ACCESS_TOKEN=mock-access-token npm run conformance -- --target http://127.0.0.1:4010 --seed 7`;

export function conformanceCommand({ signal, onProgress = () => undefined }: CommandHooks = {}) {
  return command({
    name: "conformance",
    about:
      "Holds a server to the contract: sends requests that are derived from it, valid and broken ones, and has the " +
      "responses judged by Prism's validators.",
    options: OPTIONS,
    afterHelp: AFTER_HELP,
    async run(values, { env, out, columns }) {
      const { seed = Math.floor(Math.random() * LARGEST_SEED), timeout = 10, report: files } = values;
      const writers = await Promise.all((files?.split(",") ?? []).map(reportWriter));
      try {
        const spec = await readContract(values.spec ?? CONTRACT_FILE);
        const selects = selection(values, spec);
        const target = targetOptions(values, env);
        const timeoutMs = Math.ceil(timeout * 1000);
        const running = runConformance({ target, spec, seed, timeoutMs, selects, signal, onProgress });
        const report = await running.finally(() => onProgress(""));
        out(textOf(report, columns));
        for (const line of values.github ? annotationsOf(report) : []) out(line);
        await Promise.all(writers.map((write) => write(report)));
        return report.conforms ? EXIT.ok : EXIT.found;
      } catch (error) {
        const isOfSystem = error instanceof Error && "syscall" in error;
        // Any other error is a defect, which shows where.
        if (!(error instanceof ContractError || error instanceof CannotCheck || isOfSystem)) throw error;
        throw new CommandError([error.message]);
      }
    },
  });
}

type Values = Parameters<Parameters<typeof command<typeof OPTIONS>>[0]["run"]>[0];

/** Before the run: that its report cannot be written should not be learned at its end. */
async function reportWriter(path: string): Promise<(report: Report) => Promise<void>> {
  const [, format] = Object.entries(FORMATS).find(([end]) => path.endsWith(end)) ?? [];
  if (format === undefined) {
    const ends = Object.keys(FORMATS).join(" or ");
    throw new UsageError(`--report takes names that end with ${ends}, not ${JSON.stringify(path)}`);
  }
  try {
    const existing = await stat(path).catch(() => undefined);
    await access(existing === undefined ? dirname(resolve(path)) : path, constants.W_OK);
    if (existing?.isDirectory()) throw new Error("a folder");
  } catch {
    throw new UsageError(`--report ${path}: nothing can be written there`);
  }
  return (report) => writeFile(path, format(report));
}

function targetOptions(values: Values, env: Parameters<typeof optionsFromEnv>[0]): TargetOptions | undefined {
  const { target: url, "project-id": projectId, "group-id": alias } = values;
  if (url === undefined) {
    // Ids without a target would be a mistake that goes unnoticed: the mock takes its own.
    const needTarget = Object.entries(values).filter(([name]) => /-id$|^secrets-|^yes-/.test(name));
    const given = needTarget.filter(([, value]) => value !== undefined && value !== false);
    if (given.length === 0) return undefined;
    throw new UsageError(...given.map(([name]) => `--${name} needs a --target`));
  }
  if (projectId !== undefined && alias !== undefined) {
    throw new UsageError("--project-id and --group-id are the same: give one of them");
  }
  try {
    return {
      url,
      credentials: optionsFromEnv(env).credentials,
      ids: { groupId: projectId ?? alias, orgId: values["org-id"], clientId: values["client-id"] },
      otherIds: {
        groupId: values["other-project-id"],
        orgId: values["other-org-id"],
        clientId: values["other-client-id"],
      },
      held: values["secrets-held"],
      createRealSecrets: values["yes-create-real-secrets"],
    };
  } catch (error) {
    throw error instanceof AtlasRequestError ? new UsageError(error.message) : error;
  }
}

/** Checks and operations by name; of both kinds at once, a check of an operation is selected by both. */
function selection(values: Values, { operations }: Contract): NonNullable<ConformanceOptions["selects"]> {
  const ids = operations.map(({ operationId }) => operationId);
  const known = [...CHECKS, ...ids];
  const only = namesIn("--only", values.only, known);
  const exclude = namesIn("--exclude", values.exclude, known);
  const admits = (name: string, kind: readonly string[]): boolean =>
    !exclude.includes(name) && (only.includes(name) || !only.some((each) => kind.includes(each)));
  const selects = (operationId: string, check: CheckName) => admits(check, CHECKS) && admits(operationId, ids);
  if (ids.some((operationId) => CHECKS.some((check) => selects(operationId, check)))) return selects;
  throw new UsageError("--only and --exclude leave nothing to check");
}

function namesIn(option: string, value: string | undefined, known: readonly string[]): readonly string[] {
  const given = value?.split(",").map((name) => name.trim()) ?? [];
  const names = given.filter((name) => name !== "");
  const unknown = names.length === 0 && value !== undefined ? [value] : names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return names;
  throw new UsageError(
    ...unknown.map((name) => {
      const meant = suggestion(name, known) || `. Known are ${known.join(", ")}`;
      return `${option}: no check and no operation is called ${JSON.stringify(name)}${meant}`;
    }),
  );
}

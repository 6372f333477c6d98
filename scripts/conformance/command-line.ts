/**
 * What the command line asks for.
 */
import { access, constants } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { AtlasRequestError } from "../../src/errors.js";
import { optionsFromEnv } from "../../src/options/options-from-env.js";
import { CHECKS, isCheckName } from "./checks.js";
import { type Contract, readContract } from "./contract/operations.js";
import { nearNames } from "./near-names.js";
import { isReportFile } from "./output/report-file.js";
import { LARGEST_SEED } from "./random.js";
import { type ConformanceOptions, OWN_CONTRACT } from "./run.js";
import { type TargetWish, UsageError } from "./target.js";

/** A wish that can be carried out. */
export interface Command {
  readonly options: ConformanceOptions;
  /** Where to write the report. */
  readonly report: string | undefined;
}

const OPTIONS = {
  target: { type: "string" },
  "group-id": { type: "string" },
  "org-id": { type: "string" },
  "client-id": { type: "string" },
  only: { type: "string", multiple: true },
  exclude: { type: "string", multiple: true },
  report: { type: "string" },
  seed: { type: "string" },
  timeout: { type: "string" },
  spec: { type: "string" },
  "yes-create-real-secrets": { type: "boolean" },
  help: { type: "boolean" },
} as const;

/**
 * Reads arguments and environment.
 *
 * @throws UsageError of one line where they make no sense; ContractError where the contract cannot be used.
 */
export async function readCommand(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Command | "help"> {
  const values = parse(args);
  if (values.help === true) return "help";
  const { report, spec, target } = values;
  if (report !== undefined) await requireReportFile(report);
  const seed = wholeNumber("--seed", values.seed, 0, LARGEST_SEED) ?? Math.floor(Math.random() * LARGEST_SEED);
  const seconds = values.timeout === undefined ? undefined : Number(values.timeout);
  if (seconds !== undefined && !(seconds > 0 && seconds <= 600)) {
    throw new UsageError(`--timeout takes seconds, from 0.001 to 600, not ${values.timeout}`);
  }
  const contract = await readContract(spec ?? OWN_CONTRACT);
  const selects = selection(values.only, values.exclude, contract);
  const timeoutMs = seconds === undefined ? undefined : Math.ceil(seconds * 1000);
  const wish = target === undefined ? refuseWithoutTarget(values) : targetWish(target, values, env);
  return { options: { target: wish, spec: contract, seed, timeoutMs, selects }, report };
}

type Values = ReturnType<typeof parse>;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    const message = error instanceof Error ? (error.message.split(/\.? To specify|\n/, 1)[0] ?? "") : String(error);
    const unknown = /Unknown option '(--[^']*)'/.exec(message)?.[1];
    const known = Object.keys(OPTIONS).map((name) => `--${name}`);
    throw new UsageError(unknown === undefined ? message : `unknown option ${unknown}${suggestion(unknown, known)}`);
  }
}

function targetWish(url: string, values: Values, env: Readonly<Record<string, string | undefined>>): TargetWish {
  const ids = { groupId: values["group-id"], orgId: values["org-id"], clientId: values["client-id"] };
  try {
    const { credentials } = optionsFromEnv(env);
    return { url, credentials, ids, createRealSecrets: values["yes-create-real-secrets"] === true };
  } catch (error) {
    if (error instanceof AtlasRequestError) throw new UsageError(error.message);
    throw error;
  }
}

/** Before the run: that its report cannot be written should not be learned at its end. */
async function requireReportFile(path: string): Promise<void> {
  if (!isReportFile(path)) throw new UsageError(`--report takes a name that ends with .json or .xml, not ${path}`);
  try {
    await access(dirname(resolve(path)), constants.W_OK);
  } catch {
    throw new UsageError(`--report ${path}: nothing can be written there`);
  }
}

/** Ids without a target would be a mistake that goes unnoticed: the mock takes its own. */
function refuseWithoutTarget(values: Values): undefined {
  for (const name of ["group-id", "org-id", "client-id", "yes-create-real-secrets"] as const) {
    if (values[name] !== undefined) throw new UsageError(`--${name} is for a --target, and none is named`);
  }
  return undefined;
}

/** Checks and operations by name; of both kinds at once, a check of an operation is selected by both. */
function selection(
  only: readonly string[] | undefined,
  exclude: readonly string[] | undefined,
  contract: Contract,
): ConformanceOptions["selects"] {
  if (only === undefined && exclude === undefined) return undefined;
  const operations = contract.operations.map(({ operationId }) => operationId);
  const included = namesIn("--only", only, operations);
  const excluded = namesIn("--exclude", exclude, operations);
  const onlyChecks = included.filter(isCheckName);
  const onlyOperations = included.filter((name) => !isCheckName(name));
  const selects = (operationId: string, check: string): boolean =>
    (onlyChecks.length === 0 || onlyChecks.some((name) => name === check)) &&
    (onlyOperations.length === 0 || onlyOperations.includes(operationId)) &&
    !excluded.includes(operationId) &&
    !excluded.includes(check);
  if (!operations.some((operationId) => CHECKS.some((check) => selects(operationId, check)))) {
    throw new UsageError("--only and --exclude leave nothing to check");
  }
  return selects;
}

function namesIn(option: string, values: readonly string[] | undefined, operations: readonly string[]): string[] {
  const names = (values ?? []).flatMap((value) => value.split(",")).map((name) => name.trim());
  const known = [...CHECKS, ...operations];
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new UsageError(`${option} knows no check and no operation ${JSON.stringify(name)}${suggestion(name, known)}`);
  }
  return names;
}

function suggestion(given: string, names: readonly string[]): string {
  const near = nearNames(given, names);
  return near.length === 0 ? `. Known are ${names.join(", ")}` : `. Did you mean ${near.join(" or ")}?`;
}

function wholeNumber(option: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${option} takes a whole number from ${least} to ${most}, not ${text}`);
}

/**
 * `--dry-run`: what would be done, step by step, with nothing of the credentials.
 */
import { type OperationDescription, operations } from "../../../generated/operations.js";
import type { SecretStore } from "../stores/secret-store.js";
import type { CommandIo } from "../terminal/command-io.js";
import { EXIT, type ExitCode } from "../terminal/exit-code.js";
import { type Output, printJson } from "../terminal/print-json.js";
import { baseUrlOf, type ClientOptions } from "./client-options.js";

/** One step as it would be carried out. */
export type PlannedStep =
  | { readonly step: string; readonly method: string; readonly path: string; readonly body?: object }
  | ({ readonly step: "store" } & SecretStore["name"]);

interface Ids {
  readonly groupId?: string;
  readonly orgId?: string;
  readonly clientId: string;
  readonly secretId?: string;
}

export function plannedCreation(ids: Ids, secretExpiresAfterHours: number | undefined): PlannedStep {
  return { ...request("create", operations.createGroupServiceAccountSecret, ids), body: { secretExpiresAfterHours } };
}

export function plannedDeletion(step: "delete" | "delete-previous", ids: Ids): PlannedStep {
  return request(step, operations.deleteOrgServiceAccountSecret, ids);
}

export function plannedStore({ name }: SecretStore): PlannedStep {
  return { step: "store", ...name };
}

/** A token is asked for with the new secret. */
export const PLANNED_VERIFICATION: PlannedStep = { step: "verify", method: "POST", path: "/api/oauth/token" };

function request(step: string, { method, path }: OperationDescription, ids: Ids) {
  const values = new Map<string, string>(Object.entries(ids));
  const filled = path.replace(/\{(\w+)\}/g, (template, name: string) => values.get(name) ?? template);
  return { step, method, path: filled };
}

export async function printPlan(
  output: Output & { readonly io: CommandIo },
  options: ClientOptions,
  plan: object,
): Promise<ExitCode> {
  const ifLost = { exitCode: EXIT.refused, lines: ["nothing was sent"] };
  await printJson(output, { dryRun: true, baseUrl: baseUrlOf(options, output.io), ...plan }, ifLost);
  return EXIT.done;
}

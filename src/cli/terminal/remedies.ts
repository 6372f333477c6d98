/**
 * What a person has to do, worded for the command line, and what they would have to do if the process ended now.
 */
import type { RotationRemedy, RotationStepEvent } from "../../index.js";
import type { Messages } from "./messages.js";

/** A remedy of the library's; `create` may not know the organization. */
export type Remedy = Omit<RotationRemedy, "orgId"> & { readonly orgId: string | undefined };

/** Each step as people call it; `delete` is the command's own. */
export const STEP_NAMES: Readonly<Record<RotationStepEvent["step"] | "delete", string>> = {
  create: "creating a secret",
  verify: "verifying the new secret",
  store: "storing the new secret",
  "delete-previous": "deleting the previous secret",
  compensate: "deleting the new secret again",
  delete: "deleting the secret",
};

/** With a command that can be copied. */
export function describeRemedy({ action, orgId = "ORG_ID", clientId, secretId }: Remedy): string {
  const deletion = (id: string) =>
    `\`atlas-secrets delete --org-id ${orgId} --client-id ${clientId} --secret-id ${id}\``;
  if (action === "delete-secret") return `Delete secret ${secretId}: ${deletion(secretId ?? "SECRET_ID")}`;
  if (secretId === undefined) {
    return `Look in Atlas at the secrets of ${clientId} and delete the one that nothing uses: ${deletion("SECRET_ID")}`;
  }
  return `Find out which secret is in use and delete the other one. To delete the new one: ${deletion(secretId)}`;
}

/** One account that a command is working on. */
export interface OpenEntry {
  /** A step begins. */
  readonly onStep: (event: Omit<RotationStepEvent, "step" | "remedies"> & OpenStep) => void;
  /** The work on this account is over, and its result has been reported. */
  readonly close: () => void;
}

interface OpenStep {
  readonly step: keyof typeof STEP_NAMES;
  readonly remedies: readonly Remedy[];
}

/** What an account has come to whose work is not over. */
export interface OpenAccount extends Partial<Pick<RotationStepEvent, "secretId">> {
  readonly clientId: string;
  /** Absent if nothing has happened to it yet. */
  readonly step?: OpenStep["step"];
  readonly remedies: OpenStep["remedies"];
}

/** The accounts that a command is working on, and what to do about each if the process ends now. */
export class OpenWork {
  /** Whether there may be many, even if only one is left. */
  isFleet = false;
  readonly #messages: Pick<Messages, "print">;
  readonly #accounts = new Map<symbol, OpenAccount>();

  constructor(messages: Pick<Messages, "print">) {
    this.#messages = messages;
  }

  open(clientId: string): OpenEntry {
    const key = Symbol(clientId);
    this.#accounts.set(key, { clientId, remedies: [] });
    let printed: string | undefined;
    return {
      onStep: ({ step, secretId, remedies }) => {
        if (secretId !== undefined && secretId !== printed) {
          printed = secretId;
          // At once and in every log: even a run that is killed leaves the id of what it created.
          this.#messages.print(`created secret ${secretId} of ${clientId}`);
        }
        this.#accounts.set(key, { clientId, step, remedies, ...(secretId === undefined ? {} : { secretId }) });
      },
      close: () => void this.#accounts.delete(key),
    };
  }

  closeAll(): void {
    this.#accounts.clear();
  }

  get accounts(): readonly OpenAccount[] {
    return [...this.#accounts.values()];
  }
}

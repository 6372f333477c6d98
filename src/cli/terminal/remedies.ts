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

/** The accounts that a command is working on, and what to do about each if the process ends now. */
export class OpenWork {
  readonly #messages: Pick<Messages, "print">;
  readonly #steps = new Map<symbol, OpenStep & { readonly clientId: string }>();

  constructor(messages: Pick<Messages, "print">) {
    this.#messages = messages;
  }

  open(clientId: string): OpenEntry {
    const key = Symbol(clientId);
    let printed: string | undefined;
    return {
      onStep: ({ step, secretId, remedies }) => {
        if (secretId !== undefined && secretId !== printed) {
          printed = secretId;
          // At once and in every log: even a run that is killed leaves the id of what it created.
          this.#messages.print(`created secret ${secretId} of ${clientId}`);
        }
        this.#steps.set(key, { clientId, step, remedies });
      },
      close: () => void this.#steps.delete(key),
    };
  }

  closeAll(): void {
    this.#steps.clear();
  }

  /** One line for each remedy; empty if nothing can have changed. */
  toCheck(): string[] {
    return [...this.#steps.values()].flatMap(({ clientId, step, remedies }) =>
      remedies.map((remedy) => `stopped while ${STEP_NAMES[step]} of ${clientId}. ${describeRemedy(remedy)}`),
    );
  }
}

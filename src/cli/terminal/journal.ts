/**
 * How far each rotation has come: what its new id is, said as soon as it is known, and what is to be looked at if the
 * process has to end this very moment.
 */
import type { RotationStep, RotationStepEvent } from "../../index.js";
import type { Words } from "./words.js";

/** Whose secret it is, and in which organization it can be deleted. */
export interface Account {
  readonly clientId: string;
  readonly orgId?: string | undefined;
  readonly previousSecretId?: string | undefined;
}

export interface JournalEntry {
  /** A step begins. */
  readonly onStep: (event: Pick<RotationStepEvent, "step" | "secretId">) => void;
  /** What to look at from now on. */
  readonly note: (check: string) => void;
  /** Nothing more will happen to it, and nothing has to be looked at. */
  readonly settle: () => void;
}

export class Journal {
  readonly #words: Words;
  /** What to look at, for each account whose rotation has begun. */
  readonly #open = new Map<Account, string>();

  constructor(words: Words) {
    this.#words = words;
  }

  begin(account: Account): JournalEntry {
    let told: string | undefined;
    return {
      onStep: ({ step, secretId }) => {
        if (secretId !== undefined && secretId !== told) {
          told = secretId;
          // At once and in every log: even a run that is killed leaves the name of what it made.
          this.#words.say(`created secret ${secretId} of ${account.clientId}`);
        }
        this.#open.set(account, CHECKS[step](account, secretId ?? ""));
      },
      note: (check) => void this.#open.set(account, check),
      settle: () => void this.#open.delete(account),
    };
  }

  /** What may exist that should not, or not exist that should; empty where nothing can have been changed. */
  toCheck(): string[] {
    return [...this.#open.values()];
  }
}

/** A command that can be copied. */
export function deleteCommand({ clientId, orgId = "ORG_ID" }: Account, secretId: string): string {
  return `atlas-secrets delete --org-id ${orgId} --client-id ${clientId} --secret-id ${secretId}`;
}

/** What is to be looked at if the process ends while the step is carried out. */
const CHECKS: Readonly<Record<RotationStep, (account: Account, secretId: string) => string>> = {
  create: (account) => perhapsCreated(account),
  verify: leftOver,
  compensate: leftOver,
  store: (account, id) =>
    `secret ${id} of ${account.clientId} is alive and may have been stored: find out which one is in use and delete ` +
    `the other; the new one goes with ${deleteCommand(account, id)}`,
  "delete-previous": (account, id) =>
    `secret ${id} of ${account.clientId} is stored and works; the previous one may be alive still: ` +
    `${deleteCommand(account, account.previousSecretId ?? "SECRET_ID")}`,
};

export function perhapsCreated(account: Account): string {
  return (
    `a secret of ${account.clientId} may have been created whose id is not known: look in Atlas and delete the one ` +
    `made just now: ${deleteCommand(account, "SECRET_ID")}`
  );
}

function leftOver(account: Account, id: string): string {
  return `secret ${id} of ${account.clientId} may be alive, and nobody has it: ${deleteCommand(account, id)}`;
}

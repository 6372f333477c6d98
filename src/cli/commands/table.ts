/** The commands and their help. What a command does is only loaded when it is named: `--help` does not need it. */
import { Option } from "commander";
import { EXIT } from "../terminal/exit-code.js";
import type { RunCommand } from "./session.js";

interface CommandEntry {
  readonly description: string;
  readonly options: readonly Option[];
  /** What `--help` prints below the options. */
  readonly help: string;
  readonly load: () => Promise<RunCommand>;
}

const PROJECT_ID = [
  new Option("--project-id <id>", "project through which the secret is created"),
  // Atlas calls a project a group too.
  new Option("--group-id <id>", "the same as --project-id").hideHelp().conflicts("projectId"),
];
const ORG_ID = new Option("--org-id <id>", "organization through which secrets are deleted");
const CLIENT_ID = new Option("--client-id <id>", "client id of the service account");
const EXPIRES = new Option("--expires-after-hours <hours>", "life of the new secret, such as 720 or 30d (8h to 365d)");
const STORE = [
  new Option("--secret-file <path>", "write only the new secret to this file; a new file gets mode 0600"),
  new Option("--exec <command>", "store with this shell command: JSON on stdin; exit 0 means stored").conflicts(
    "secretFile",
  ),
  new Option("--exec-timeout <seconds>", "end the command of --exec after this time (default: 300)"),
  new Option("--exec-inherit-credentials", "let the command of --exec see the Atlas credentials"),
];
const SECRET_ID = new Option("--secret-id <id>", "id of the secret");
const CLIENT = [
  new Option("--base-url <url>", "override the Atlas host (default: https://cloud.mongodb.com)"),
  new Option("--timeout <seconds>", "longest wait for each response (default: 30)"),
  new Option("--retries <n>", "retries, only if repeating is safe (default: 3)"),
  new Option("--max-wait <seconds>", "longest wait between two attempts (default: 60)"),
  new Option("--dry-run", "check everything and print the steps; send nothing"),
];
const OF_ONE_ACCOUNT = ["clientId", "expiresAfterHours", "previousSecretId", "secretFile", "exec"];
const KEPT = [
  new Option("--state <file>", "the file that --state of rotate names"),
  new Option("--fleet <file>", "the state beside this fleet file"),
];

const IDS = `
  MONGODB_ATLAS_PROJECT_ID, MONGODB_ATLAS_ORG_ID                  --project-id, --org-id
  ATLAS_SECRETS_CLIENT_ID                                         --client-id
  ATLAS_SECRETS_SECRET_ID, ATLAS_SECRETS_PREVIOUS_SECRET_ID       --secret-id, --previous-secret-id`;

const code = (name: keyof typeof EXIT) => String(EXIT[name]).padStart(3);

/** Of the commands that send something. */
const SENDING = `
Environment:
  MONGODB_ATLAS_CLIENT_ID, MONGODB_ATLAS_CLIENT_SECRET            sign in as a service account, or
  MONGODB_ATLAS_PUBLIC_API_KEY, MONGODB_ATLAS_PRIVATE_API_KEY     with an API key, or
  MONGODB_ATLAS_ACCESS_TOKEN                                      with an access token
  MONGODB_ATLAS_BASE_URL                                          --base-url${IDS}

Exit codes:
  ${code("done")}  done
  ${code("refused")}  Atlas refused it or could not be reached; nothing was changed
  ${code("usage")}  wrong usage; nothing was sent
  ${code("uncertain")}  something may have changed; stderr says what to check, with the ids
  ${code("interrupted")}  interrupted; nothing was changed
  A fleet exits with its worst code, in this order: ${EXIT.uncertain}, ${EXIT.interrupted}, ${EXIT.refused}, ${EXIT.done}.

JSON goes to stdout, messages go to stderr. After a signal the command finishes the current step, deletes a new secret
that nothing uses, and exits; after a second, at once.`;

const STATUS_CODES = `
Exit codes:
  ${code("done")}  all is well
  ${code("refused")}  something is due, has expired, or is left for the next run to finish
  ${code("usage")}  wrong usage, or a state that cannot be read
  ${code("uncertain")}  a person has to look: no run can finish it`;

/** Of the commands that change the state. */
const CHANGING_STATE = `
Environment:${IDS}

Exit codes:
  ${code("done")}  done
  ${code("usage")}  wrong usage, or a state that cannot be used; nothing was changed`;

const ACCOUNT = "--client-id mdb_sa_id_65a1b2c3d4e5f60718293a4b";
const PROJECT = "--project-id 5f0c1a2b3c4d5e6f70819203";
const ORG = "--org-id 4e1b0a9f8d7c6b5a49382716";

const CREATE = `create ${PROJECT} \\
    ${ACCOUNT} --expires-after-hours 720 --secret-file atlas.secret`;
const DELETE = `delete ${ORG} \\
    ${ACCOUNT} --secret-id 32b6e34b3d91647abb20e7b8`;
const ROTATE = `rotate ${PROJECT} ${ORG} \\
    ${ACCOUNT} --expires-after-hours 720 \\
   `;
const ROTATE_ONCE = `${ROTATE} --previous-secret-id 32b6e34b3d91647abb20e7b8 --secret-file /etc/reports/atlas.secret`;
const ROTATE_NIGHTLY = "rotate --fleet fleet.json --renew-before 10d";
const ADOPT = `adopt --fleet fleet.json ${PROJECT} ${ORG} \\
    ${ACCOUNT} --secret-id 32b6e34b3d91647abb20e7b8 --expires-at 2026-12-24T18:00:00Z`;
const STATUS = "status --fleet fleet.json --renew-before 10d";

function helpOf(below: string, ...examples: readonly string[]): string {
  return `\nExamples:\n${examples.map((each) => `  atlas-secrets ${each}\n`).join("\n")}${below}`;
}

export const PROGRAM_HELP = helpOf(SENDING, CREATE, DELETE, ROTATE_ONCE, ROTATE_NIGHTLY, STATUS);

export const COMPLETION_HELP = `
Examples:
  eval "$(atlas-secrets completion bash)"                         in ~/.bashrc; likewise with zsh, in ~/.zshrc
  atlas-secrets completion zsh > DIR/_atlas-secrets               with a DIR of $fpath
  atlas-secrets completion fish | source                          in ~/.config/fish/config.fish
`;

export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  create: {
    description: "Create a secret. It is printed once, unless --secret-file or --exec stores it.",
    options: [...PROJECT_ID, CLIENT_ID, EXPIRES, ...STORE, ...CLIENT],
    help: helpOf(SENDING, CREATE),
    load: async () => (await import("./create-delete.js")).create,
  },
  delete: {
    description: "Delete a secret. Whatever still signs in with it is refused from then on.",
    options: [ORG_ID, CLIENT_ID, SECRET_ID, ...CLIENT],
    help: helpOf(SENDING, DELETE),
    load: async () => (await import("./create-delete.js")).deleteSecret,
  },
  rotate: {
    description: "Rotate a secret: create a new one, verify that it works, store it, delete the previous one.",
    options: [
      ...[...PROJECT_ID, ORG_ID, CLIENT_ID, EXPIRES],
      new Option("--previous-secret-id <id>", "secret to delete at the end (default: the one that the state knows)"),
      ...STORE,
      new Option("--fleet <file>", "rotate every account that this JSON file lists").conflicts(OF_ONE_ACCOUNT),
      new Option("--concurrency <n>", "accounts of the fleet to rotate at the same time (default: 4)"),
      new Option("--max-failures <n>", "start no more rotations after this many failures in a row (default: no limit)"),
      new Option("--state <file>", "remember secrets and unfinished rotations here (default with --fleet: beside it)"),
      new Option("--no-state", "remember nothing of a fleet"),
      new Option("--renew-before <duration>", "rotate only what expires within this time, such as 10d, or is unknown"),
      new Option("--jitter <seconds>", "wait for a random time of up to this many seconds first (default: 0)"),
      new Option("--accept-unknown", "rotate again after an interrupted creation, once you have looked in Atlas"),
      ...CLIENT,
    ],
    help: helpOf(
      SENDING,
      ROTATE_ONCE,
      `${ROTATE} --exec 'vault kv put secret/reports/atlas -'`,
      "rotate --fleet fleet.json --concurrency 8 --dry-run",
      ROTATE_NIGHTLY,
    ),
    load: async () => (await import("./rotate.js")).rotate,
  },
  status: {
    description: "Show what the state knows: secrets, when they expire, what is half-done. Nothing is sent.",
    options: [
      ...KEPT,
      new Option("--renew-before <duration>", "show as due what expires within this time, such as 10d"),
      new Option("--json", "print JSON").conflicts("prometheus"),
      new Option("--prometheus", "print metrics in the text format of Prometheus"),
    ],
    help: helpOf(STATUS_CODES, STATUS),
    load: async () => (await import("./state.js")).status,
  },
  forget: {
    description: "Drop an account from the state, after you have looked in Atlas. Nothing is sent.",
    options: [...KEPT, CLIENT_ID],
    help: helpOf(CHANGING_STATE, `forget --fleet fleet.json ${ACCOUNT}`),
    load: async () => (await import("./state.js")).forget,
  },
  adopt: {
    description: "Tell the state which secret of an account is in use. Nothing is sent.",
    options: [
      ...[...KEPT, ...PROJECT_ID, ORG_ID, CLIENT_ID, SECRET_ID],
      new Option("--expires-at <date>", "when the secret expires, such as 2026-12-24T18:00:00Z"),
    ],
    help: helpOf(CHANGING_STATE, ADOPT),
    load: async () => (await import("./state.js")).adopt,
  },
};

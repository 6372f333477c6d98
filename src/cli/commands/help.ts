/**
 * What `--help` prints below the options.
 */
import { EXIT } from "../terminal/exit-code.js";

const CREDENTIALS = `
  MONGODB_ATLAS_CLIENT_ID, MONGODB_ATLAS_CLIENT_SECRET            sign in as a service account, or
  MONGODB_ATLAS_PUBLIC_API_KEY, MONGODB_ATLAS_PRIVATE_API_KEY     with an API key, or
  MONGODB_ATLAS_ACCESS_TOKEN                                      with an access token
  MONGODB_ATLAS_BASE_URL                                          --base-url`;
const IDS = `
  MONGODB_ATLAS_PROJECT_ID, MONGODB_ATLAS_ORG_ID                  --project-id, --org-id
  ATLAS_SECRETS_CLIENT_ID                                         --client-id
  ATLAS_SECRETS_SECRET_ID, ATLAS_SECRETS_PREVIOUS_SECRET_ID       --secret-id, --previous-secret-id`;

/** Of the commands that send something. */
const SENDING = `
Environment:${CREDENTIALS}${IDS}

Exit codes:
  ${code("done")}  done
  ${code("refused")}  Atlas refused it or could not be reached; nothing was changed
  ${code("usage")}  wrong usage; nothing was sent
  ${code("uncertain")}  something may have changed; stderr says what to check, with the ids
  ${code("interrupted")}  interrupted; nothing was changed
  A fleet exits with its worst code, in this order: ${EXIT.uncertain}, ${EXIT.interrupted}, ${EXIT.refused}, ${EXIT.done}.

JSON goes to stdout, messages go to stderr. The id of a new secret is printed to stderr as soon as it is known.
After SIGINT or SIGTERM, and on a terminal after SIGHUP, the command finishes the current step, deletes a new secret that
nothing uses yet, and exits. After a second signal it exits at once.`;

/** Of the commands that change the state. */
const CHANGING_STATE = `
Environment:${IDS}

Exit codes:
  ${code("done")}  done
  ${code("usage")}  wrong usage, or a state that cannot be used; nothing was changed`;

const STATUS_CODES = `
Exit codes:
  ${code("done")}  all is well
  ${code("refused")}  something is due, has expired, or is left for the next run to finish
  ${code("usage")}  wrong usage, or a state that cannot be read
  ${code("uncertain")}  a person has to look: no run can finish it`;

function code(name: keyof typeof EXIT): string {
  return String(EXIT[name]).padStart(3);
}

const ACCOUNT = "--client-id mdb_sa_id_65a1b2c3d4e5f60718293a4b";
const PROJECT = "--project-id 5f0c1a2b3c4d5e6f70819203";
const ORG = "--org-id 4e1b0a9f8d7c6b5a49382716";

const CREATE = `
  atlas-secrets create ${PROJECT} \\
    ${ACCOUNT} --expires-after-hours 720 --secret-file atlas.secret`;
const DELETE = `
  atlas-secrets delete ${ORG} \\
    ${ACCOUNT} --secret-id 32b6e34b3d91647abb20e7b8`;
const ROTATE = `
  atlas-secrets rotate ${PROJECT} ${ORG} \\
    ${ACCOUNT} --expires-after-hours 720 \\
    --previous-secret-id 32b6e34b3d91647abb20e7b8 --secret-file /etc/reports/atlas.secret`;
const ROTATE_WITH_COMMAND = `
  atlas-secrets rotate ${PROJECT} ${ORG} \\
    ${ACCOUNT} --expires-after-hours 720 \\
    --exec 'vault kv put secret/reports/atlas -'`;
const ROTATE_FLEET = `
  atlas-secrets rotate --fleet fleet.json --concurrency 8 --dry-run`;

const ROTATE_NIGHTLY = `
  atlas-secrets rotate --fleet fleet.json --renew-before 10d`;
const STATUS = `
  atlas-secrets status --fleet fleet.json --renew-before 10d`;
const FORGET = `
  atlas-secrets forget --fleet fleet.json ${ACCOUNT}`;
const ADOPT = `
  atlas-secrets adopt --fleet fleet.json ${PROJECT} ${ORG} \\
    ${ACCOUNT} --secret-id 32b6e34b3d91647abb20e7b8 --expires-at 2026-12-24T18:00:00Z`;

const COMPLETION = `
  eval "$(atlas-secrets completion bash)"                         in ~/.bashrc; likewise with zsh, in ~/.zshrc
  atlas-secrets completion fish | source                          in ~/.config/fish/config.fish`;

const EXAMPLES = {
  "": [CREATE, DELETE, ROTATE, ROTATE_NIGHTLY, STATUS],
  create: [CREATE],
  delete: [DELETE],
  rotate: [ROTATE, ROTATE_WITH_COMMAND, ROTATE_FLEET, ROTATE_NIGHTLY],
  status: [STATUS],
  forget: [FORGET],
  adopt: [ADOPT],
  completion: [COMPLETION],
} as const;

const BELOW_EXAMPLES: Partial<Record<keyof typeof EXAMPLES, string>> = {
  status: STATUS_CODES,
  forget: CHANGING_STATE,
  adopt: CHANGING_STATE,
  completion: "",
};

/** @param command the empty name is the program itself */
export function helpBelowOptions(command: keyof typeof EXAMPLES): string {
  return `\nExamples:${EXAMPLES[command].join("\n")}\n${BELOW_EXAMPLES[command] ?? SENDING}`;
}

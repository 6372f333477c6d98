/**
 * What `--help` says below the options.
 */
import { EXIT } from "../terminal/exit-code.js";

/** Where everything comes from that is not an option, and how it ends; the same for every command. */
export const SURROUNDINGS = `
Environment:
  MONGODB_ATLAS_CLIENT_ID, MONGODB_ATLAS_CLIENT_SECRET            sign in as a service account, or
  MONGODB_ATLAS_PUBLIC_API_KEY, MONGODB_ATLAS_PRIVATE_API_KEY     with an API key, or
  MONGODB_ATLAS_ACCESS_TOKEN                                      with an access token
  MONGODB_ATLAS_BASE_URL                                          another host than cloud.mongodb.com
  MONGODB_ATLAS_PROJECT_ID, MONGODB_ATLAS_ORG_ID                  --group-id, --org-id
  ATLAS_SECRETS_CLIENT_ID                                         --client-id
  ATLAS_SECRETS_SECRET_ID, ATLAS_SECRETS_PREVIOUS_SECRET_ID       --secret-id, --previous-secret-id

Exit codes:
  ${code("done")}  done
  ${code("refused")}  refused or not reachable; nothing was changed
  ${code("usage")}  wrong usage; nothing was sent
  ${code("check")}  something may have changed; stderr says what to check, with the ids
  ${code("interrupted")}  interrupted; nothing was changed
  A fleet exits with its worst: ${EXIT.check}, then ${EXIT.interrupted}, ${EXIT.refused}, ${EXIT.done}.

JSON goes to stdout, words go to stderr. The id of a new secret goes to stderr as soon as it is known.
SIGINT, SIGTERM or SIGHUP finish the step in hand, undo what nobody uses, and exit; sent again, they exit at once.`;

function code(name: keyof typeof EXIT): string {
  return String(EXIT[name]).padStart(3);
}

/** Command lines as they can be typed. */
function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`.trimEnd()).join("\n")}`;
}

const ACCOUNT = "--client-id mdb_sa_id_65a1b2c3d4e5f60718293a4b";
const GROUP = "--group-id 5f0c1a2b3c4d5e6f70819203";
const ORG = "--org-id 4e1b0a9f8d7c6b5a49382716";

const CREATE = [
  `atlas-secrets create ${GROUP} \\`,
  `  ${ACCOUNT} --expires-after-hours 720 --secret-file atlas.secret`,
];
const DELETE = [`atlas-secrets delete ${ORG} \\`, `  ${ACCOUNT} --secret-id 32b6e34b3d91647abb20e7b8`];
const ROTATE = [
  `atlas-secrets rotate ${GROUP} ${ORG} \\`,
  `  ${ACCOUNT} --expires-after-hours 720 \\`,
  "  --previous-secret-id 32b6e34b3d91647abb20e7b8 --secret-file /etc/reports/atlas.secret",
];
const ROTATE_BY_COMMAND = [
  `atlas-secrets rotate ${GROUP} ${ORG} \\`,
  `  ${ACCOUNT} --expires-after-hours 720 \\`,
  "  --exec 'vault kv put secret/reports/atlas -'",
];
const ROTATE_FLEET = ["atlas-secrets rotate --fleet fleet.json --concurrency 8 --dry-run"];

/** By command; the empty name is the program itself. */
export const EXAMPLES = {
  "": examples(...CREATE, "", ...DELETE, "", ...ROTATE, "", ...ROTATE_FLEET),
  create: examples(...CREATE),
  delete: examples(...DELETE),
  rotate: examples(...ROTATE, "", ...ROTATE_BY_COMMAND, "", ...ROTATE_FLEET),
} as const;

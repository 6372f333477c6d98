/**
 * What `--help` shows.
 */
import { CHECKS } from "./checks.js";

export const USAGE = `Usage: npm run conformance -- [options]

Holds a server to the contract: sends requests that are derived from it, valid and broken ones, and has the answers judged
by Prism's validators. Without --target the project's own mock is started and checked.

  --target URL               the server, https, or http on this machine
  --group-id ID              project, organization and service account whose secrets may be made and deleted;
  --org-id ID                needed for a server that is not on this machine, else the contract's examples
  --client-id ID
  --yes-create-real-secrets  allows a server that is not on this machine
  --only NAME[,NAME]         these checks or operationIds only
  --exclude NAME[,NAME]      all but these
  --report FILE              writes the report, FILE.json or FILE.xml (JUnit)
  --seed N                   the same seed makes the same cases (default: drawn, and shown)
  --timeout SECONDS          how long an answer may take (default 10)
  --spec FILE                the contract (default openapi/atlas-service-account-secrets.yaml)
  --help                     show this

Credentials come from the environment: MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET,
MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY, or MONGODB_ATLAS_ACCESS_TOKEN. They must belong to another
account than --client-id: making a secret shortens the life of the account's others. Every secret that is made is deleted
again, at most one is there at a time, and what could not be deleted is listed.

Checks: ${CHECKS.slice(0, 4).join(", ")},
${CHECKS.slice(4, 8).join(", ")},
${CHECKS.slice(8).join(", ")}

Exit codes: 0 conforms, 1 does not, 2 wrong usage or target not reachable, 130 interrupted.

  MONGODB_ATLAS_ACCESS_TOKEN=mock-access-token npm run conformance -- --target http://127.0.0.1:4010 --seed 7`;

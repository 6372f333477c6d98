/**
 * The commands and their options.
 */
import { Command, Option } from "commander";
import { VERSION } from "../version.js";
import { type CreateOptions, create } from "./commands/create.js";
import { type DeleteOptions, deleteSecret } from "./commands/delete.js";
import { EXAMPLES, SURROUNDINGS } from "./commands/help-texts.js";
import { type RotateOptions, rotate } from "./commands/rotate.js";
import type { Session } from "./commands/session.js";
import { type FleetOptions, rotateFleet } from "./fleet/rotate-fleet.js";
import type { ExitCode } from "./terminal/exit-code.js";

export interface ProgramSurroundings {
  /** Carries a command out that has been understood. */
  start(commandName: string, carryOut: (session: Session) => Promise<ExitCode>): Promise<void>;
  /** Where help goes. */
  writeHelp(text: string): void;
  /** Where goes what there is to say against the arguments. */
  writeError(text: string): void;
  /** Width of the terminal, if it is one. */
  readonly columns: number | undefined;
}

const GROUP_ID = option("--project-id, --group-id <id>", "project through which the secret is created");
const ORG_ID = option("--org-id <id>", "organization through which secrets are deleted");
const CLIENT_ID = option("--client-id <id>", "service account whose secret it is");
const EXPIRES = option("--expires-after-hours <hours>", "life of the new secret; Atlas allows 8 hours to 365 days");
const SECRET_FILE = option(
  "--secret-file <path>",
  "write the new secret to this file, and nothing else, with mode 0600",
);
const EXEC = option(
  "--exec <command>",
  "hand the new secret to this shell command as JSON on stdin; exit 0 means stored",
);

/** @throws CommanderError, from `parseAsync`, where commander is done or does not understand */
export function createProgram({ start, writeHelp, writeError, columns }: ProgramSurroundings): Command {
  const program = new Command("atlas-secrets")
    .description("Create, delete and rotate the secrets of MongoDB Atlas service accounts without losing one.")
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      writeOut: writeHelp,
      writeErr: writeError,
      outputError: (text, write) => write(text.replace(/^error: /, "atlas-secrets: ")),
      getOutHelpWidth: () => columns ?? 100,
      getErrHelpWidth: () => columns ?? 100,
    })
    .showSuggestionAfterError();

  command(program, "create", [GROUP_ID, CLIENT_ID, EXPIRES, SECRET_FILE, EXEC])
    .description("Create a secret. Without --secret-file and --exec it is printed, once.")
    .action((options: CreateOptions) => start("create", (session) => create(options, session)));

  command(program, "delete", [ORG_ID, CLIENT_ID, option("--secret-id <id>", "the secret")])
    .description("Delete a secret. Whoever still signs in with it is refused from then on.")
    .action((options: DeleteOptions) => start("delete", (session) => deleteSecret(options, session)));

  const ids = [GROUP_ID, ORG_ID, CLIENT_ID, EXPIRES];
  const previous = option("--previous-secret-id <id>", "secret to delete at the end; without it, it is left to expire");
  const own = [...ids, previous, SECRET_FILE, EXEC];
  const fleet = option("--fleet <file>", "rotate all accounts that this JSON file names, in place of one");
  const concurrency = option("--concurrency <n>", "accounts of the fleet at the same time (default: 4)");
  const conflicting = own.map((each) => each.attributeName());
  command(program, "rotate", [...own, fleet.conflicts(conflicting), concurrency])
    .description(
      "Rotate a secret: create a new one, verify that it works, store it with --secret-file or --exec, delete the previous one.",
    )
    .action((options: RotateOptions & Partial<FleetOptions>) =>
      start("rotate", (session) => {
        const { fleet: file } = options;
        return file === undefined ? rotate(options, session) : rotateFleet({ ...options, fleet: file }, session);
      }),
    );
  return program.addHelpText("after", `${EXAMPLES[""]}\n${SURROUNDINGS}`);
}

function option(flags: string, description: string): Option {
  return new Option(flags, description);
}

/** A command with its own options and those that all have. */
function command(program: Command, name: "create" | "delete" | "rotate", options: readonly Option[]): Command {
  const added = program.command(name).showHelpAfterError(`nothing was sent; see atlas-secrets ${name} --help`);
  for (const each of options) added.addOption(each);
  return added
    .option("--base-url <url>", "another host than MONGODB_ATLAS_BASE_URL or cloud.mongodb.com")
    .option("--timeout <seconds>", "longest wait for each answer (default: 30)")
    .option("--retries <n>", "further attempts where nothing can have happened twice (default: 3)")
    .option("--dry-run", "check everything, send nothing, print what would be done")
    .addHelpText("after", `${EXAMPLES[name]}\n${SURROUNDINGS}`);
}

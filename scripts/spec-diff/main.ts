/**
 * `npm run spec:diff`, but for the process around it.
 */
import { isAbsolute, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { help, parseCommandLine } from "./command-line.js";
import { compareDocuments } from "./compare.js";
import { SpecDiffError } from "./document.js";
import { readDocument } from "./read-document.js";
import { exitCodeOf, toJson, toText } from "./report.js";

/** Where text goes. */
interface Output {
  /** Standard output. */
  readonly out: (text: string) => void;
  /** Standard error. */
  readonly err: (text: string) => void;
  /** Whether `out` is a terminal that wants colours. */
  readonly colour: boolean;
}

/** The project's own contract. */
const ownContract = fileURLToPath(new URL("../../openapi/atlas-service-account-secrets.yaml", import.meta.url));

/**
 * Runs the command.
 * @returns the exit status: 0 nothing is breaking, 1 something is, 2 it could not be found out
 */
export async function specDiff(args: readonly string[], { out, err, colour }: Output): Promise<0 | 1 | 2> {
  try {
    const line = parseCommandLine(args);
    if (line.help) {
      out(help);
      return 0;
    }
    const contract = await readDocument(line.contract ?? shortest(ownContract));
    const official = await readDocument(line.official, { timeoutMs: line.timeoutMs });
    const comparison = compareDocuments(contract, official);
    const documents = { contract, official };
    out(
      line.json ? `${JSON.stringify(toJson(comparison, documents), null, 2)}\n` : toText(comparison, documents, colour),
    );
    return exitCodeOf(comparison);
  } catch (error) {
    if (!(error instanceof SpecDiffError)) throw error;
    err(`spec:diff: ${error.message}\n`);
    return 2;
  }
}

/** As it would be typed here. */
function shortest(path: string): string {
  const fromHere = relative(process.cwd(), resolve(path));
  return fromHere.startsWith("..") || isAbsolute(fromHere) ? path : fromHere;
}

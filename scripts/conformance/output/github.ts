/**
 * Failures as annotations that GitHub Actions shows at the lines of the contract.
 *
 * @see https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
 */
import type { Report } from "../report.js";
import { shortPath } from "./text.js";

/** One workflow command for each failure, and one for each resource that could not be deleted. */
export function annotationsOf({ failures, leftOver, contract, target }: Report): string[] {
  const file = shortPath(contract);
  return [
    ...failures.map(({ check, operationId, title, problem, request, basis }) => {
      const line = basis.find((each) => each.line !== undefined)?.line;
      const place = { file, ...(line === undefined ? {} : { line: String(line) }) };
      return command({ ...place, title: `${check} ${operationId}` }, `${problem}\nCase: ${title}\n${request}`);
    }),
    ...leftOver.map(({ id, reason }) =>
      command({ title: "could not be deleted" }, `${id ?? "(id unknown)"} on ${target}: ${reason}`),
    ),
  ];
}

function command(properties: Readonly<Record<string, string>>, message: string): string {
  const list = Object.entries(properties).map(([name, value]) => `${name}=${escaped(value, /[%\r\n:,]/g)}`);
  return `::error ${list.join(",")}::${escaped(message, /[%\r\n]/g)}`;
}

/** Percent-encodes what means something in a workflow command. */
function escaped(text: string, characters: RegExp): string {
  return text.replace(
    characters,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

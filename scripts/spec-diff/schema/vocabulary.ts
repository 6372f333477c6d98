/**
 * Which keywords of a schema are compared.
 */

/** Keywords for people, or of no effect on what is valid. */
const silent: ReadonlySet<string> = new Set(
  "$ref $schema $id $anchor $comment $defs definitions title description example examples externalDocs xml".split(" "),
);

/** Keywords that say how a value is used rather than which values there are. */
export const annotations: ReadonlySet<string> = new Set(
  "default readOnly writeOnly deprecated nullable discriminator".split(" "),
);

/** Whether a keyword is compared at all. */
export function isCompared(keyword: string): boolean {
  return !silent.has(keyword) && !keyword.startsWith("x-");
}

/**
 * What somebody who mistyped a name may have meant.
 */

/** The names that differ least from the given one; none where all are quite different. */
export function nearNames(given: string, names: readonly string[]): string[] {
  const measured = names.map((name) => ({ name, distance: distanceBetween(given.toLowerCase(), name.toLowerCase()) }));
  const near = measured.filter(({ name, distance }) => distance <= Math.max(2, name.length / 3) || isPart(given, name));
  return near
    .sort((one, other) => one.distance - other.distance)
    .map(({ name }) => name)
    .slice(0, 3);
}

/** Whether one of them begins or goes on like the other. */
function isPart(given: string, name: string): boolean {
  const [one, other] = [given.toLowerCase(), name.toLowerCase()];
  return given.length >= 3 && (one.includes(other) || other.includes(one));
}

/** How many letters have to be changed, left out or put in (Levenshtein). */
function distanceBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [column, otherLetter] of [...other].entries()) {
      const replaced = (row[column] ?? 0) + (letter === otherLetter ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

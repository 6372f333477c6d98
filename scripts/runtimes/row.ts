/**
 * One line of the table.
 */
export interface Row {
  readonly who: string;
  readonly what: string;
  /** What went wrong; none if all is well. */
  readonly problems: readonly string[];
}

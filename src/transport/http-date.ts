/**
 * The dates of HTTP headers.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
 */

/** IMF-fixdate and RFC 850's form; `Date.parse` alone would also take "5" for a date. */
const WITH_ZONE = /^[A-Z][a-z]{2,8}, \d{2}[ -][A-Z][a-z]{2}[ -](?:\d{2}|\d{4}) \d{2}:\d{2}:\d{2} GMT$/;
/** asctime's form, which is in UTC without saying so. */
const WITHOUT_ZONE = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/** Milliseconds since the epoch; NaN if the text is none of the three forms. */
export function parseHttpDate(text: string): number {
  if (WITHOUT_ZONE.test(text)) return Date.parse(`${text} GMT`);
  return WITH_ZONE.test(text) ? Date.parse(text) : Number.NaN;
}

/** Writes one field of a CSV file. */

/** Quotes a text where a reader of CSV would take it apart. */
export function csvField(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

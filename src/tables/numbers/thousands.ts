/** Numbers that are written with separators of thousands. */

/** Removes separators of thousands from a number; any other text stays as it is. */
export type RemoveThousands = (text: string) => string

/** Blanks that stand between thousands: also those where no line breaks. */
const blanks = ' \u00a0\u202f'

/**
 * What removes a separator where it stands between groups of three digits: `1,234.5` becomes `1234.5`, and `1,23` stays.
 *
 * @param separator - a character; a blank stands for narrow ones, too; undefined removes nothing
 * @param decimal - the decimal separator
 */
export function removeThousands(separator: string | undefined, decimal: string): RemoveThousands {
  if (separator === undefined) return (text) => text
  const one = separator === ' ' ? `[${blanks}]` : `\\${separator}`
  const all = new RegExp(one, 'g')
  const grouped = new RegExp(`^\\s*[+-]?\\d{1,3}(?:${one}\\d{3})+(?:\\${decimal}\\d*)?\\s*$`)
  return (text) => (grouped.test(text) ? text.trim().replace(all, '') : text)
}

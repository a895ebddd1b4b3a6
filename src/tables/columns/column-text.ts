/** Formats a column as a line of its first values. */

import { plainText } from '../../plain-name.ts'

/** What is shown of a column. */
export interface ShownValues {
  readonly name: string
  readonly kind: string
  /** How many values there are; undefined when their memory was freed. */
  readonly size: number | undefined
  /** A value as text; null for none. */
  text(row: number): string | null
}

const shownValues = 8
const widestText = 24

/**
 * A line such as `CategoryColumn 'cut' [3] ['Good', 'Ideal', –]`; a dash is no value.
 *
 * @param className - of the column
 * @param column - its first values are read
 */
export function showColumn(
  className: string,
  { name, kind, size, ...column }: ShownValues,
): string {
  const title = `${className} ${quote(name)}`
  if (size === undefined) return `${title} (memory gone)`
  const isText = kind === 'category' || kind === 'text'
  const shown = Array.from({ length: Math.min(size, shownValues) }, (_, row) => {
    const text = column.text(row)
    if (text === null) return '–'
    return isText ? quote(text) : text
  })
  if (size > shownValues) shown.push('…')
  return `${title} [${size}] [${shown.join(', ')}]`
}

function quote(text: string): string {
  const plain = plainText(text.replaceAll(/\s+/g, ' '))
  return `'${plain.length > widestText ? `${plain.slice(0, widestText - 1)}…` : plain}'`
}

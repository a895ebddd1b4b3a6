/** Formats a column as a line of its first values. */

import { plainText } from '../../plain-name.ts'

/** What is shown of a column. */
export interface ShownValues {
  readonly name: string
  /** How many values there are; undefined when their memory was freed. */
  readonly size: number | undefined
  get(row: number): number | string | null
}

const shownValues = 8
const widestText = 24

/**
 * A line such as `CategoryColumn 'cut' [3] ['Good', 'Ideal', –]`; a dash is no value.
 *
 * @param className - of the column
 * @param column - its first values are read
 */
export function showColumn(className: string, { name, size, ...column }: ShownValues): string {
  const title = `${className} ${quote(name)}`
  if (size === undefined) return `${title} (memory gone)`
  const shown = Array.from({ length: Math.min(size, shownValues) }, (_, row) =>
    showValue(column.get(row)),
  )
  if (size > shownValues) shown.push('…')
  return `${title} [${size}] [${shown.join(', ')}]`
}

function showValue(value: number | string | null): string {
  if (value === null || Number.isNaN(value)) return '–'
  return typeof value === 'string' ? quote(value) : String(value)
}

function quote(text: string): string {
  const plain = plainText(text.replaceAll(/\s+/g, ' '))
  return `'${plain.length > widestText ? `${plain.slice(0, widestText - 1)}…` : plain}'`
}

/** Values of a column as fields of a CSV file. */

import { OneCopyError, show } from '../../../errors.ts'
import type { Column } from '../../columns/columns.ts'

/** How fields are written. */
export interface FieldRules {
  readonly delimiter: string
  /** What stands for no value, as a field. */
  readonly missing: string
  /** Whether the table has one column, so that an empty line would be no row. */
  readonly isAlone: boolean
}

/** Texts that a file may hold for no value, the first that no text of the table is taken. */
const candidates = ['', 'NA', 'null', '<NA>', '#N/A'] as const

/** Longer texts are none of them. */
const longestCandidate = 16

/**
 * A text that stands for no value, and that no text of the table is when it is read.
 *
 * @param given - what the user asks for
 * @throws OneCopyError `ERR_VALUE` when texts of the table are like it, or like all candidates
 */
export function chooseMissing(columns: readonly Column[], given: string | undefined): string {
  const wanted = given === undefined ? candidates : [given]
  const taken = new Map<string, string>()
  for (const column of columns)
    for (const text of shortTexts(column, given)) taken.set(text, column.name)
  const free = wanted.find((text) => !taken.has(text.trim()))
  if (free !== undefined) return free
  const [text = ''] = wanted
  const name = taken.get(text.trim())!
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected a text for no value that no text of the table is, got ${show(text)}, which is one in column '${name}'. ` +
      'Pass another one as `missing`.',
    { details: { column: name, missing: text } },
  )
}

/** Texts of a column that may be a candidate, without blanks around them. */
function* shortTexts(column: Column, given: string | undefined): Generator<string, void> {
  const most = Math.max(longestCandidate, Buffer.byteLength(given ?? ''))
  if (column.kind === 'category')
    for (const text of column.categories) {
      if (text.length <= most || text.trim().length <= most) yield text.trim()
    }
  if (column.kind !== 'text') return
  const isMissing = column.missingTest()
  for (let row = 0; row < column.size; row++) {
    if (isMissing(row)) continue
    const text = column.get(row)!.trim()
    if (text.length <= most) yield text
  }
}

/**
 * What gives the field of a row.
 *
 * @throws OneCopyError `ERR_VALUE` for a text that no CSV file can hold
 */
export function fieldWriter(column: Column, rules: FieldRules): (row: number) => string {
  const missing = quoteField(rules.missing, rules)
  if (column.kind === 'category') {
    const { categories } = column
    const fields: (string | undefined)[] = Array.from({ length: categories.length })
    const isMissing = column.missingTest()
    const { data, offset, strides } = column.values
    const stride = strides[0]!
    return (row) => {
      if (isMissing(row)) return missing
      const code = data[offset + row * stride]!
      return (fields[code] ??= quoteField(
        requireWritable(column.get(row)!, column.name, row),
        rules,
      ))
    }
  }
  if (column.kind === 'text')
    return (row) => {
      const text = column.text(row)
      return text === null ? missing : quoteField(requireWritable(text, column.name, row), rules)
    }
  return (row) => column.text(row) ?? missing
}

/** Quotes and line ends; and how archives and Parquet files begin, and text with a mark of byte order. */
const special = /["\n\r]|^(?:PAR1|PK|\ufeff)/

/** A text as a field, in quotes where they are needed. */
export function quoteField(text: string, { delimiter, isAlone }: FieldRules): string {
  const isBlank = text.trim() === ''
  const needsQuotes =
    special.test(text) || text.includes(delimiter) || (isBlank && (isAlone || text !== ''))
  return needsQuotes ? `"${text.replaceAll('"', '""')}"` : text
}

function requireWritable(text: string, column: string, row: number): string {
  const isFine = text.isWellFormed() && !text.includes('\0')
  if (isFine) return text
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected texts that a CSV file can hold, got ${text.includes('\0') ? 'a NUL character' : 'half a character of UTF-16'} in row ${row} ` +
      `(counted from 0) of column '${column}'. Save the table in another form.`,
    { details: { column, row } },
  )
}

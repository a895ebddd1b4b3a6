/** Values of a column as fields of a CSV file. */

import { OneCopyError, show } from '../../../errors.ts'
import type { Column } from '../../columns/columns.ts'
import { parseNumberText } from '../../numbers/number-parser.ts'

/** How fields are written. */
export interface FieldRules {
  readonly delimiter: string
  /** The text of a missing value. */
  readonly missing: string
  /** Whether the table has one column, so that an empty line would be no row. */
  readonly isAlone: boolean
}

/** Texts that stand for a missing value in many files, the best first. */
const usual = ['', 'NA', 'null', '<NA>', '#N/A'] as const

/** What is taken where the table holds all of the usual ones. */
const numbered = /^<NA \d+>$/

/**
 * Chooses the text of missing values, which must be the value of no cell.
 *
 * @param given - what the user asks for; blanks around it mean nothing
 * @throws OneCopyError `ERR_VALUE` when a cell holds `given`; `ERR_OPTION` when no CSV file can hold it
 */
export function chooseMissing(columns: readonly Column[], given: string | undefined): string {
  if (given === undefined) return chooseUnused(columns)
  const text = given.trim()
  if (!isWritable(text))
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected \`missing\` to be a text without NUL and without half characters of UTF-16, got ${show(given)}.`,
    )
  const column = columns.find((one) => mayHold(one, text) && holds(one, text))
  if (column === undefined) return text
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected \`missing\` to be a text that no cell of the table holds, got ${show(given)}, which is a value of column '${column.name}'. ` +
      'Pass another text.',
    { details: { column: column.name, missing: given } },
  )
}

function chooseUnused(columns: readonly Column[]): string {
  const used = new Set<string>()
  const texts = columns.filter(({ kind }) => kind === 'category' || kind === 'text')
  for (const column of texts)
    for (const text of textsOf(column))
      if (usual.includes(text as '') || numbered.test(text)) used.add(text)
  const free = usual.find((text) => !used.has(text))
  if (free !== undefined) return free
  let number = 2
  while (used.has(`<NA ${number}>`)) number++
  return `<NA ${number}>`
}

/** Whether a text may be a value of a column, so that the column must be searched for it. */
function mayHold({ kind }: Column, text: string): boolean {
  if (kind === 'number') return parseNumberText(text) !== undefined
  return kind !== 'boolean' || text === 'true' || text === 'false'
}

function holds(column: Column, text: string): boolean {
  for (const one of textsOf(column)) if (one === text) return true
  return false
}

/** Texts of the values of a column, without the blanks around them, which don't count when missing values are looked for. */
function* textsOf(column: Column): Generator<string, void> {
  if (column.kind === 'category') {
    for (const text of column.categories) yield text.trim()
    return
  }
  for (let row = 0; row < column.size; row++) {
    const text = column.text(row)
    if (text !== null) yield text.trim()
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
  // Numbers, true and false hold no delimiter; a time of day may.
  if (column.kind !== 'date') return (row) => column.text(row) ?? missing
  return (row) => {
    const text = column.text(row)
    return text === null ? missing : quoteField(text, rules)
  }
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

/** Whether a CSV file can hold a text. */
export function isWritable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

function requireWritable(text: string, column: string, row: number): string {
  if (isWritable(text)) return text
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected texts that a CSV file can hold, got ${text.includes('\0') ? 'a NUL character' : 'half a character of UTF-16'} in row ${row} ` +
      `(counted from 0) of column '${column}'. Save the table in another form.`,
    { details: { column, row } },
  )
}

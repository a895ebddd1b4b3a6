/** Turns notes into warnings with line numbers. */

import { readSync } from 'node:fs'
import type { CategoryColumn } from '../columns/category-column.ts'
import type { TableWarning } from '../table/table-warning.ts'
import { hasDecimalComma } from '../numbers/number-parser.ts'
import { adviseDelimiter, adviseSkipBlanks } from './ragged-row.ts'
import type { StrayText, ValueNote } from './value-notes.ts'

/** Texts that programs write in place of a number, in lower case. */
const knownStrays =
  /^(?:none|nil|nat|missing|unknown|undefined|n\.?a\.?n?\.?|null|-+|\*+|\?+|\.+|#.*[!?a]|\(null\)|\\n)$/i

/** A warning whose line is not known yet. */
export type Note = Omit<TableWarning, 'line' | 'message'> & {
  readonly offset: number
  readonly describe: (line: number) => string
}

/**
 * Makes warnings of notes.
 *
 * @param file - descriptor of the file that was read
 * @param newline - the byte that ends its lines
 * @param notes - what was noted
 */
export function placeWarnings(
  file: number,
  newline: number,
  notes: readonly Note[],
): TableWarning[] {
  const ordered = notes.toSorted((a, b) => a.offset - b.offset)
  const lines = linesOf(file, newline, ordered)
  return ordered.map(({ kind, column, value, advice, describe }, i) => {
    const line = lines[i]!
    return { kind, column, line, value, message: describe(line), advice }
  })
}

/** A column whose name stood in the header before. */
export function noteRenamed(
  name: string,
  { column, header }: { readonly column: number; readonly header: string },
  offset: number,
): Note {
  return {
    kind: 'renamed',
    column: name,
    value: header,
    offset,
    describe: (line) =>
      `Column ${column + 1} is called '${name}', because the header at line ${line} has '${header}' more than once.`,
    advice: 'Rename one of them in the file if that is not what you want.',
  }
}

/** A single column whose header holds another delimiter than the one given. */
export function noteOneColumn(
  name: string,
  { delimiter, otherDelimiter }: { readonly delimiter: string; readonly otherDelimiter: string },
  offset: number,
): Note {
  return {
    kind: 'one-column',
    column: name,
    value: name,
    offset,
    describe: (line) =>
      `The table has one column, ${quoteTabs(clip(name))}, because the header at line ${line} has no ` +
      `${quoteTabs(delimiter)}.`,
    advice: adviseDelimiter(otherDelimiter),
  }
}

function quoteTabs(text: string): string {
  return `'${text.replaceAll('\t', String.raw`\t`)}'`
}

/** A number that is not what stands in the file. */
export function noteNumber(name: string, { kind, offset, value, plain = value }: ValueNote): Note {
  if (kind === 'quote-after-blank') return noteQuote(name, offset, value)
  return {
    kind,
    column: name,
    value,
    offset,
    describe: (line) =>
      `Column '${name}': ${clip(value)} at line ${line} ${whatBecame(kind, Number(plain.replace(',', '.')))}.`,
    advice: `To keep it as it is, read the column as text: schema { ${JSON.stringify(name)}: 'category' }.`,
  }
}

/** A text or name that begins with blanks and a quote, which then mean themselves. */
export function noteQuote(name: string, offset: number, value: string): Note {
  return {
    kind: 'quote-after-blank',
    column: name,
    value,
    offset,
    describe: (line) =>
      `Column '${name}': ${clip(value.trim())} at line ${line} was read with its quotes, because blanks come before them.`,
    advice: adviseSkipBlanks,
  }
}

/** Names that are all numbers. */
export function noteNumericHeader(name: string, offset: number): Note {
  return {
    kind: 'numeric-header',
    column: name,
    value: name,
    offset,
    describe: (line) =>
      `The names of the columns, at line ${line}, are all numbers, such as '${clip(name)}'.`,
    advice:
      'If the first row is no header, pass `header: false`. If it is one, pass `header: true`.',
  }
}

/** Numbers with a percent sign or separators of thousands. */
export function noteFormatted(name: string, { offset, value }: StrayText): Note {
  const what = value.includes('%') ? 'a percent sign' : 'separators of thousands'
  return {
    kind: 'formatted-numbers',
    column: name,
    value,
    offset,
    describe: (line) =>
      `Column '${name}' was read as text: its values are numbers with ${what}, such as '${clip(value)}' at line ${line}.`,
    advice:
      'To read numbers, remove these characters from the file. If they are texts, say so with ' +
      `schema { ${JSON.stringify(name)}: 'category' }.`,
  }
}

function whatBecame(kind: ValueNote['kind'], value: number): string {
  if (kind === 'rounded')
    return `has more digits than a number can hold and was read as ${BigInt(value)}`
  if (kind === 'overflow') return `is beyond the largest number and was read as ${value}`
  return `was read as the number ${value}`
}

/**
 * Few texts in a column that holds numbers otherwise.
 *
 * @returns undefined when so many rows have them that it is a column of texts
 */
export function noteStrays(
  { name, values: { data, offset, size }, missing }: CategoryColumn,
  strays: readonly StrayText[],
): Note | undefined {
  const codes = strays.map(({ code }) => code)
  let rows = 0
  for (let i = offset; i < offset + size; i++) if (codes.includes(Number(data[i]))) rows++
  const numbers = size - missing - rows
  const share = numbers / (numbers + rows)
  if (share < (strays.every(({ value }) => knownStrays.test(value.trim())) ? 0.5 : 0.75))
    return undefined
  const [first, ...others] = strays
  const { value } = first!
  const more = others.map((stray) => ` and '${clip(stray.value)}'`).join('')
  return {
    kind: 'text-among-numbers',
    column: name,
    value,
    offset: first!.offset,
    describe: (line) =>
      `Column '${name}' was read as text because of '${clip(value)}' at line ${line}${more}: ` +
      `${numbers} of its ${size - missing} values are numbers.`,
    advice:
      (strays.every((stray) => hasDecimalComma(stray.value)) ? `${commaAdvice} ` : '') +
      'Add a text that means "no value" to `missing`; if all are texts, say so with ' +
      `schema { ${JSON.stringify(name)}: 'category' }.`,
  }
}

const commaAdvice = "If the comma is a decimal point, pass `decimal: ','`."

/** Texts that are numbers with a decimal comma. */
export function noteComma(name: string, { offset, value }: StrayText): Note {
  return {
    kind: 'decimal-comma',
    column: name,
    value,
    offset,
    describe: (line) =>
      `Column '${name}' was read as text: its values look like numbers with a decimal comma, such ` +
      `as '${clip(value)}' at line ${line}.`,
    advice:
      `${commaAdvice} If they are texts, say so with ` +
      `schema { ${JSON.stringify(name)}: 'category' }.`,
  }
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/** Lines (from 1) of places in a file, which ascend. */
function linesOf(
  file: number,
  newline: number,
  places: readonly { readonly offset: number }[],
): number[] {
  const block = Buffer.allocUnsafe(1 << 18)
  let line = 1
  let start = 0
  let length = 0
  let counted = 0
  return places.map(({ offset }) => {
    for (;;) {
      const stop = Math.min(offset - start, length)
      let next = block.indexOf(newline, counted)
      for (; next >= 0 && next < stop; next = block.indexOf(newline, next + 1)) line++
      counted = stop
      if (offset - start < length) return line
      start += length
      counted = 0
      length = readSync(file, block, 0, block.length, start)
      if (length === 0) return line
    }
  })
}

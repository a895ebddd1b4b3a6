/** Reads a CSV or TSV file as features and a target. */

import { basename } from 'node:path'
import { isOneCopyError } from '../../errors.ts'
import {
  type Column,
  defaultMissing,
  designMatrix,
  readCsv,
  type Table,
  type TableWarning,
} from '../../tables/index.ts'
import { asUsage, UsageError } from '../output/failure.ts'
import type { Input, InputRequest, OnRead } from './input.ts'
import { faultText, targetAdvice, warningText } from './table-advice.ts'
import { requireConsistent } from './table-flags.ts'
import { formatCount, formatNumber } from '../../format.ts'

/** A text column with more different texts than this is names or free text, no category. */
const maxCategories = 256

/** Warnings that are shown. */
const mostWarnings = 8

/**
 * Reads a table. Columns that say too little, and rows without a value in one of the others, are
 * left out, and the notes say so.
 *
 * @param target - name of a column of numbers, or of texts to be predicted as classes
 * @throws UsageError, or OneCopyError that names the file and line, or the column
 */
export async function readTable(request: InputRequest, onRead: OnRead): Promise<Input> {
  const { file, target, table: flags } = request
  requireConsistent(flags, target)
  const table = await readColumns(request, onRead)
  if (table.rows === 0) throw new UsageError(`Expected rows to learn from, ${file} has none.`)
  const { columns, notes } = chooseColumns(table, target, flags.without)
  if (columns.length === 0) {
    const why = notes.length > 0 ? notes.join(' ') : 'It has no other column.'
    throw new UsageError(`Expected columns to predict '${target}' from in ${file}. ${why}`)
  }
  const choice = { columns, categories: 'one-hot', missing: 'drop', maxCategories } as const
  const isText = table.column(target).kind === 'category'
  const { X, y, names, rows, droppedRows } = isText
    ? designMatrix(table, { labels: target, ...choice })
    : designMatrix(table, { target, ...choice })
  if (droppedRows > 0) {
    const [have, were] = droppedRows === 1 ? ['has', 'was'] : ['have', 'were']
    const count = `${formatNumber(droppedRows)} of ${formatCount(table.rows, 'row')}`
    notes.push(`${count} ${have} a cell without a value and ${were} left out.`)
  }
  table[Symbol.dispose]()
  const task = request.task ?? (isText ? 'classification' : 'regression')
  return { X, y, task, rows, features: names, target, notes }
}

/**
 * Reads the target as numbers. A text in it is told with its line, and not after everything was read; where there are only texts, or
 * classes are asked for, it is read as such.
 */
async function readColumns(request: InputRequest, onRead: OnRead): Promise<Table> {
  const { file, target, task, table: flags } = request
  try {
    return await readAs('number', request, onRead)
  } catch (error) {
    if (!isOneCopyError(error)) throw error
    if (error.code !== 'ERR_FORMAT' || error.details['column'] !== target)
      throw new UsageError(faultText(error), { cause: error })
    if (task !== 'regression') {
      const table = await asUsage(() => readAs('category', request, onRead))
      if (task === 'classification' || hasOnlyTexts(table.column(target))) return table
      table[Symbol.dispose]()
    }
    const { line, got } = error.details
    throw new UsageError(
      `Expected numbers in the target '${target}', got '${String(got)}' at line ${String(line)} ` +
        `of ${basename(file)}. ${targetAdvice(String(got), Number(line) <= (flags.header ? 2 : 1), task)}`,
      { cause: error },
    )
  }
}

/** Whether no value of a column reads as a number, also with a decimal comma. */
function hasOnlyTexts(column: Column): boolean {
  return (
    column.kind === 'category' &&
    !column.categories.some((text) => Number.isFinite(Number(text.replace(',', '.'))))
  )
}

function readAs(
  kind: 'number' | 'category',
  { file, target, table: { text = [], missing = [], shortRows, ...flags } }: InputRequest,
  onRead: OnRead,
): Promise<Table> {
  return readCsv(file, {
    header: flags.header,
    decimal: flags.decimal,
    comment: flags.comment,
    rowNames: flags.rowNames,
    trailingDelimiter: flags.trailingDelimiter,
    skipInitialSpace: flags.skipInitialSpace,
    delimiter: flags.delimiter ?? (/\.tsv$/i.test(file) ? '\t' : undefined),
    shortRows: shortRows === true ? 'fill' : 'error',
    missing: [...defaultMissing, ...missing],
    schema: Object.fromEntries([...text.map((name) => [name, 'category']), [target, kind]]),
    onProgress: ({ bytes, totalBytes, pass }) =>
      onRead(((pass - 1) * totalBytes + bytes) / (pass * totalBytes)),
  })
}

/** Leaves out columns that would cost most rows, or a feature for nearly every row. */
function chooseColumns(
  table: Table,
  target: string,
  without: readonly string[] = [],
): { columns: string[]; notes: string[] } {
  const dropped = new Set(without.map((name) => table.column(name).name))
  const columns: string[] = []
  const notes = noteWarnings(table.warnings.filter(({ column }) => !dropped.has(column)))
  for (const column of table.columns) {
    if (column.name === target || dropped.has(column.name)) continue
    if (column.missing > table.rows / 2) {
      const count = `${formatNumber(column.missing)} of ${formatCount(table.rows, 'row')}`
      notes.push(`Column '${column.name}' was left out: it has no value in ${count}.`)
    } else if (column.kind === 'category' && column.categories.length > maxCategories) {
      const count = formatNumber(column.categories.length)
      notes.push(`Column '${column.name}' was left out: it has ${count} different texts.`)
    } else columns.push(column.name)
  }
  return { columns, notes }
}

/** The first few, since a wide table may have thousands. */
function noteWarnings(warnings: readonly TableWarning[]): string[] {
  const shown = warnings.slice(0, mostWarnings).map(warningText)
  const more = warnings.length - shown.length
  return more > 0 ? [...shown, `${formatCount(more, 'more warning')} not shown.`] : shown
}

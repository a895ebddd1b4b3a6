/** Reads a CSV or TSV file as features and a target. */

import { basename } from 'node:path'
import { isOneCopyError } from '../../errors.ts'
import { designMatrix, readCsv, type Table } from '../../tables/index.ts'
import { UsageError } from '../output/failure.ts'
import type { Input, OnRead } from './input.ts'
import { countOf, countText } from '../output/numbers-text.ts'

/** A text column with more different texts than this is names or free text, no category. */
const maxCategories = 256

/**
 * Reads a table. Columns that say too little, and rows without a value in one of the others, are
 * left out, and the notes say so.
 *
 * @param target - name of a column of numbers
 * @throws UsageError, or OneCopyError that names the file and line, or the column
 */
export async function readTable(file: string, target: string, onRead: OnRead): Promise<Input> {
  const table = await readColumns(file, target, onRead)
  if (table.rows === 0) throw new UsageError(`Expected rows to learn from, ${file} has none.`)
  const { columns, notes } = chooseColumns(table, target)
  if (columns.length === 0) {
    const why = notes.length > 0 ? notes.join(' ') : 'It has no other column.'
    throw new UsageError(`Expected columns to predict '${target}' from in ${file}. ${why}`)
  }
  const { X, y, names, droppedRows } = designMatrix(table, {
    target,
    columns,
    categories: 'one-hot',
    missing: 'drop',
    maxCategories,
  })
  if (droppedRows > 0) {
    const [have, were] = droppedRows === 1 ? ['has', 'was'] : ['have', 'were']
    const count = `${countText(droppedRows)} of ${countOf(table.rows, 'row')}`
    notes.push(`${count} ${have} a cell without a value and ${were} left out.`)
  }
  table[Symbol.dispose]()
  return { X, y, features: names, target, notes }
}

/** A text in the target is told with its line, and not after everything was read. */
async function readColumns(file: string, target: string, onRead: OnRead): Promise<Table> {
  try {
    return await readCsv(file, {
      delimiter: /\.tsv$/i.test(file) ? '\t' : undefined,
      schema: { [target]: 'number' },
      onProgress: ({ bytes, totalBytes, pass }) =>
        onRead(((pass - 1) * totalBytes + bytes) / (pass * totalBytes)),
    })
  } catch (error) {
    if (!isOneCopyError(error) || error.details['column'] !== target) throw error
    if (error.code !== 'ERR_FORMAT') throw error
    const { line, got } = error.details
    throw new UsageError(
      `Expected numbers in the target '${target}', got '${String(got)}' at line ${String(line)} ` +
        `of ${basename(file)}.`,
      { cause: error },
    )
  }
}

/** Leaves out columns that would cost most rows, or a feature for nearly every row. */
function chooseColumns(table: Table, target: string): { columns: string[]; notes: string[] } {
  const columns: string[] = []
  const notes: string[] = []
  for (const column of table.columns) {
    if (column.name === target) continue
    if (column.missing > table.rows / 2) {
      const count = `${countText(column.missing)} of ${countOf(table.rows, 'row')}`
      notes.push(`Column '${column.name}' was left out: it has no value in ${count}.`)
    } else if (column.kind === 'category' && column.categories.length > maxCategories) {
      const count = countText(column.categories.length)
      notes.push(`Column '${column.name}' was left out: it has ${count} different texts.`)
    } else columns.push(column.name)
  }
  return { columns, notes }
}

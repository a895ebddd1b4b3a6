/** Reads a table from a file as features and a target. */

import { basename } from 'node:path'
import { isOneCopyError, type OneCopyError } from '../../errors.ts'
import {
  type Column,
  type ColumnKind,
  designMatrix,
  plainColumn,
  readCsv,
  Table,
  type TableWarning,
} from '../../tables/index.ts'
import { asUsage, UsageError } from '../output/failure.ts'
import type { FeatureSource, Input, InputRequest, OnRead } from './input.ts'
import { isArrowFile, openArrowColumns } from './arrow-columns.ts'
import { keepColumns } from './kept-columns.ts'
import { requireOwnColumns, takeGroups, takeWeights } from './row-columns.ts'
import { faultText, targetAdvice, warningText } from './table-advice.ts'
import { csvOptions, refuseTableFlags, requireConsistent } from './table-flags.ts'
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
  requireOwnColumns(request)
  requireConsistent(flags, request)
  const table = await readColumns(request, onRead)
  if (table.rows === 0) throw new UsageError(`Expected rows to learn from, ${file} has none.`)
  const { columns, notes } = chooseColumns(table, request)
  if (columns.length === 0) {
    const why = notes.length > 0 ? notes.join(' ') : 'It has no other column.'
    throw new UsageError(`Expected columns to predict '${target}' from in ${file}. ${why}`)
  }
  const isText = table.column(target).kind === 'category'
  const task = request.task ?? (isText ? 'classification' : 'regression')
  if (request.keepsColumns === true) {
    const kept = keepColumns(table, columns, target)
    const ofRows = readRowColumns(table, kept.rows, request)
    noteNoTarget(notes, kept.rows, table.rows, target)
    if (kept.rows !== undefined) table[Symbol.dispose]()
    return { ...kept, ...ofRows, task, target, notes }
  }
  const choice = {
    columns,
    categories: 'one-hot',
    missing: 'drop',
    unknown: 'ignore',
    maxCategories,
  } as const
  const { X, y, names, rows, encoder, droppedRows } = isText
    ? designMatrix(table, { labels: target, ...choice })
    : designMatrix(table, { target, ...choice })
  noteDropped(notes, droppedRows, table.rows)
  const ofRows = readRowColumns(table, rows, request)
  table[Symbol.dispose]()
  const sources = sourcesOf(encoder.features_)
  return { X, y, ...ofRows, task, rows, features: names, sources, target, encoder, notes }
}

/**
 * Reads other rows of the same table, whose columns become the same features.
 *
 * @param request - how the first table was read, and the file with the other rows
 * @param input - what was read of the first table
 * @throws UsageError, or OneCopyError that names the file and line, or the column
 */
export async function readOtherTable(
  request: InputRequest,
  input: Input,
  onRead: OnRead,
): Promise<Input> {
  const { file, target } = request
  const isText = Array.isArray(input.y)
  const ofTarget: Record<string, ColumnKind> = { [target]: isText ? 'category' : 'number' }
  if (input.X instanceof Table) return readOtherColumns(request, input, input.X, ofTarget, onRead)
  const encoder = input.encoder!
  const kinds = { ...encoder.schema, ...ofTarget }
  const table = await readLike(kinds, request, onRead)
  const { X, y, names, rows, droppedRows } = await asUsage(() =>
    isText
      ? designMatrix(table, { labels: target, encoder })
      : designMatrix(table, { target, encoder }),
  )
  const notes = noteUnknown(table, encoder.features_, basename(file))
  noteDropped(notes, droppedRows, table.rows, ` of ${basename(file)}`)
  const ofRows = readRowColumns(table, rows, { ...request, groups: undefined })
  table[Symbol.dispose]()
  return { ...input, X, y, groups: undefined, ...ofRows, rows, features: names, notes }
}

/** Reads other rows of a table whose columns are features themselves. */
async function readOtherColumns(
  request: InputRequest,
  input: Input,
  first: Table,
  ofTarget: Readonly<Record<string, ColumnKind>>,
  onRead: OnRead,
): Promise<Input> {
  const { file, target } = request
  const kinds = Object.fromEntries<ColumnKind>(
    first.columns.map((column) => [column.name, plainColumn(column).kind]),
  )
  const table = await readLike({ ...kinds, ...ofTarget }, request, onRead)
  const kept = await asUsage(() => keepColumns(table, first.names, target))
  const known = first.columns.map((column) => ({
    name: column.name,
    categories: column.kind === 'category' ? column.categories : [],
  }))
  const notes = noteUnknown(table, known, basename(file))
  noteNoTarget(notes, kept.rows, table.rows, target, ` of ${basename(file)}`)
  const ofRows = readRowColumns(table, kept.rows, { ...request, groups: undefined })
  if (kept.rows !== undefined) table[Symbol.dispose]()
  return { ...input, ...kept, groups: undefined, ...ofRows, notes }
}

/** Reads a table whose columns hold what those of another one do. */
async function readLike(
  kinds: Readonly<Record<string, ColumnKind>>,
  request: InputRequest,
  onRead: OnRead,
): Promise<Table> {
  try {
    const table = await readAs(kinds, request, onRead)
    if (table.rows > 0) return table
    throw new UsageError(`Expected rows to predict, ${request.file} has none.`)
  } catch (error) {
    if (!isOneCopyError(error)) throw error
    if (error.code === 'ERR_FORMAT' && typeof error.details['column'] === 'string')
      throw noNumber(error, 'as in the file that is learned from', request.file)
    throw new UsageError(faultText(error), { cause: error })
  }
}

/** A text in a column of numbers. */
function noNumber(error: OneCopyError, where: string, file: string): UsageError {
  const { column, line, got } = error.details
  return new UsageError(
    `Expected numbers in the column '${String(column)}' ${where}, got '${String(got)}' at line ${String(line)} of ${basename(file)}.`,
    { cause: error },
  )
}

function noteDropped(notes: string[], dropped: number, rows: number, where = ''): void {
  if (dropped === 0) return
  const [have, were] = dropped === 1 ? ['has', 'was'] : ['have', 'were']
  const count = `${formatNumber(dropped)} of ${formatCount(rows, 'row')}${where}`
  notes.push(`${count} ${have} a cell without a value and ${were} left out.`)
}

/** Rows that say nothing about the target. */
function noteNoTarget(
  notes: string[],
  used: Int32Array | undefined,
  rows: number,
  target: string,
  where = '',
): void {
  const left = used === undefined ? 0 : rows - used.length
  if (left === 0) return
  const [have, were] = left === 1 ? ['has', 'was'] : ['have', 'were']
  const count = `${formatNumber(left)} of ${formatCount(rows, 'row')}${where}`
  notes.push(`${count} ${have} no value in '${target}' and ${were} left out.`)
}

/** Texts that only the other table has: no model knows them. */
function noteUnknown(
  table: Table,
  features: readonly { readonly name: string; readonly categories: readonly string[] }[],
  file: string,
): string[] {
  return features.flatMap(({ name, categories }) => {
    const column = table.column(name)
    if (column.kind !== 'category' || categories.length === 0) return []
    const known = new Set(categories)
    const others = column.categories.filter((text) => !known.has(text))
    if (others.length === 0) return []
    const shown = `${others
      .slice(0, 3)
      .map((text) => `'${text}'`)
      .join(', ')}${others.length > 3 ? ', …' : ''}`
    return [
      `Column '${name}' of ${file} has ${formatCount(others.length, 'text')} that the models have not seen and ignore: ${shown}.`,
    ]
  })
}

/** Weights and groups of the rows that are used. */
function readRowColumns(
  table: Table,
  rows: Int32Array | undefined,
  { weights, groups, file }: InputRequest,
): Pick<Input, 'weights' | 'groups'> {
  const used = rows ?? table.rows
  const taken: { weights?: Input['weights']; groups?: Input['groups'] } = {}
  if (weights !== undefined) {
    const column = plainColumn(table.column(weights))
    taken.weights = takeWeights((row) => Number(column.values.get(row)), used, {
      name: weights,
      file,
    })
  }
  if (groups !== undefined) taken.groups = takeGroups(table.column(groups), used, file)
  return taken
}

/** Which columns of the matrix each column of the table became. */
function sourcesOf(
  features: readonly { readonly name: string; readonly categories: readonly string[] }[],
): FeatureSource[] {
  let start = 0
  return features.map(({ name, categories }) => {
    const range = [start, start + Math.max(1, categories.length)] as const
    start = range[1]
    return { name, range }
  })
}

/**
 * Reads the target as numbers. A text in it is told with its line, and not after everything was read; where there are only texts, or
 * classes are asked for, it is read as such.
 */
async function readColumns(request: InputRequest, onRead: OnRead): Promise<Table> {
  const { file, target, task, table: flags } = request
  try {
    return await readAs(kindsOf('number', request), request, onRead)
  } catch (error) {
    if (!isOneCopyError(error)) throw error
    const column = error.code === 'ERR_FORMAT' ? error.details['column'] : undefined
    if (column !== undefined && column === request.weights)
      throw noNumber(error, 'of --weights', file)
    if (column === undefined || column !== target)
      throw new UsageError(faultText(error), { cause: error })
    if (task !== 'regression') {
      const table = await asUsage(() => readAs(kindsOf('category', request), request, onRead))
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

/** What columns hold, as far as it is known before they are read. */
function kindsOf(
  target: ColumnKind,
  { target: name, weights, table: { text = [] } }: InputRequest,
): Record<string, ColumnKind> {
  return {
    ...Object.fromEntries(text.map((column) => [column, 'category'])),
    ...(weights !== undefined && { [weights]: 'number' }),
    [name]: target,
  }
}

async function readAs(
  schema: Readonly<Record<string, ColumnKind>>,
  { file, table }: InputRequest,
  onRead: OnRead,
): Promise<Table> {
  if (isArrowFile(file)) {
    const { without: _, ...flags } = table
    refuseTableFlags(flags, file)
    return openArrowColumns(file)
  }
  return readCsv(file, {
    ...csvOptions(file, table),
    schema,
    onProgress: ({ bytes, totalBytes, pass }) =>
      onRead(((pass - 1) * totalBytes + bytes) / (pass * totalBytes)),
  })
}

/** Leaves out columns that would cost most rows, or a feature for nearly every row. */
function chooseColumns(
  table: Table,
  { target, weights, groups, keepsColumns, table: { without = [] } }: InputRequest,
): { columns: string[]; notes: string[] } {
  const others = [
    ...without,
    ...(weights === undefined ? [] : [weights]),
    ...(groups === undefined ? [] : [groups]),
  ]
  for (const name of without) requireOneName(table, name)
  const dropped = new Set(others.map((name) => table.column(name).name))
  requireOneTarget(table, target, dropped)
  const columns: string[] = []
  const notes = noteWarnings(table.warnings.filter(({ column }) => !dropped.has(column)))
  for (const column of table.columns) {
    if (column.name === target || dropped.has(column.name)) continue
    // Learners of columns read gaps; elsewhere each costs its row.
    const most = keepsColumns === true ? table.rows - 1 : table.rows / 2
    if (column.missing > most) {
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

/** Refuses several names in one `--without`: a name may have commas of its own. */
function requireOneName(table: Table, name: string): void {
  const names = name.split(',')
  if (names.length === 1 || table.has(name) || !names.every((one) => table.has(one))) return
  throw new UsageError(
    `Expected --without to name one column, got '${name}'. Repeat it for each column: ${names.map((one) => `--without '${one}'`).join(' ')}.`,
  )
}

/** Refuses a target whose header another column has: predicted from itself, it would be predicted without an error. */
function requireOneTarget(table: Table, target: string, dropped: ReadonlySet<string>): void {
  const headers = new Map(
    table.warnings
      .filter(({ kind }) => kind === 'renamed')
      .map(({ column, value }) => [column, value]),
  )
  const header = headers.get(target) ?? target
  const other = table.names.find(
    (name) => name !== target && !dropped.has(name) && (headers.get(name) ?? name) === header,
  )
  if (other === undefined || !(headers.has(other) || headers.has(target))) return
  throw new UsageError(
    `Expected one column '${header}' to predict, got several: column '${other}' has the same header. ` +
      `Rename one of them in the file, or leave it out with --without '${other}'.`,
  )
}

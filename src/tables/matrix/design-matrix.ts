/** Turns columns of a table into a matrix and a target. */

import { type NDArray, shared } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import { listNames } from '../../nearest-names.ts'
import { type OptionTypes, requireOptions } from '../../options.ts'
import { type PlainColumn, plainColumn } from '../columns/plain-column.ts'
import type { Table } from '../table/table.ts'
import { tableHint } from '../csv/foreign-options.ts'
import { encodeNumbers } from './encoders.ts'
import { chooseRows } from './missing-rows.ts'
import {
  type EncodedTable,
  encoderOptionTypes,
  fillRows,
  findColumn,
  requireTable,
  requireValues,
  TableEncoder,
  type TableEncoderOptions,
} from './table-encoder.ts'

/** Options of {@link designMatrix}. A row without a target is never kept. */
export interface DesignOptions extends TableEncoderOptions {
  /** Name of the numeric column to be predicted; for a column of texts pass `labels`. */
  readonly target: string
  /** A fitted encoder, which then says all but the target. Default: one that is fitted to the table. */
  readonly encoder?: TableEncoder | undefined
}

/** Options of {@link designMatrix} for a classifier. A row without a label is never kept. */
export interface LabelOptions extends Omit<DesignOptions, 'target'> {
  /** Name of the column of texts to be predicted. */
  readonly labels: string
}

/** A table made into numbers, with texts to predict. */
export interface LabeledMatrix extends EncodedTable {
  /** The text of each row of `X`, as classifiers take labels. */
  readonly y: readonly string[]
  /** Makes matrices with the same columns of other tables. */
  readonly encoder: TableEncoder
}

/** A table made into numbers. */
export interface DesignMatrix extends EncodedTable {
  /** Target, shape (n), in scratch memory. */
  readonly y: NDArray<'float64'>
  /** Makes matrices with the same columns of other tables. */
  readonly encoder: TableEncoder
}

/**
 * Makes a matrix of a table's columns. Categories are sorted, so that files with the same ones give
 * the same columns, whatever the order of their rows.
 *
 * @param table - is read, and not needed afterwards
 * @param options - target or labels, columns, and what to do with categories and missing values
 * @returns copies in scratch memory, X of shape (n, d) and y of shape (n), or a list of n texts for `labels`; and the
 * encoder that was used, for the rows of other tables
 * @throws OneCopyError `ERR_INDEX` for a column that doesn't exist or can't be used, `ERR_VALUE` for
 * missing values, `ERR_OPTION`
 * @see scikit-learn.org/stable/modules/preprocessing.html#encoding-categorical-features
 *
 * @example
 * ```ts
 * const { X, y, names } = designMatrix(await readCsv('diamonds.csv'), { target: 'price' })
 * X.shape // [53940, 26]
 * names.slice(0, 3) // ['carat', 'cut=Fair', 'cut=Good']
 * const classes = designMatrix(await readCsv('penguins.csv'), { labels: 'species', missing: 'drop' })
 * classes.y[0] // 'Adelie'
 * ```
 */
export function designMatrix(table: Table, options: DesignOptions): DesignMatrix
export function designMatrix(table: Table, options: LabelOptions): LabeledMatrix
export function designMatrix(
  table: Table,
  options: DesignOptions | LabelOptions,
): DesignMatrix | LabeledMatrix {
  requireTable(table)
  requireOptions<Partial<DesignOptions & LabelOptions>>(
    'designMatrix',
    options,
    types,
    tableHint(types),
  )
  const { encoder: given, target: targetName, labels, ...rest } = { ...absent, ...options }
  if (given !== undefined) requireNoOther(rest)
  const target = requireTarget(table, targetName, labels)
  requireValues(
    target,
    table.rows,
    `Choose another \`${labels === undefined ? 'target' : 'labels'}\`.`,
  )
  const encoder = given ?? new TableEncoder({ ...rest, target: target.name }).fit(table)
  const { features } = encoder
  if (features.some(({ name }) => name === target.name)) throw targetIsFeature(target.name)

  const columns = features.map((feature) => findColumn(table, feature))
  const rows = chooseRows(table.rows, target, columns, encoder.missing)
  const encoded = encoder.encodeRows(columns, rows, table.rows)
  if (target.kind === 'category') {
    const texts = target.toArray() as string[]
    return { ...encoded, y: rows ? Array.from(rows, (row) => texts[row]!) : texts, encoder }
  }
  const y = shared([rows?.length ?? table.rows], 'float64')
  fillRows(y, [encodeNumbers(target)], rows)
  return { ...encoded, y, encoder }
}

const absent = { target: undefined, labels: undefined }

const types: OptionTypes<Partial<DesignOptions & LabelOptions>> = {
  ...encoderOptionTypes,
  labels: encoderOptionTypes.target,
  target: encoderOptionTypes.target,
  encoder: [(value) => value instanceof TableEncoder, 'a TableEncoder'],
}

/** An encoder has options of its own, and others would be passed over. */
function requireNoOther(options: TableEncoderOptions): void {
  const name = Object.entries(options).find(([, value]) => value !== undefined)?.[0]
  if (name === undefined) return
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`encoder\` without \`${name}\`, which the encoder has itself. Pass it to the TableEncoder.`,
  )
}

function targetIsFeature(name: string): OneCopyError {
  return new OneCopyError(
    'ERR_INDEX',
    `Expected \`encoder\` without the target '${name}' among its columns. Fit it with \`target: '${name}'\`.`,
    { details: { column: name } },
  )
}

/** The column of numbers of `target`, or of texts of `labels`. */
function requireTarget(
  table: Table,
  name: string | undefined,
  labels: string | undefined,
): PlainColumn {
  if (labels !== undefined) return requireLabels(table, labels, name)
  if (name === undefined) {
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected \`target\` to name the column to be predicted, got undefined. There are ${listNames(table.names)}`,
    )
  }
  const target = plainColumn(table.column(name))
  if (target.kind === 'number') return target
  const shown = target.categories.slice(0, 3).map((text) => `'${text}'`)
  throw new OneCopyError(
    'ERR_INDEX',
    `Expected a target of numbers, got column '${name}' of texts such as ${shown.join(', ')}. ` +
      `For a classifier pass \`labels: ${show(name)}\` in place of \`target\`. ${adviseTarget(table)}`,
    { details: { column: name } },
  )
}

function requireLabels(table: Table, name: string, target: string | undefined): PlainColumn {
  if (target !== undefined)
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected one of \`target\` and \`labels\`, got both: ${show(target)} and ${show(name)}.`,
    )
  const column = plainColumn(table.column(name))
  if (column.kind === 'category') return column
  throw new OneCopyError(
    'ERR_INDEX',
    `Expected \`labels\` to name a column of texts, got column ${show(name)} of numbers. Pass \`target: ${show(name)}\`: classifiers take numbers, too.`,
    { details: { column: name } },
  )
}

function adviseTarget({ columns }: Table): string {
  const numeric = columns
    .filter(({ kind }) => kind === 'number' || kind === 'boolean')
    .map(({ name }) => name)
  if (numeric.length > 0) return `Columns of numbers: ${listNames(numeric)}`
  return 'No column of this table has only numbers.'
}

/** Parts of a ColumnTransformer: some columns and their transformer. */

import { OneCopyError, show } from '../../errors.ts'
import { unknownCategoryOf } from '../encoders/categories.ts'
import { isTransformer, type Transformer } from '../contract/estimator.ts'
import { isRowMapper, type RowMap, trainingMapOf } from '../contract/row-map.ts'
import { requireNoTexts, requireReaders } from '../features/table-refusals.ts'
import { requireColumnNumbers } from '../preprocessing/select-columns.ts'
import { sameRows, wrapTransformer } from './fit-steps.ts'

/** Some columns, and what becomes of them. */
export interface ColumnPart {
  /** Column numbers, from 0, or names of columns of a table; a column may be in several parts. */
  readonly columns: readonly number[] | Int32Array | readonly string[]
  /** A transformer, `'passthrough'` to keep the columns as they are, or `'drop'`. */
  readonly transformer: Transformer | 'passthrough' | 'drop'
}

/** The columns that parts choose from. */
export interface PartColumns {
  readonly count: number
  /** Their names, when they are those of a table. */
  readonly names?: readonly string[] | undefined
  /** For each the texts that it holds; null for numbers. */
  readonly categories?: readonly (readonly string[] | null)[] | undefined
}

/** A part with checked columns. */
export interface CheckedPart {
  readonly name: string
  readonly columns: Int32Array
  readonly transformer: Transformer | 'passthrough'
}

/** The name of the part of all other columns. */
const remainderName = 'remainder'

/**
 * Checks the parts of the columns of a matrix or table. Dropped ones are left out; the other columns come last.
 *
 * @throws TypeError for what is no part; OneCopyError `ERR_INDEX`, `ERR_OPTION`
 */
export function requireParts(
  parts: unknown,
  remainder: unknown,
  columns: PartColumns,
): CheckedPart[] {
  if (typeof parts !== 'object' || parts === null || Array.isArray(parts)) {
    throw new TypeError(
      'Expected `transformers` of ColumnTransformer to be parts by name, such as ' +
        `{ numbers: { columns: [0, 1], transformer: new StandardScaler() } }, got ${show(parts)}.`,
    )
  }
  const taken = new Set<number>()
  const checked: CheckedPart[] = []
  for (const [name, part] of Object.entries(parts)) {
    requirePartName(name)
    const { columns: own, transformer } = (part ?? {}) as Partial<ColumnPart>
    requireAction(`part \`${name}\``, transformer, part)
    const chosen = requireColumnNumbers(
      `part \`${name}\` of ColumnTransformer`,
      own ?? null,
      columns.count,
      columns.names,
    )
    for (const column of chosen) taken.add(column)
    if (transformer !== 'drop') checked.push({ name, columns: chosen, transformer: transformer! })
  }
  requireAction('`remainder`', remainder)
  const others = Int32Array.from({ length: columns.count }, (_, j) => j).filter(
    (j) => !taken.has(j),
  )
  if (others.length > 0 && remainder !== 'drop') {
    const transformer = remainder as Transformer | 'passthrough'
    checked.push({ name: remainderName, columns: others, transformer })
  }
  for (const part of checked) requireReadable(part, columns)
  if (checked.length > 0) return checked
  throw new OneCopyError(
    'ERR_OPTION',
    "Expected options of ColumnTransformer that keep at least one column, got none. Set remainder: 'passthrough' to keep the others.",
  )
}

/** Refuses texts that would come out of a part as numbers. */
function requireReadable(
  { columns, transformer }: CheckedPart,
  { names = [], categories = [] }: PartColumns,
): void {
  const chosen = {
    names: Array.from(columns, (column) => names[column] ?? ''),
    categories: Array.from(columns, (column) => categories[column] ?? null),
  }
  if (transformer === 'passthrough') requireNoTexts("'passthrough'", chosen)
  else requireReaders([transformer], chosen, false)
}

function requirePartName(name: string): void {
  if (name !== '' && name !== remainderName && name !== '__proto__' && !name.includes('.')) return
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected names of parts of ColumnTransformer without dots, and other than '${remainderName}', got ${show(name)}.`,
    { details: { name } },
  )
}

function requireAction(what: string, action: unknown, got: unknown = action): void {
  if (action === 'passthrough' || action === 'drop' || isTransformer(action)) return
  throw new TypeError(
    `Expected ${what} of ColumnTransformer to have a transformer with fit() and transform(), 'passthrough' or 'drop', got ${show(got)}.`,
  )
}

/** A part with its fitted map. */
export interface MappedPart {
  readonly columns: Int32Array
  readonly map: RowMap
  /** The map of the rows of the last `fit`. */
  readonly trainingMap: RowMap
}

/** The map of a fitted part. */
export function mapOfPart({ name, columns, transformer }: CheckedPart, width: number): MappedPart {
  if (transformer !== 'passthrough' && isRowMapper(transformer))
    return { columns, map: transformer.rowMap(), trainingMap: trainingMapOf(transformer) }
  const map =
    transformer === 'passthrough'
      ? sameRows(columns.length)
      : wrapTransformer(name, transformer, columns.length, width)
  return { columns, map, trainingMap: map }
}

/** The map that applies each part to its columns and puts the results side by side. */
export function joinParts(
  parts: readonly Pick<MappedPart, 'columns' | 'map'>[],
  columns: number,
): RowMap {
  const width = parts.reduce((sum, { map }) => sum + map.width, 0)
  const widest = parts.reduce(
    (most, part) => Math.max(most, part.columns.length + part.map.width + (part.map.scratch ?? 0)),
    0,
  )
  return {
    columns,
    width,
    scratch: Math.max(width, widest),
    async apply(from, to, count, rowAt) {
      let first = 0
      for (const { columns: own, map } of parts) {
        const chosen = new Float64Array(count * own.length)
        for (let i = 0, at = 0; i < count; i++)
          for (const column of own) chosen[at++] = from[i * columns + column]!
        const mapped = new Float64Array(count * map.width)
        await withColumnsOf(own, () => map.apply(chosen, mapped, count, rowAt))
        for (let i = 0, at = 0; i < count; i++)
          for (let k = 0; k < map.width; k++) to[i * width + first + k] = mapped[at++]!
        first += map.width
      }
    },
  }
}

/** Runs the map of a part; an unknown category is named by its column in all of them. */
async function withColumnsOf(
  columns: ArrayLike<number>,
  map: () => void | Promise<void>,
): Promise<void> {
  try {
    await map()
  } catch (error) {
    throw unknownCategoryOf(error, columns)
  }
}

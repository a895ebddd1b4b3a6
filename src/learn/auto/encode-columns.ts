/** Columns of numbers without gaps, for learners that need them. */

import { type NDArray, type Rows, shared } from '../../arrays/index.ts'
import type { Transformer } from '../contract/estimator.ts'
import { OneHotEncoder } from '../encoders/one-hot-encoder.ts'
import { columnsOf } from '../inputs/feature-input.ts'
import { ColumnTransformer } from '../pipelines/column-transformer.ts'
import type { ColumnPart } from '../pipelines/column-parts.ts'
import { SimpleImputer } from '../preprocessing/simple-imputer.ts'
import { columnsWithMissing } from '../statistics/column-values.ts'

/** What makes rows of numbers of rows, and the rows that are learned from. */
export interface EncodedColumns {
  /** Fills in missing values of new rows, too, where the rows that are learned from have none. */
  readonly encoder: ColumnTransformer
  /** `X` itself when nothing has to be changed, otherwise in scratch memory. */
  readonly X: NDArray
}

/** Most columns that one column of categories becomes, with the one of rare categories. */
const mostCategories = 33

/**
 * Fills in means for missing values, adds a column that says where they were, and turns categories into columns of 0 and 1. Means and
 * categories are those of all chosen rows, and the target is not looked at, as for the edges of bins.
 *
 * @param rows - the chosen ones; of others nothing is read, and their encoded rows hold anything
 * @returns `X` itself when it holds numbers only and none is missing
 * @throws OneCopyError `ERR_VALUE` for infinity
 */
export async function encodeColumns(
  X: NDArray,
  weights: Float64Array | undefined,
  rows: Rows,
): Promise<EncodedColumns> {
  const [n, d] = X.shape as [number, number]
  const categories = columnsOf(X)?.categories ?? []
  const ofTexts = (column: number): boolean => (categories[column] ?? null) !== null
  const texts = [...Array(d).keys()].filter(ofTexts)
  const missing = await columnsWithMissing({ X, rows })
  const encoder = makeEncoder(d, texts)
  await encoder.fit(X, undefined, { rows, ...(weights && { weights }) })
  if (texts.length === 0 && missing.length === 0) return { encoder, X }
  const width = encoder.widths_.reduce((sum, one) => sum + one, 0)
  const out = shared([n, width], 'float64')
  try {
    await encoder.transform(X, { rows, out })
    return { encoder, X: out }
  } catch (error) {
    out[Symbol.dispose]()
    throw error
  }
}

/** An unfitted encoder of columns, of which some hold texts. */
export function makeEncoder(columns: number, texts: readonly number[]): ColumnTransformer {
  const parts: Record<string, ColumnPart> = {}
  const add = (name: string, columns: readonly number[], transformer: Transformer): void => {
    if (columns.length > 0) parts[name] = { columns, transformer }
  }
  const numbers = [...Array(columns).keys()].filter((column) => !texts.includes(column))
  add('numbers', numbers, new SimpleImputer({ addIndicator: true, keepEmptyFeatures: true }))
  add(
    'categories',
    texts,
    new OneHotEncoder({ handleUnknown: 'infrequentIfExist', maxCategories: mostCategories }),
  )
  return new ColumnTransformer({ transformers: parts })
}

/** The columns of an encoder that hold texts. */
export function textsOf({ transformers }: ColumnTransformer): readonly number[] {
  const columns = transformers['categories']?.columns ?? []
  return columns as readonly number[]
}

/** Bytes that encoded columns take, before they are made. */
export function encodedBytes(X: NDArray): number {
  const [n, d] = X.shape as [number, number]
  const categories = columnsOf(X)?.categories ?? []
  const widths = Array.from({ length: d }, (_, column) =>
    Math.min(mostCategories, categories[column]?.length ?? 1),
  )
  return widths.some((width) => width > 1) ? 8 * n * widths.reduce((sum, one) => sum + one, 0) : 0
}

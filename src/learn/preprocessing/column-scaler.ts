/** Base of scalers: fit by moments, transform each column. */

import { type NDArray, type Rows, toRowNumbers } from '../../arrays/index.ts'
import { requireAttached, requireMatrix } from '../../arrays/internal.ts'
import {
  BaseEstimator,
  requireColumns,
  requireFitOptions,
  requireFitted,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import { type ArrayInput, asArray } from '../inputs/as-array.ts'
import {
  clone,
  forget,
  learnedState,
  type FitOptions,
  type LearnedState,
  type PredictOptions,
} from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { fillRows } from '../contract/write-output.ts'
import type { AffineTransformer } from '../contract/moments-estimator.ts'
import { readColumnBlocks } from './column-blocks.ts'
import { isRounding } from '../statistics/lost-digits.ts'
import type { AffineMap, Moments } from '../statistics/moments.ts'

/** Values to process between two turns of the event loop: a few milliseconds of work. */
const valuesPerTurn = 1 << 20

/** A transformer x -> (x - shift) / scale of every column by itself. */
export abstract class ColumnScaler extends BaseEstimator implements AffineTransformer {
  /** Numbers subtracted from the columns, shape (d). */
  declare shift_: Float64Array
  /** Divisors of the columns, shape (d). */
  declare scale_: Float64Array

  abstract fitMoments(moments: Moments): this

  /**
   * Learns from rows of `X` in one pass over them for every 256 columns.
   *
   * @param X - values, shape (n, d), any real dtype; read in place, lists are copied once
   * @param _y - ignored
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  async fit(X: ArrayInput, _y?: ArrayInput, options: FitOptions = {}): Promise<this> {
    requireFitOptions(this, options)
    forget(this)
    const { rows, weights } = options
    const groups = rows === undefined ? {} : { groups: [rows] }
    const read = { weights, ...groups }
    const parts: LearnedState[] = []
    for await (const moments of readColumnBlocks(asArray(X, '`X`'), read))
      parts.push(learnedState(clone(this).fitMoments(moments)))
    return Object.assign(this, parts.length === 1 ? parts[0] : joinColumns(parts))
  }

  /** Keeps columns whose values differ only by rounding; scaling would magnify the rounding errors. */
  protected keepRounding({ columns, minimum, maximum }: Moments): void {
    for (let j = 0; j < columns; j++) {
      if (!isRounding(minimum[j]!, maximum[j]!)) continue
      this.shift_[j] = 0
      this.scale_[j] = 1
    }
  }

  /** Refuses learned values that no fit can have given. */
  checkLearned(values: LearnedValues): void {
    const { length } = values.floats('scale_')
    values.floats('shift_', length)
    if (length === 0 || values.floats('scale_').includes(0))
      throw values.refuse('scale_', 'numbers other than 0', length === 0 ? 'none' : '0')
    for (const name of this.learnedColumns()) values.floats(name, length)
  }

  /** Names of other learned values that have one number for each column. */
  protected abstract learnedColumns(): readonly string[]

  affine(): AffineMap {
    requireFitted(this, 'scale_')
    return { shift: this.shift_, scale: this.scale_ }
  }

  /**
   * Scales rows of `X`. Linear models in ensembles don't call it: they scale moments and coefficients.
   *
   * @param X - values, shape (n, d)
   * @returns shape (rows, d), or `options.out` of shape (n, d)
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`
   */
  async transform(X: ArrayInput, options: PredictOptions = {}): Promise<NDArray> {
    requirePredictOptions(this, 'transform', options)
    const map = this.affine()
    const matrix = asArray(X, '`X`')
    const [, columns] = requireMatrix(matrix, '`X`')
    requireColumns(this, columns, map.scale.length)
    return fillRows(matrix, [columns], options, (X, rows, out) => mapRows(X, rows, out, map))
  }
}

/** Joins the learned values of blocks of columns. */
function joinColumns(parts: readonly LearnedState[]): LearnedState {
  const join = (name: string): Float64Array => {
    const blocks = parts.map((part) => part[name] as Float64Array)
    const joined = new Float64Array(blocks.reduce((sum, { length }) => sum + length, 0))
    let filled = 0
    for (const block of blocks) {
      joined.set(block, filled)
      filled += block.length
    }
    return joined
  }
  return Object.fromEntries(Object.keys(parts[0] ?? {}).map((name) => [name, join(name)]))
}

async function mapRows(
  X: NDArray,
  rows: Rows,
  out: NDArray,
  { shift, scale }: AffineMap,
): Promise<void> {
  const from = X.data
  const to = out.data
  const [fromRow, fromColumn] = X.strides as [number, number]
  const [toRow, toColumn] = out.strides as [number, number]
  let sinceTurn = 0
  for (const row of toRowNumbers(rows)) {
    let source = X.offset + row * fromRow
    let target = out.offset + row * toRow
    for (let column = 0; column < scale.length; column++) {
      to[target] = (Number(from[source]) - shift[column]!) / scale[column]!
      source += fromColumn
      target += toColumn
    }
    if ((sinceTurn += scale.length) >= valuesPerTurn) {
      sinceTurn = 0
      await new Promise((resolve) => setImmediate(resolve))
      for (const array of [X, out]) requireAttached(array)
    }
  }
}

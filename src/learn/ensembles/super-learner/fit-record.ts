/** What a fit was given, so that another can keep its models. */

import { crc32 } from 'node:zlib'
import { NDArray } from '../../../arrays/index.ts'
import { OneCopyError } from '../../../errors.ts'
import type { LabelInput } from '../../inputs/labels.ts'
import type { Scorer } from '../../scores/scorer.ts'
import { areSameRows, type LayerFolds } from '../folds/layer-folds.ts'
import type { EnsembleMember } from '../members/ensemble-member.ts'

/** What a fit was given. */
export interface FitRecord {
  readonly data: DataPrint
  readonly planned: readonly LayerFolds[]
  /** `propagateFeatures` of each layer. */
  readonly propagated: readonly (readonly (number | string)[])[]
  readonly metaFolds: LayerFolds
  readonly metas: readonly EnsembleMember[]
  readonly scorer: Scorer
}

/** Numbers that differ for other data. */
export interface DataPrint {
  readonly shape: readonly number[]
  /** Of values of rows and columns that are evenly spaced. */
  readonly X: number
  readonly y: number
  readonly weights: number
}

/** So many rows and columns of `X` are looked at: to read all of them would take as long as a fit. */
const [mostRows, mostColumns] = [512, 32]

/**
 * Takes down what data is, in a few milliseconds for a million rows.
 *
 * @param y - as it was given: codes of labels depend on the rows that are learned from
 */
export function printOf(X: NDArray, y: LabelInput, weights: Float64Array | undefined): DataPrint {
  const [n, d] = X.shape as [number, number]
  const rows = spread(n, mostRows)
  const columns = spread(d, mostColumns)
  const sample = rows.flatMap((row) => columns.map((column) => Number(X.get(row, column))))
  return {
    shape: [n, d],
    X: crc32(Float64Array.from(sample)),
    y: hashLabels(y),
    weights: weights === undefined ? 0 : crc32(weights),
  }
}

/** Numbers below `count`, evenly spaced, with the first and the last one. */
function spread(count: number, most: number): number[] {
  const taken = Math.min(count, most)
  return Array.from({ length: taken }, (_, i) =>
    taken === 1 ? 0 : Math.round((i * (count - 1)) / (taken - 1)),
  )
}

function hashLabels(y: LabelInput): number {
  if (!Array.isArray(y))
    return crc32(y instanceof NDArray ? y.toTypedArray() : (y as NodeJS.TypedArray))
  let state = 0
  for (const label of y) {
    const text = `${typeof label} ${String(label)}`
    for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193)
    state ^= state >>> 15
  }
  return state
}

/**
 * Checks that data is that of an earlier fit.
 *
 * @throws OneCopyError `ERR_SHAPE`, `ERR_VALUE`
 */
export function requireSameData(before: DataPrint, now: DataPrint): void {
  const advice = 'Call fit() without `refit` to fit everything on other data.'
  if (String(before.shape) !== String(now.shape))
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected with \`refit: false\` the \`X\` that this ensemble was fitted on, of shape (${before.shape.join(', ')}), got (${now.shape.join(', ')}). ${advice}`,
      { details: { expected: [...before.shape], shape: [...now.shape] } },
    )
  const name = (['X', 'y', 'weights'] as const).find((one) => before[one] !== now[one])
  if (name === undefined) return
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected with \`refit: false\` the \`${name}\` that this ensemble was fitted on, got other values. ${advice}`,
    { details: { name } },
  )
}

/** Whether all fits of a layer learn from the same rows, and predict the same ones. */
export function areSameFits(a: LayerFolds, b: LayerFolds): boolean {
  return (
    a.splits === b.splits &&
    a.partitions === b.partitions &&
    a.folds.length === b.folds.length &&
    String(a.finals) === String(b.finals) &&
    a.folds.every((fold, k) => {
      const other = b.folds[k]!
      return (
        fold.partition === other.partition &&
        areSameRows(fold.test, other.test) &&
        areSameRows(fold.train, other.train)
      )
    })
  )
}

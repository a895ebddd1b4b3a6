/** Chooses the fold of each row that an encoder learns from. */

import { countRows, type NDArray, type Rows, toRowNumbers } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import { requireNumber } from '../contract/base-estimator.ts'
import { isSplitter, type Splitter, splitterName } from '../contract/splitter.ts'
import { pickLabels } from '../cross-validated/cross-validation-folds.ts'
import { divideRows } from '../splits/make-folds.ts'
import { requireFolds } from '../splits/require-folds.ts'

/** Means are kept for each category and fold. */
const mostFolds = 1000

/** The folds of rows. */
export interface EncoderFolds {
  readonly folds: number
  readonly foldOf: (row: number) => number
}

/**
 * Chooses folds as the options `folds` and `seed` say.
 *
 * @param rows - those that are learned from
 * @param y - target, shape (n)
 * @throws OneCopyError `ERR_OPTION`, `ERR_ROWS`, `ERR_FOLDS` when a splitter doesn't test each row once; TypeError
 */
export function chooseFolds(
  encoder: { readonly folds: unknown; readonly seed: unknown },
  rows: Rows,
  y: NDArray,
): EncoderFolds {
  if (isSplitter(encoder.folds)) return splitFolds(encoder.folds, rows, y)
  const folds = requireNumber(encoder, 'folds', { min: 2, max: mostFolds, integer: true })
  const seed = requireNumber(encoder, 'seed', { min: 0, max: 2 ** 32 - 1, integer: true })
  return { folds, foldOf: (row) => foldOfRow(row, folds, seed) }
}

function splitFolds(splitter: Splitter, rows: Rows, y: NDArray): EncoderFolds {
  const n = y.shape[0]!
  const count = countRows(rows)
  const folds = requireFolds(splitter, count, { y: pickLabels('y', y, rows, n) })
  if (folds.length > mostFolds || !divideRows(folds, count)) {
    throw new OneCopyError(
      'ERR_FOLDS',
      `Expected at most ${mostFolds} folds for TargetEncoder, of which one tests each row and trains on all others, got others from ${splitterName(splitter)}. ` +
        'Use a KFold or a StratifiedKFold.',
      { details: { folds: folds.length } },
    )
  }
  const numbers = toRowNumbers(rows)
  const foldOfRows = new Uint16Array(n)
  for (const [fold, { test }] of folds.entries())
    for (const position of toRowNumbers(test)) foldOfRows[numbers[position]!] = fold
  return { folds: folds.length, foldOf: (row) => foldOfRows[row]! }
}

/**
 * The fold of a row, which depends on nothing but its number: of every K successive rows one is in each of K folds, in an
 * order that starts at random.
 */
function foldOfRow(row: number, folds: number, seed: number): number {
  const block = Math.floor(row / folds)
  return ((row % folds) + (mix(mix(block) ^ seed) % folds)) % folds
}

/** Mixes the bits of a 32-bit number; Murmur3's finalizer. */
function mix(value: number): number {
  let bits = (value + 0x9e3779b9) | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

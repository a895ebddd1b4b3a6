/** Moments of what each fold trains on and holds out. */

import type { NDArray, Rows } from '../../arrays/index.ts'
import { differences } from '../statistics/column-maps.ts'
import { hasLostDigits } from '../statistics/lost-digits.ts'
import { Moments } from '../statistics/moments.ts'
import type { RowFolds } from './cross-validation-folds.ts'

/** Moments for choosing a penalty. */
export interface FoldMoments {
  readonly all: Moments
  readonly folds: readonly {
    readonly train: Moments
    readonly test: Moments
    /** The rows that `train` describes. */
    readonly rows: Rows
  }[]
}

/**
 * Reads the moments of all folds in one pass. A fold is read again by itself when a column of its training rows lies many of
 * its standard deviations from the other rows. Rows are read once where each is held out by one fold; otherwise once for each fold that
 * they are in.
 *
 * @param rows - all rows of the folds
 */
export async function readFoldMoments(
  X: NDArray,
  y: NDArray,
  rows: Rows,
  { folds, areParts }: RowFolds,
  weights: Float64Array | null,
): Promise<FoldMoments> {
  const given = weights === null ? {} : { weights }
  const readAlone = async (group: Rows): Promise<Moments> =>
    (await Moments.compute(X, y, { groups: [group], ...given }))[0]!
  const sure = (moments: Moments, group: Rows): Moments | Promise<Moments> =>
    hasLostDigits(moments) ? readAlone(group) : moments
  const groups = folds.map(({ test }) => test)
  if (!areParts) groups.push(...folds.map(({ train }) => train), rows)
  const parts = await Moments.compute(X, y, { groups, ...given })
  const tests = parts.slice(0, folds.length)
  const trains = areParts ? Moments.mergeOthers(tests) : parts.slice(folds.length)
  const all = areParts ? Moments.merge(tests) : parts.at(-1)!
  const read = []
  for (const [k, { train, test }] of folds.entries()) {
    read.push({
      train: await sure(trains[k]!, train),
      test: await sure(tests[k]!, test),
      rows: train,
    })
  }
  return { all: await sure(all, rows), folds: read }
}

/**
 * The mean square error of a linear model on the rows of moments, by which no row is read.
 *
 * @param train - moments whose means the model meets, with an intercept
 * @param coefficients - one of shape (d) for each target
 * @returns the mean over rows and targets
 */
export function heldOutError(
  { train, test }: { readonly train: Moments; readonly test: Moments },
  coefficients: readonly Float64Array[],
  fitIntercept: boolean,
): number {
  const { columns: d, cross, weight, mean } = test
  const p = d + coefficients.length
  const apart = fitIntercept ? differences(train, test) : mean
  const errors = coefficients.map((w, target) => {
    const y = d + target
    let [squares, bias] = [cross[y * p + y]!, apart[y]!]
    for (let i = 0; i < d; i++) {
      if (w[i] === 0) continue
      let product = -2 * cross[i * p + y]!
      for (let j = 0; j < d; j++) product += w[j]! * cross[i * p + j]!
      squares += w[i]! * product
      bias -= w[i]! * apart[i]!
    }
    return Math.max(0, squares) / weight + bias * bias
  })
  return errors.reduce((sum, error) => sum + error, 0) / errors.length
}

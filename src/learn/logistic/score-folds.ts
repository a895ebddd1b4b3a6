/** Scores the logistic models of folds on what they hold out. */

import { kernelThreads, native } from '../../native/index.ts'
import type { LogisticFoldData } from './fit-folds.ts'
import { type LogisticFit, scoresOf } from './fit-logistic.ts'
import { kernelRowsOf } from './logistic-data.ts'

/** Scores of a model on the rows that its fold holds out. */
export interface HeldOutScore {
  /** Share of the rows' weights whose class is predicted. */
  readonly accuracy: number
  /** Weighted mean of -log(probability of a row's class). */
  readonly logLoss: number
}

/** Scores each fold's model, in one pass over the rows. Weights of classes play no part; NaN for a fold without rows. */
export async function scoreHeldOut(
  folds: readonly LogisticFoldData[],
  fits: readonly LogisticFit[],
): Promise<HeldOutScore[]> {
  const count = folds.length
  const size = fits[0]!.theta.length
  const coefficients = new Float64Array(count * size)
  for (const [k, { theta }] of fits.entries()) coefficients.set(theta, k * size)
  const sums = await native.logisticSums(
    kernelRowsOf(
      folds[0]!,
      folds.map(({ test }) => test),
    ),
    {
      count,
      scores: scoresOf(folds[0]!),
      coefficients,
      classWeights: new Float64Array(count * Math.max(2, folds[0]!.classes.length)).fill(1),
      withHessians: false,
    },
    kernelThreads(),
  )
  return folds.map((_, k) => {
    const place = k * count + k
    const weight = sums.weight[place]!
    return { accuracy: sums.right[place]! / weight, logLoss: sums.loss[place]! / weight }
  })
}

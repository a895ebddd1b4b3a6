/** Errors of ridge models on rows left out one by one. */

import { OneCopyError } from '../../errors.ts'
import { readBlocks } from '../inputs/row-blocks.ts'
import { normalEquations } from '../linear/normal-equations.ts'
import type { Ridge } from '../linear/ridge.ts'
import type { Moments } from '../statistics/moments.ts'
import { valueAt } from '../statistics/sampled-means.ts'
import { symmetricEigen } from '../statistics/symmetric-eigen.ts'
import type { ChosenRows } from './cross-validated-model.ts'

/** Fitted models of all rows and their penalties. */
export interface PenaltyModels {
  readonly models: readonly Ridge[]
  readonly alphas: Float64Array
}

/**
 * Mean square errors of predictions for each row by a model of all others, one for each penalty. The error of a row is r / (1 - h),
 * where r is its residual from the model of all rows and h its leverage.
 *
 * @param rows - without rows of weight 0
 * @param moments - of these rows
 * @returns shape (alphas); Infinity where a row alone determines a coefficient
 * @see Golub, Heath, Wahba: Generalized cross-validation, Technometrics 21 (1979)
 */
export async function leaveOneOutErrors(
  { X, y, rows, weights }: ChosenRows,
  moments: Moments,
  { models, alphas }: PenaltyModels,
): Promise<Float64Array> {
  const { columns: d, targets, mean, weight: total } = moments
  const fitIntercept = models[0]!.fitIntercept
  const { values, vectors } = symmetricEigen(normalEquations(moments, fitIntercept).gram, d)
  // Directions in which rows don't vary have no leverage.
  const least = values[0]! * d * Number.EPSILON
  const terms = models.map((model) => model.linearTerms())
  const errors = new Float64Array(alphas.length)
  const squares = new Float64Array(d)
  const factors = Array.from(alphas, (alpha) =>
    values.map((value) => (value > least ? 1 / (value + alpha) : 0)),
  )
  for await (const { count, values: block, rowAt } of readBlocks(X, rows)) {
    for (let i = 0; i < count; i++) {
      const row = rowAt(i)
      const weight = weights?.[row] ?? 1
      for (let k = 0; k < d; k++) {
        let sum = 0
        for (let j = 0; j < d; j++)
          sum += vectors[k * d + j]! * (block[i * d + j]! - (fitIntercept ? mean[j]! : 0))
        squares[k] = sum * sum
      }
      for (const [a, own] of factors.entries()) {
        let leverage = fitIntercept ? 1 / total : 0
        for (let k = 0; k < d; k++) leverage += own[k]! * squares[k]!
        const left = 1 - weight * leverage
        for (let t = 0; t < targets; t++) {
          const { coefficients, intercept } = terms[a]![t]!
          let residual = valueAt(y, row, t) - intercept
          for (let j = 0; j < d; j++) residual -= coefficients[j]! * block[i * d + j]!
          errors[a]! += left > 0 ? weight * (residual / left) ** 2 : Infinity
        }
      }
    }
  }
  return errors.map((error) => error / (total * targets))
}

/**
 * Refuses a single row, as no row would be left to learn from.
 *
 * @throws OneCopyError `ERR_ROWS`
 */
export function requireSeveral(estimator: object, rows: number): void {
  if (rows >= 2) return
  throw new OneCopyError(
    'ERR_ROWS',
    `Expected at least two rows with a weight above 0 to leave one out in ${estimator.constructor.name}, got ${rows}.`,
    { details: { rows } },
  )
}

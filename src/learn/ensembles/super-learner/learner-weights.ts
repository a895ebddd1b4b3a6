/** The weights that a meta learner gives the learners. */

import { NDArray } from '../../../arrays/index.ts'
import type { Estimator } from '../../contract/estimator.ts'

/** The weight of a learner; one for each target or class when the meta learner has several linear functions. */
export type LearnerWeight = number | readonly number[]

/**
 * Reads the weights of a fitted meta learner.
 *
 * @param names - of the columns that it was fitted on, or of the learners that fill them
 * @returns undefined when it is no linear function of as many columns
 */
export function learnerWeights(
  meta: Estimator,
  ...names: readonly (readonly string[])[]
): Readonly<Record<string, LearnerWeight>> | undefined {
  const { weights_: weights, coef_: coefficients } = meta as {
    readonly weights_?: unknown
    readonly coef_?: unknown
  }
  const found = weights ?? coefficients
  if (!(found instanceof NDArray) || found.ndim === 0 || found.ndim > 2) return undefined
  const columns = found.shape.at(-1)!
  const own = names.find(({ length }) => length === columns)
  if (own === undefined) return undefined
  const values = Float64Array.from(found.copy().toTypedArray(), Number)
  const rows = values.length / columns
  const weightOf = (column: number): LearnerWeight => {
    const list = Array.from({ length: rows }, (_, row) => values[row * columns + column]!)
    return rows === 1 ? list[0]! : list
  }
  return Object.fromEntries(own.map((name, column) => [name, weightOf(column)]))
}

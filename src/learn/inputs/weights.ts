/** Checks the weights of rows. */

import { requireKept } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import { type ArrayInput, asArray } from './as-array.ts'
import { toFloat64 } from './row-vectors.ts'

/**
 * Checks one weight for every row of `X`.
 *
 * @returns the weights themselves when they are float64 without gaps, otherwise a copy
 * @throws OneCopyError `ERR_VALUE`; TypeError when they are not numbers
 */
export function requireWeights(weights: ArrayInput, n: number): Float64Array {
  return requireSizable(requireFiniteWeights(weights, n))
}

/**
 * Checks one weight for every row, of any size: for metrics, which divide weights by the largest one.
 *
 * @returns and throws as {@link requireWeights}
 */
export function requireFiniteWeights(weights: ArrayInput, n: number): Float64Array {
  const given = asArray(weights, '`weights`')
  if (given.ndim !== 1 || given.shape[0] !== n) {
    const found = given.ndim === 1 ? given.shape[0] : `shape (${given.shape.join(', ')})`
    throw new OneCopyError(
      'ERR_VALUE',
      `Expected \`weights\` to have ${n} values, one for every row of \`X\`, got ${found}.`,
      { details: { expected: n, shape: [...given.shape] } },
    )
  }
  const flat = given.toTypedArray()
  const values = flat instanceof Float64Array ? flat : toFloat64(flat)
  const wrong = values.findIndex((weight) => !(weight >= 0 && weight < Infinity))
  if (wrong === -1) return values
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected finite \`weights\` >= 0, got ${values[wrong]} for row ${wrong}.`,
    { details: { row: wrong, value: values[wrong] } },
  )
}

/** A product of a weight as small as this with a value loses digits, or is 0. */
const leastLargest = 1e-280

/** A sum of weights as large as this, or of their products with values, may be infinite. */
export const mostLargest = 1e280

/**
 * Refuses weights that are all so small, or one so large, that sums of weighted values would be wrong.
 *
 * @param what - what the weights are made of, for the text
 * @throws OneCopyError `ERR_VALUE`
 */
export function requireSizable(values: Float64Array, what = '`weights`'): Float64Array {
  const largest = values.reduce((most, weight) => Math.max(most, weight), 0)
  if (largest === 0 || (largest >= leastLargest && largest <= mostLargest)) return values
  const [bound, end, advice] =
    largest < leastLargest
      ? [`at least ${leastLargest}`, 'products with values would be 0', 'Multiply']
      : [`at most ${mostLargest}`, 'sums of products with values may be beyond float64', 'Divide']
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected ${what} with a largest one of ${bound}, got ${largest}: ${end}. ` +
      `${advice} all of them by the same number.`,
    { details: { largest, least: leastLargest, most: mostLargest } },
  )
}

/**
 * Checks weights again while rows are read, since their memory may have been taken away since `requireWeights`.
 *
 * @param weights - from {@link requireWeights}, or null for none
 * @throws OneCopyError `ERR_DETACHED` when they were freed, `ERR_VALUE` when they were moved away
 */
export function requireKeptWeights(weights: Float64Array | null, n: number): void {
  if (weights === null) return
  if (weights.length !== n) requireWeights(weights, n)
  requireKept(weights, '`weights`')
}

/** Weights of classes, as factors of the weights of rows. */

import { OneCopyError, show } from '../../errors.ts'
import type { Classes } from './labels.ts'
import { mostLargest, requireSizable } from './weights.ts'
import { mapNumbers } from './row-vectors.ts'

/**
 * How much the rows of each class count: a number for each label, 1 for labels that are left out; `'balanced'`: in inverse
 * proportion to their total weight, so that all classes count the same; null: 1.
 */
export type ClassWeight = Readonly<Record<string | number, number>> | 'balanced' | null

/** The option of classifiers that weigh classes. */
export interface ClassWeightOptions {
  /**
   * How much the rows of each class count: `{ [label]: weight }`, where other labels count 1, or `'balanced'`, which gives all
   * classes the same total weight. Default: null, all 1.
   */
  readonly classWeight?: ClassWeight
}

/**
 * Turns class weights into a factor for each class.
 *
 * @param weights - sum of the weights of each class in the training rows
 * @param isZeroAllowed - whether a class may count nothing, as long as another one counts
 * @throws OneCopyError `ERR_OPTION`; TypeError for another type
 */
export function classFactors(
  estimator: { readonly classWeight: unknown },
  classes: Classes,
  weights: Float64Array,
  isZeroAllowed = true,
): Float64Array {
  const { classWeight } = estimator
  if (classWeight === null) return new Float64Array(classes.length).fill(1)
  if (classWeight === 'balanced') {
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    return weights.map((weight) => total / (classes.length * weight))
  }
  const expected =
    `Expected \`classWeight\` of ${estimator.constructor.name} to be null, 'balanced' or an object of ` +
    `weights ${isZeroAllowed ? '>= 0' : 'above 0'} by label, such as { 0: 1, 1: 5 }`
  if (typeof classWeight === 'string') throw wrong(`${expected}, got ${show(classWeight)}.`)
  if (typeof classWeight !== 'object' || classWeight === null || Array.isArray(classWeight))
    throw new TypeError(`${expected}, got ${show(classWeight)}.`)
  const labels = Array.from<unknown, string>(classes, String)
  const given = new Map<string, unknown>(Object.entries(classWeight))
  for (const [label, weight] of given) {
    if (!labels.includes(label)) {
      throw wrong(
        `${expected}, got one for ${show(label)}. The labels are ${labels.slice(0, 10).join(', ')}.`,
      )
    }
    const isNumber = typeof weight === 'number' && weight >= 0 && weight < Infinity
    if (!isNumber || (weight === 0 && !isZeroAllowed))
      throw wrong(`${expected}, got ${show(weight)} for ${show(label)}.`)
    if (weight > mostLargest) {
      throw wrong(
        `${expected}, got ${weight} for ${show(label)}: sums of products with values may be beyond float64. ` +
          'Divide all of them by the same number.',
      )
    }
  }
  const factors = Float64Array.from(labels, (label) => (given.get(label) ?? 1) as number)
  if (factors.some((factor) => factor > 0)) return factors
  throw wrong(`${expected}, at least one of them above 0, got 0 for all.`)
}

/**
 * Multiplies the weights of rows by the factors of their classes.
 *
 * @param codes - position of each row's class, shape (n)
 * @param weights - shape (n), or null for 1
 * @returns the weights as they are when all factors are 1
 * @throws OneCopyError `ERR_VALUE` for products that float64 can't hold sums of
 */
export function weighRows(
  codes: ArrayLike<number>,
  weights: Float64Array | null,
  factors: Float64Array,
): Float64Array | null {
  if (factors.every((factor) => factor === 1)) return weights
  const products = mapNumbers(codes, (code, row) => (weights?.[row] ?? 1) * factors[code]!)
  return requireSizable(products, '`weights` times `classWeight`')
}

function wrong(text: string): OneCopyError {
  return new OneCopyError('ERR_OPTION', text, { details: { name: 'classWeight' } })
}

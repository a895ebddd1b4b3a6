/** Factors of the weights of each class. */

import { OneCopyError, show } from '../../errors.ts'
import type { EncodedLabels } from '../inputs/labels.ts'

/**
 * How much the rows of each class count: a number for each label, 1 for labels that are left out; `'balanced'`: in inverse
 * proportion to their number, so that all classes count the same; null: 1.
 */
export type ClassWeight = Readonly<Record<string | number, number>> | 'balanced' | null

/**
 * Turns class weights into a factor for each class.
 *
 * @param weights - sum of the weights of each class in the training rows
 * @throws OneCopyError `ERR_OPTION`
 */
export function classFactors(
  estimator: { readonly classWeight: unknown },
  classes: EncodedLabels['classes'],
  weights: Float64Array,
): Float64Array {
  const { classWeight } = estimator
  if (classWeight === null) return new Float64Array(classes.length).fill(1)
  if (classWeight === 'balanced') {
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    return weights.map((weight) => total / (classes.length * weight))
  }
  if (typeof classWeight !== 'object') {
    throw new TypeError(
      `${expected(estimator)}, got ${show(classWeight)}. Write { 0: 1, 1: 5 } for labels 0 and 1.`,
    )
  }
  const labels = Array.from<unknown, string>(classes, String)
  const entries = Object.entries(classWeight)
  const unknown = entries.find(([label]) => !labels.includes(label))
  if (unknown !== undefined) {
    throw wrong(
      `${expected(estimator)}, got one for ${show(unknown[0])}. The labels are ${labels.slice(0, 10).join(', ')}.`,
    )
  }
  const bad = entries.find(
    ([, weight]) => !(typeof weight === 'number' && weight >= 0 && weight < Infinity),
  )
  if (bad !== undefined)
    throw wrong(`${expected(estimator)}, got ${show(bad[1])} for ${show(bad[0])}.`)
  const given = new Map<string, number>(entries as [string, number][])
  const factors = Float64Array.from(labels, (label) => given.get(label) ?? 1)
  if (factors.some((factor) => factor > 0)) return factors
  throw wrong(`${expected(estimator)}, at least one of them above 0, got 0 for all.`)
}

function expected(estimator: object): string {
  return (
    `Expected \`classWeight\` of ${estimator.constructor.name} to be null, 'balanced' or ` +
    'a record with a finite number >= 0 for labels'
  )
}

function wrong(text: string): OneCopyError {
  return new OneCopyError('ERR_OPTION', text, { details: { name: 'classWeight' } })
}

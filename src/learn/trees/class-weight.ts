/** Weights of classes, as factors of the weights of rows. */

import { toRowNumbers } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { ClassCodes } from './class-labels.ts'

/** A weight by label, `'balanced'` for equal totals, or null for none. */
export type ClassWeight = 'balanced' | Readonly<Record<string | number, number>> | null

/**
 * Multiplies the weights of rows by those of their classes.
 *
 * @returns the weights as they are when all classes weigh the same
 * @throws OneCopyError `ERR_OPTION`
 */
export function weighClasses(
  learner: { readonly classWeight: ClassWeight },
  found: ClassCodes,
): Float64Array | null {
  const { classWeight } = learner
  const { inputs } = found
  if (classWeight === null) return inputs.weights
  const rows = toRowNumbers(inputs.weighedGroups[0]!)
  const codes = found.codes.toTypedArray() as Float64Array
  const weightOf = (row: number): number => inputs.weights?.[row] ?? 1
  let factors: Float64Array
  if (classWeight === 'balanced') {
    const totals = new Float64Array(found.classes.length)
    for (const row of rows) totals[codes[row]!]! += weightOf(row)
    const mean = totals.reduce((sum, total) => sum + total, 0) / totals.length
    factors = totals.map((total) => mean / total)
  } else {
    const weights = requireWeights(learner, classWeight, found.classes instanceof Float64Array)
    const labels = Array.from<unknown, string>(found.classes, String)
    factors = Float64Array.from(labels, (label) => weights.get(label) ?? 1)
  }
  const weights = new Float64Array(found.codes.size)
  for (const row of rows) weights[row] = weightOf(row) * factors[codes[row]!]!
  return weights
}

/** Weights by the text of their labels. */
function requireWeights(
  learner: object,
  classWeight: unknown,
  areNumbers: boolean,
): Map<string, number> {
  const refuse = (found: string): OneCopyError =>
    new OneCopyError(
      'ERR_OPTION',
      `Expected \`classWeight\` of ${learner.constructor.name} to be null, 'balanced' or an object of weights above 0 by label, ` +
        `such as { 0: 1, 1: 5 }, got ${found}.`,
      { details: { name: 'classWeight' } },
    )
  if (typeof classWeight !== 'object' || classWeight === null || Array.isArray(classWeight))
    throw refuse(show(classWeight))
  const weights = new Map<string, number>()
  for (const [label, weight] of Object.entries(classWeight as Record<string, unknown>)) {
    if (areNumbers && (label.trim() === '' || !Number.isFinite(Number(label))))
      throw refuse(`the label ${show(label)}`)
    if (typeof weight !== 'number' || !(weight > 0 && weight < Infinity))
      throw refuse(`${show(weight)} for the label ${label}`)
    weights.set(areNumbers ? `${Number(label)}` : label, weight)
  }
  return weights
}

/** Means of the scores of classes. */

import type { RankedScores } from './ranked-scores.ts'
import type { ClassScoreOptions } from '../score-options.ts'

/** Options of metrics that score each class against the others. */
export interface ClassAverageOptions extends ClassScoreOptions {
  /**
   * With more than two classes, the mean of their scores (`'macro'`, the default), that with the rows of each class as weights
   * (`'weighted'`), or null for the score of each class.
   */
  readonly average?: 'macro' | 'weighted' | null
}

/** The values of `average`, beside null. */
export const classAverages = ['macro', 'weighted'] as const

/** The mean of scores, or themselves. */
export function averageClasses(
  scores: Float64Array,
  totals: Float64Array,
  average: ClassAverageOptions['average'],
): number | Float64Array {
  if (average === null) return scores
  let [sum, weights] = [0, 0]
  for (const [code, score] of scores.entries()) {
    const weight = average === 'weighted' ? totals[code]! : 1
    sum += weight * score
    weights += weight
  }
  return sum / weights
}

/** Sum of the weights of each class. */
export function weightsOfClasses({ labels, codes, weights }: RankedScores): Float64Array {
  const totals = new Float64Array(labels.length)
  for (let i = 0; i < codes.length; i++)
    totals[codes[i]!]! += weights === undefined ? 1 : weights[i]!
  return totals
}

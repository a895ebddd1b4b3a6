/** Refuses what scorers return when it is no score. */

import { show } from '../../errors.ts'
import type { AnyScorer, Scorer } from './scorer.ts'

/**
 * What a scorer returned, when it is a number. A scorer of one's own may return anything, also a promise.
 *
 * @param what - it was asked for, for error texts
 * @throws TypeError naming the scorer
 */
export function requireScore(
  { name }: Pick<Scorer | AnyScorer, 'name'>,
  score: unknown,
  what: string,
): number {
  if (typeof score === 'number' && !Number.isNaN(score)) return score
  throw new TypeError(
    `Expected the scorer ${name} to return a number for ${what}, got ${show(score)}.`,
  )
}

/** Chooses rows as first centres, by k-means++. */

import { toRowNumbers } from '../../arrays/index.ts'
import type { RandomKey } from '../statistics/counter-random.ts'
import { valueAt } from '../statistics/sampled-means.ts'
import { type Centers, weighCandidates, type WeighedRows } from './assign-rows.ts'

/**
 * Greedy k-means++: each further centre is the best of 2 + ⌊ln k⌋ rows, drawn with probabilities that are weights times squared distances to
 * the nearest centre so far.
 *
 * @param count - of centres, k
 * @param key - stream of random numbers; each centre has a part of its own
 * @see Arthur, Vassilvitskii: k-means++: the advantages of careful seeding, SODA (2007)
 */
export async function seedCenters(
  given: WeighedRows,
  count: number,
  key: RandomKey,
): Promise<Float64Array> {
  const { X, weights } = given
  const rows = toRowNumbers(given.rows)
  const d = X.shape[1]!
  const weightAt = (position: number): number => weights?.[rows[position]!] ?? 1
  const valuesOf = (positions: readonly number[]): Centers => ({
    count: positions.length,
    values: Float64Array.from({ length: positions.length * d }, (_, at) =>
      valueAt(X, rows[positions[Math.floor(at / d)]!]!, at % d),
    ),
  })
  const closest = new Float64Array(rows.length).fill(Infinity)
  const centers = new Float64Array(count * d)
  const trials = 2 + Math.floor(Math.log(count))
  for (let c = 0; c < count; c++) {
    const own = key.part(c)
    const massAt = c === 0 ? weightAt : (i: number): number => weightAt(i) * closest[i]!
    const draws = Array.from({ length: c === 0 ? 1 : trials }, (_, trial) => own.draw(trial))
    const candidates = valuesOf(positionsAt(rows.length, massAt, draws))
    let best = 0
    if (candidates.count > 1) {
      const left = await weighCandidates(given, candidates, closest, false)
      best = left.indexOf(Math.min(...left))
    }
    const values = candidates.values.subarray(best * d, (best + 1) * d)
    centers.set(values, c * d)
    await weighCandidates(given, { count: 1, values }, closest, true)
  }
  return centers
}

/** For each share of all mass, the position that it falls on; the last one when there is no mass. */
function positionsAt(
  count: number,
  massAt: (position: number) => number,
  shares: readonly number[],
): number[] {
  let total = 0
  for (let i = 0; i < count; i++) total += massAt(i)
  const order = [...shares.keys()].sort((a, b) => shares[a]! - shares[b]!)
  const found = shares.map(() => count - 1)
  let [sum, next] = [0, 0]
  for (let i = 0; i < count && next < order.length; i++) {
    sum += massAt(i)
    while (next < order.length && sum > shares[order[next]!]! * total) found[order[next++]!] = i
  }
  return found
}

/** Shuffles lists by a seed. */

import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { requireNumber } from '../contract/base-estimator.ts'

/** Draws numbers in [0, 1). */
export type Random = () => number

/** A stream of random numbers, the same on every machine and in every version. */
export function seededRandom(seed: number): Random {
  const random = xoroshiro128plus(seed)
  // The first outputs of neighbouring seeds are alike; later ones are not.
  for (let i = 0; i < 64; i++) random.next()
  return () => uniformFloat64(random)
}

/** Checks the option `seed`. @throws TypeError, OneCopyError `ERR_OPTION` */
export function requireSeed(owner: { readonly seed: unknown }): number {
  return requireNumber(owner, 'seed', { min: 0, max: 2 ** 32 - 1, integer: true })
}

/** A list that can be shuffled in place. */
interface Shuffleable {
  readonly length: number
  [position: number]: number
}

/** Shuffles a list in place (Fisher and Yates), and returns it. */
export function shuffle<List extends Shuffleable>(list: List, random: Random): List {
  for (let i = list.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1))
    const value = list[i]!
    list[i] = list[other]!
    list[other] = value
  }
  return list
}

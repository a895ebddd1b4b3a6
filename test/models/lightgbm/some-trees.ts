/** Random trees of LightGBM with every kind of split. */

import * as fc from 'fast-check'
import type { TextTree } from './naive-lightgbm.ts'

const someThreshold = fc.oneof(
  fc.integer({ min: -4, max: 4 }),
  fc.constantFrom(Infinity, 1e-35, -1e-35, Math.fround(1e-35), -Math.fround(1e-35), 5e-36, -1e-40),
)

const someSplit = fc.record({
  feature: fc.nat(2),
  threshold: someThreshold,
  kind: fc.constantFrom(0, 2, 4, 6, 8, 10, 1, 3, 5, 9),
  codes: fc.uniqueArray(fc.nat(70), { minLength: 1, maxLength: 12 }),
})

/** A tree that grows by splitting a leaf that a number chooses; leaves have different powers of 2. */
export const someTree = fc
  .array(fc.record({ split: someSplit, leaf: fc.nat() }), { maxLength: 10 })
  .map((steps): TextTree => {
    const [left, right]: number[][] = [[], []]
    const places: [side: number[], at: number][] = [[[], 0]]
    for (const [i, { leaf }] of steps.entries()) {
      const chosen = leaf % places.length
      const [side, place] = places[chosen]!
      side[place] = i
      left!.push(~chosen)
      right!.push(~places.length)
      places[chosen] = [left!, i]
      places.push([right!, i])
    }
    const leaves = places.map((_, k) => 2 ** k)
    return { splits: steps.map(({ split }) => split), left: left!, right: right!, leaves }
  })

/** Numbers that meet thresholds and codes, and all that is special. */
export const someValue = fc.oneof(
  fc.integer({ min: -5, max: 75 }),
  fc.integer({ min: -10, max: 10 }).map((value) => value / 2),
  fc.constantFrom(
    NaN,
    0,
    -0,
    1e-35,
    -1e-35,
    2e-35,
    -2e-35,
    1e-300,
    Infinity,
    -Infinity,
    -0.3,
    1e12,
  ),
)

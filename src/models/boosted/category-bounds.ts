/** Sets of categories as intervals of numbers. */

import { numberBelow } from './next-number.ts'

/**
 * The bounds between numbers whose whole part is in a set and all others.
 *
 * @param codes - whole numbers of at least 0, ascending, each once
 * @param negativeZero - whether numbers between -1 and 0 count as 0, as their whole part does
 * @returns ascending; numbers up to the first bound are not in the set, those up to the next one are, and so on
 */
export function categoryBounds(codes: readonly number[], negativeZero: boolean): number[] {
  const bounds: number[] = []
  for (let i = 0; i < codes.length; i++) {
    const first = codes[i]!
    while (codes[i + 1] === codes[i]! + 1) i++
    bounds.push(first === 0 && negativeZero ? -1 : numberBelow(first), numberBelow(codes[i]! + 1))
  }
  return bounds
}

/** Sets of categories as intervals of numbers. */

/**
 * The bounds between numbers whose whole part is in a set and all others.
 *
 * @param codes - whole numbers of at least 0, ascending, each once
 * @param before - the greatest number that doesn't count as a code or one above it
 * @returns ascending; numbers up to the first bound are not in the set, those up to the next one are, and so on
 */
export function categoryBounds(
  codes: readonly number[],
  before: (code: number) => number,
): number[] {
  const bounds: number[] = []
  for (let i = 0; i < codes.length; i++) {
    const first = codes[i]!
    while (codes[i + 1] === codes[i]! + 1) i++
    bounds.push(before(first), before(codes[i]! + 1))
  }
  return bounds
}

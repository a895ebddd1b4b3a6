/** The order of scores. */

/**
 * Compares scores for a sort that puts the best first, and NaN last.
 *
 * @returns below 0 when `a` comes first
 */
export function compareScores(a: number, b: number, greaterIsBetter: boolean): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  if (a === b) return 0
  return a < b === greaterIsBetter ? 1 : -1
}

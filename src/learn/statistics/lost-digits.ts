/** Finds columns that are constant or have lost digits to cancellation. */

/** The part of `MomentsData` that is read here. */
interface Spreads {
  readonly weight: number
  readonly deviation: Float64Array
  readonly cross: Float64Array
  readonly minimum: Float64Array
  readonly maximum: Float64Array
}

/**
 * Sets the products of constant columns to 0 and their means to their value. Extremes are exact;
 * sums of equal values leave a rounding error, which a solver would mistake for a small variance.
 */
export function clearConstants(moments: Spreads & { readonly origin: Float64Array }): void {
  const { origin, deviation, cross, minimum, maximum } = moments
  const p = deviation.length
  for (let i = 0; i < p; i++) {
    if (minimum[i] !== maximum[i]) continue
    deviation[i] = minimum[i]! - origin[i]!
    for (let j = 0; j < p; j++) cross[i * p + j] = cross[j * p + i] = 0
  }
}

/**
 * Tells whether a column's mean is more than 4 standard deviations from the point that its products
 * were summed about, so that most of their digits cancelled. The rows must then be read again about a
 * nearer point. Where the mean lies within 4 deviations, fewer than two of 16 digits are lost.
 */
export function hasLostDigits({ weight, deviation, cross, minimum, maximum }: Spreads): boolean {
  const p = deviation.length
  return deviation.some(
    (difference, i) =>
      minimum[i]! < maximum[i]! && !(16 * cross[i * p + i]! >= weight * difference * difference),
  )
}

/** Values of a column count as equal when they differ by at most this many units of rounding. */
const roundings = 10

/**
 * Numbers of the columns of `X` that can have a coefficient: about the means those that vary by more
 * than rounding of their own values, without an intercept those that are not all 0.
 */
export function usefulColumns(
  {
    columns,
    minimum,
    maximum,
  }: Pick<Spreads, 'minimum' | 'maximum'> & { readonly columns: number },
  fitIntercept: boolean,
): number[] {
  return Array.from({ length: columns }, (_, i) => i).filter((i) => {
    const [low, high] = [minimum[i]!, maximum[i]!]
    return fitIntercept ? low < high && !isRounding(low, high) : low !== 0 || high !== 0
  })
}

/**
 * Tells whether the values of a column differ, but by no more than rounding, as 0.3 and 0.1 + 0.2 do.
 *
 * @param low - the least value
 * @param high - the greatest value
 */
export function isRounding(low: number, high: number): boolean {
  const largest = Math.max(Math.abs(low), Math.abs(high))
  return low < high && high - low <= roundings * Number.EPSILON * largest
}

/** Exact quantiles of columns. */

import { selectSorted, type SortedColumns } from './select-sorted.ts'

/**
 * Quantiles of each column, interpolated between the two nearest values as NumPy does by default. Whole weights
 * count repetitions of a row. With other weights a quantile is the value at which the cumulative weight passes the
 * fraction of the whole, or the mean of two neighbours when it ends exactly between them.
 *
 * @param fractions - ascending, in [0, 1]
 * @returns for each column, one value for each fraction; none for a column without values
 * @throws OneCopyError `ERR_VALUE` for infinity, and for NaN unless it is skipped
 */
export async function columnQuantiles(
  sorted: SortedColumns,
  fractions: readonly number[],
): Promise<Float64Array[]> {
  const isWhole = sorted.weights === null || sorted.weights.every((weight) => weight % 1 === 0)
  const between = isWhole ? betweenRepetitions : betweenSums
  const columns = await selectSorted(sorted, (weight) =>
    fractions.flatMap((fraction) => between(fraction, weight).slice(0, 2)),
  )
  // The share of the second neighbour depends on the weight of the column, which is the same in both calls.
  return columns.map(({ values, weight }) =>
    Float64Array.from(values.length === 0 ? [] : fractions, (fraction, q) => {
      const [, , share] = between(fraction, weight)
      const [low, high] = [values[2 * q]!, values[2 * q + 1]!]
      return interpolate(low, high, share)
    }),
  )
}

/** Two positions of the sorted values, and the share of the second one. */
type Between = readonly [first: number, second: number, share: number]

/** Positions in a column of `weight` values. */
function betweenRepetitions(fraction: number, weight: number): Between {
  const position = fraction * (weight - 1)
  const first = Math.floor(position)
  return [first, Math.min(first + 1, weight - 1), position - first]
}

/** Sums of weights that differ by less than this share of the whole are the same but for rounding. */
const rounding = 1e-12

/** Positions on both sides of a fraction of the whole weight. */
function betweenSums(fraction: number, weight: number): Between {
  const position = fraction * weight
  const reach = rounding * weight
  return [Math.max(0, position - reach), Math.min(position + reach, weight * (1 - rounding)), 0.5]
}

/** A point between two values, as NumPy computes it. */
function interpolate(low: number, high: number, share: number): number {
  if (low === high || share === 0) return low
  const difference = high - low
  if (difference === Infinity) return low * (1 - share) + high * share
  return share >= 0.5 ? high - difference * (1 - share) : low + difference * share
}

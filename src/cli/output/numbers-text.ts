/** Formats the numbers of a column with the same digits. */

import { formatNumber } from '../../format.ts'

/**
 * Writes the numbers of one column alike, so that they can be compared by eye: with as many
 * decimals as their median needs for four digits. Powers of ten stand only where plain numbers
 * would be longer than anybody reads, or would look like 0.
 *
 * @param scale - numbers whose decimals to take, such as those of the column before
 */
export function columnText(values: readonly number[], scale: readonly number[] = values): string[] {
  const median = medianSize(scale)
  if (median >= 1e9 || median < 1e-6) return values.map((value) => value.toExponential(3))
  const decimals = Math.max(0, 3 - Math.floor(Math.log10(median)))
  return values.map((value) =>
    value !== 0 && Math.abs(value) < 0.5 * 10 ** -decimals
      ? value.toExponential(1)
      : groupedText(value, decimals),
  )
}

/** Median of the sizes that are neither 0 nor infinite; 1 when there are none. */
function medianSize(values: readonly number[]): number {
  const sizes = values.map(Math.abs).filter((size) => Number.isFinite(size) && size > 0)
  return sizes.sort((a, b) => a - b)[Math.floor(sizes.length / 2)] ?? 1
}

/** A fixed number of decimals, and thousands apart. */
function groupedText(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return String(value)
  const [whole, fraction] = Math.abs(value).toFixed(decimals).split('.')
  const digits = `${formatNumber(Number(whole))}${fraction === undefined ? '' : `.${fraction}`}`
  return value < 0 ? `-${digits}` : digits
}

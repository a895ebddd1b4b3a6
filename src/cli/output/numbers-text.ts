/** Writes counts, sizes, times and scores as people read them. */

/** `53940` is `53,940`. */
export function countText(count: number): string {
  return count.toFixed(0).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** `countText` with its noun: `1 row`, `53,940 rows`. */
export function countOf(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** Three digits and a decimal unit: `98.1 MB`; `n/a` when it could not be read. */
export function bytesText(bytes: number | undefined): string {
  if (bytes === undefined) return 'n/a'
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  let unit = 0
  let value = bytes
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1000
  return `${unit === 0 ? value : threeDigits(value)} ${units[unit]}`
}

/** `0.0042` is `4.2 ms`, `1.234` is `1.23 s`, `75` is `1 min 15 s`. */
export function secondsText(seconds: number): string {
  if (seconds < 0.0995) return `${(seconds * 1000).toPrecision(2)} ms`
  if (seconds < 59.95) return `${threeDigits(seconds)} s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}

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
  const digits = `${countText(Number(whole))}${fraction === undefined ? '' : `.${fraction}`}`
  return value < 0 ? `-${digits}` : digits
}

function threeDigits(value: number): string {
  const decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0
  return value.toFixed(decimals)
}

/** Formats bytes, times and counts for people. */

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/**
 * `1.08 GB`: three digits, units of 1000, `n/a` for what could not be read.
 *
 * @param bytes - 0 or more
 */
export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined || Number.isNaN(bytes)) return 'n/a'
  const { size, unit } = byteUnit(bytes)
  return unit === 'B' ? `${Math.round(bytes)} B` : `${threeDigits(bytes / size)} ${unit}`
}

/** A peak: `1.08 GB`, or `≤ 1.08 GB` where it is only an upper bound. */
export function formatPeak(peak: {
  readonly hard: number | undefined
  readonly isBound?: boolean
}): string {
  return `${peak.isBound ? '\u2264 ' : ''}${formatBytes(peak.hard)}`
}

/** `+120 MB`, `−12.0 MB`, or `±0 B`; with a true minus sign. */
export function formatChange(bytes: number | undefined): string {
  if (bytes === undefined || Number.isNaN(bytes)) return 'n/a'
  const sign = bytes > 0 ? '+' : bytes < 0 ? '\u2212' : '\u00b1'
  return `${sign}${formatBytes(Math.abs(bytes))}`
}

/** The largest unit in which a size has three digits or fewer before the point. */
export function byteUnit(bytes: number): { readonly size: number; readonly unit: string } {
  let power = 0
  // 999.6 MB would be written with four digits: it is 1.00 GB.
  while (power < byteUnits.length - 1 && bytes / 1000 ** power >= 999.5) power++
  return { size: 1000 ** power, unit: byteUnits[power]! }
}

/** `0 s`, `4.2 ms`, `340 ms`, `12.4 s`, `2 min 5 s`, `1 h 3 min`. */
export function formatTime(ms: number): string {
  if (ms === 0) return '0 s'
  if (ms < 9.95) return `${Math.round(ms * 10) / 10} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 99_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return join(Math.floor(seconds / 60), 'min', seconds % 60, 's')
  const minutes = Math.round(seconds / 60)
  return join(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
}

/** `4 processes`, `1 process`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`
}

/** `53,940`. */
export function formatNumber(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 })
}

function join(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
}

function threeDigits(value: number): string {
  return value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2)
}

/** Points in time as ISO 8601 texts, exact in any unit. */

/** Units of points in time, from the longest to the shortest. */
export type DateUnit = 'day' | 's' | 'ms' | 'us' | 'ns'

/** How many of a unit a day has. */
export const unitsPerDay: Readonly<Record<DateUnit, bigint>> = {
  day: 1n,
  s: 86_400n,
  ms: 86_400_000n,
  us: 86_400_000_000n,
  ns: 86_400_000_000_000n,
}

/** Digits behind the second. */
const fractionDigits: Readonly<Record<DateUnit, number>> = { day: 0, s: 0, ms: 3, us: 6, ns: 9 }

/**
 * The text of a point in time: `2024-02-29` in days, else `2024-02-29T12:30:00`, with as many digits behind the second as the unit has. Years
 * beyond 0 to 9999 have a sign.
 *
 * @param count - of units since 1970-01-01T00:00:00
 * @param isUtc - whether a `Z` follows
 */
export function formatDate(count: bigint, unit: DateUnit, isUtc: boolean): string {
  const perDay = unitsPerDay[unit]
  const rest = ((count % perDay) + perDay) % perDay
  const date = formatDay(Number((count - rest) / perDay))
  if (unit === 'day') return date
  const perSecond = perDay / 86_400n
  const seconds = Number(rest / perSecond)
  const two = (value: number): string => String(value).padStart(2, '0')
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const digits = fractionDigits[unit]
  const fraction = digits === 0 ? '' : `.${String(rest % perSecond).padStart(digits, '0')}`
  return `${date}T${clock.map(two).join(':')}${fraction}${isUtc ? 'Z' : ''}`
}

/** @see Howard Hinnant, "chrono-compatible low-level date algorithms": howardhinnant.github.io/date_algorithms.html */
function formatDay(days: number): string {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const day = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (day - Math.floor(day / 1460) + Math.floor(day / 36_524) - Math.floor(day / 146_096)) / 365,
  )
  const dayOfYear =
    day - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const dayOfMonth = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  const digits = String(Math.abs(year))
  const shown =
    year >= 0 && year <= 9999
      ? digits.padStart(4, '0')
      : `${year < 0 ? '-' : '+'}${digits.padStart(6, '0')}`
  return `${shown}-${String(month).padStart(2, '0')}-${String(dayOfMonth).padStart(2, '0')}`
}

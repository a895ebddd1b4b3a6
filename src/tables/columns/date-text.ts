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

/** A point in time that was read from a text. */
export interface ParsedDate {
  /** Days since 1970-01-01. */
  readonly days: number
  /** Nanoseconds of the day. */
  readonly nanoseconds: number
  /** The coarsest unit that holds it; at least `'s'` where the text has a time. */
  readonly unit: DateUnit
  /** Whether the text says how the time differs from UTC; then days and nanoseconds are those in UTC. */
  readonly hasZone: boolean
}

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

function dayNumber(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

const pattern =
  /^([+-]\d{4,12}|\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i

/**
 * Reads a date or a date and time in ISO 8601, with a `T` or a blank between them: `2024-02-29`, `2024-02-29 12:30`,
 * `2024-02-29T12:30:00.123456789+01:00`.
 *
 * @returns undefined for anything else, and for days and times that don't exist
 */
export function parseDate(text: string): ParsedDate | undefined {
  const match = pattern.exec(text.trim())
  if (match === null) return undefined
  const [, years, months, daysOfMonth, hours, minutes, seconds = '0', fraction = '', zone] = match
  const [year, month, day] = [Number(years), Number(months), Number(daysOfMonth)]
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined
  const days = dayNumber(year, month, day)
  if (hours === undefined) return { days, nanoseconds: 0, unit: 'day', hasZone: false }
  const clock = [Number(hours), Number(minutes), Number(seconds)] as const
  if (clock[0] > 23 || clock[1] > 59 || clock[2] > 59) return undefined
  const shift = zone === undefined ? 0 : zoneSeconds(zone)
  if (shift === undefined) return undefined
  const digits = fraction.replace(/0+$/, '').length
  const time = clock[0] * 3600 + clock[1] * 60 + clock[2] - shift
  const carry = Math.floor(time / 86_400)
  return {
    days: days + carry,
    nanoseconds: (time - carry * 86_400) * 1e9 + Number(fraction.padEnd(9, '0')),
    unit: digits === 0 ? 's' : digits <= 3 ? 'ms' : digits <= 6 ? 'us' : 'ns',
    hasZone: zone !== undefined,
  }
}

/** A point in time as a count of units; undefined when 64 bits don't hold it. */
export function countUnits({ days, nanoseconds }: ParsedDate, unit: DateUnit): bigint | undefined {
  const perDay = unitsPerDay[unit]
  const count = BigInt(days) * perDay + BigInt(nanoseconds) / (unitsPerDay.ns / perDay)
  return BigInt.asIntN(64, count) === count ? count : undefined
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

/** Seconds by which a clock is ahead of UTC. */
function zoneSeconds(zone: string): number | undefined {
  if (zone.toUpperCase() === 'Z') return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', ''))]
  if (hours > 23 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60)
}

/** DateColumn: days and points in time as counts of a unit. */

import { type NDArray, shared } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import { registerOwnClass } from '../../objects/internal.ts'
import { type ColumnOptions, type Source, ValueColumn } from './column-base.ts'
import { type DateUnit, formatDate, unitsPerDay } from './date-text.ts'
import { NumberColumn } from './number-column.ts'
import {
  type ColumnState,
  loadValidity,
  requireSavedName,
  requireSavedValues,
  saveValidity,
} from './saved-columns.ts'
import { sliceValidity } from './validity.ts'

/** Types of counts. */
export type DateType = 'int32' | 'int64'

export const dateTypes: readonly DateType[] = ['int32', 'int64']

/** What may be said of a column of dates. */
export interface DateOptions extends ColumnOptions {
  /**
   * The time zone for people, such as `'UTC'` or `'Europe/Berlin'`; values count from 1970-01-01 in UTC then. Without one, they are what a clock
   * shows, wherever it is.
   */
  readonly zone?: string | undefined
}

/**
 * A column of days or points in time: whole numbers of a unit since 1970-01-01T00:00:00. Times of day and durations are numbers, in a
 * {@link NumberColumn}.
 */
export class DateColumn extends ValueColumn<DateType> {
  readonly kind = 'date'
  /** What is counted: days, or seconds and their parts. */
  readonly unit: DateUnit
  /** Time zone for people; undefined for what a clock shows. */
  readonly zone: string | undefined

  /**
   * @param name - name of the column
   * @param values - counts, shape (n), kept, not copied; or a function that makes them on first use
   * @param unit - what is counted
   * @param options - zone, and which rows have no value
   * @throws OneCopyError `ERR_SHAPE` for more than one axis, `ERR_DTYPE`, `ERR_OPTION` for another unit; TypeError for no NDArray
   */
  constructor(
    name: string,
    values: Source<NDArray<DateType>>,
    unit: DateUnit,
    options?: DateOptions,
  ) {
    super(name, values, dateTypes, options)
    if (!Object.hasOwn(unitsPerDay, unit))
      throw new OneCopyError(
        'ERR_OPTION',
        `Expected the unit of column '${name}' to be 'day', 's', 'ms', 'us' or 'ns', got ${show(unit)}.`,
      )
    this.unit = unit
    this.zone = options?.zone
  }

  /**
   * The point in time in row `row`; null when there is none. A `Date` where it holds the value exactly: whole milliseconds, up to the
   * year 275760; otherwise the count of units as a bigint. What a clock shows without a zone stands in the UTC fields of the `Date`.
   */
  override get(row: number): Date | bigint | null {
    const count = this.values.get(row)
    if (this.lacksBit(row)) return null
    const milliseconds = toMilliseconds(count, this.unit)
    return milliseconds === undefined ? BigInt(count) : new Date(milliseconds)
  }

  /** ISO 8601, with a `Z` where there is a zone; exact in any unit. */
  override text(row: number): string | null {
    const count = this.values.get(row)
    if (this.lacksBit(row)) return null
    return formatDate(BigInt(count), this.unit, this.zone !== undefined)
  }

  /** A list of all values, as {@link DateColumn.get} gives them. */
  toArray(): (Date | bigint | null)[] {
    return Array.from({ length: this.size }, (_, row) => this.get(row))
  }

  /**
   * Seconds since 1970-01-01 as numbers, rounded to doubles, for models; or days where the unit is `'day'`. A copy in shared memory, NaN where there is
   * no value.
   */
  toNumbers(): NumberColumn<'float64'> {
    const { size, unit, values } = this
    const isMissing = this.missingTest()
    const perSecond = unit === 'day' ? 1n : unitsPerDay[unit] / 86_400n
    const numbers = shared([size], 'float64')
    for (let row = 0; row < size; row++) {
      const count = BigInt(values.get(row))
      const whole = count / perSecond
      const part = Number(count - whole * perSecond) / Number(perSecond)
      numbers.data[row] = isMissing(row) ? NaN : Number(whole) + part
    }
    return new NumberColumn(this.name, numbers)
  }

  /** The same column under another name; it shares the memory. */
  renamed(name: string): DateColumn {
    const { unit, zone } = this
    return new DateColumn(name, () => this.values, unit, { ...this.options, zone })
  }

  /** Rows `start` up to `stop`; it shares the values, and the bitmap where `start` is a multiple of 8. */
  rows(start: number, stop: number): DateColumn {
    const { validity, unit, zone } = this
    return new DateColumn(this.name, this.values.rows(start, stop), unit, {
      zone,
      validity: validity && sliceValidity(validity, start, stop),
    })
  }
}

interface DateState extends ColumnState {
  readonly unit: unknown
  readonly zone?: unknown
}

registerOwnClass<DateColumn, DateState>(DateColumn, {
  name: 'onecopy.DateColumn',
  version: 1,
  module: import.meta.url,
  save: (column) => {
    const { name, values, unit, zone } = column
    return { name, values, unit, ...(zone === undefined ? {} : { zone }), ...saveValidity(column) }
  },
  load: (state) => {
    const { unit, zone } = state
    if (!isDateUnit(unit) || (zone !== undefined && typeof zone !== 'string'))
      throw new OneCopyError(
        'ERR_FORMAT',
        `Expected the unit and zone of a column of dates, got ${show(unit)} and ${show(zone)}.`,
      )
    return new DateColumn(requireSavedName(state), requireSavedValues(state, dateTypes), unit, {
      zone,
      validity: loadValidity(state),
    })
  },
})

/** Whether a value out of a file names a unit. */
export function isDateUnit(unit: unknown): unit is DateUnit {
  return typeof unit === 'string' && Object.hasOwn(unitsPerDay, unit)
}

/** Milliseconds that a `Date` holds exactly. */
function toMilliseconds(count: number | bigint, unit: DateUnit): number | undefined {
  const most = 8_640_000_000_000_000n
  const perDay = unitsPerDay[unit]
  const scaled = BigInt(count) * unitsPerDay.ms
  if (scaled % perDay !== 0n) return undefined
  const milliseconds = scaled / perDay
  return milliseconds >= -most && milliseconds <= most ? Number(milliseconds) : undefined
}

/** Conditions as data, checked and turned into steps for the kernel. */

import { OneCopyError, show } from '../../errors.ts'
import type { ConditionStep } from '../../native/index.ts'
import { suggestNames } from '../../nearest-names.ts'
import type { CategoryColumn } from '../columns/category-column.ts'
import type { Column } from '../columns/columns.ts'
import type { Table } from '../table/table.ts'
import { dateBound, integerBounds, floatBounds, sortedValues, type Bounds } from './bounds.ts'
import { type FixedColumn, requireFixed } from './table-cells.ts'

/** A value that cells are compared with; null stands for no value. */
export type ConditionValue = number | bigint | string | boolean | Date | null

/** Values between two bounds; each may be left out. */
export interface RangeCondition {
  /** At least this. */
  readonly from?: number | bigint | string | Date
  /** At most this. */
  readonly to?: number | bigint | string | Date
  /** More than this. */
  readonly above?: number | bigint | string | Date
  /** Less than this. */
  readonly below?: number | bigint | string | Date
}

/** One value, some values, or a range. */
export type ColumnCondition = ConditionValue | readonly ConditionValue[] | RangeCondition

/**
 * What the rows must fulfil: a condition for each named column, all of which must hold, and `and`, `or` and `not` with conditions in them.
 *
 * @example
 * ```ts
 * const condition: Condition = { POS: { from: 1000, below: 2000 }, or: [{ REF: ['A', 'C'] }, { ALT: null }] }
 * ```
 */
export interface Condition {
  readonly and?: readonly Condition[]
  readonly or?: readonly Condition[]
  readonly not?: Condition
  readonly [column: string]: ColumnCondition | Condition | readonly Condition[] | undefined
}

/** A condition for the kernel. */
interface CompiledCondition {
  readonly columns: readonly FixedColumn[]
  readonly steps: readonly ConditionStep[]
}

const rangeNames = ['from', 'to', 'above', 'below'] as const

/**
 * Checks a condition against the columns of a table.
 *
 * @throws OneCopyError `ERR_INDEX` for a column that there isn't, or one of texts; TypeError for a value that doesn't go with its column
 */
export function compileCondition(table: Table, condition: Condition): CompiledCondition {
  const columns: FixedColumn[] = []
  const steps: ConditionStep[] = []
  const numberOf = (column: FixedColumn): number => {
    const at = columns.indexOf(column)
    return at >= 0 ? at : columns.push(column) - 1
  }
  addCondition(table, condition, 'the condition', steps, numberOf)
  return { columns, steps }
}

type NumberOf = (column: FixedColumn) => number

function addCondition(
  table: Table,
  condition: unknown,
  place: string,
  steps: ConditionStep[],
  numberOf: NumberOf,
): void {
  if (!isPlainObject(condition)) {
    throw new TypeError(
      `Expected ${place} as an object such as { age: { from: 18 } }, or a function of a row, got ${show(condition)}.`,
    )
  }
  let parts = 0
  const add = (work: () => void): void => {
    work()
    if (parts++ > 0) steps.push({ test: 'and' })
  }
  for (const [name, value] of Object.entries(condition)) {
    if (value === undefined) continue
    if (name === 'not') {
      add(() => {
        addCondition(table, value, `\`not\` in ${place}`, steps, numberOf)
        steps.push({ test: 'not' })
      })
    } else if (name === 'and' || name === 'or') {
      add(() => addList(table, name, value, place, steps, numberOf))
    } else {
      const column = requireFixed(columnOf(table, name), 'findRows')
      add(() => addColumn(column, value, steps, numberOf(column)))
    }
  }
  if (parts === 0) steps.push({ test: 'all' })
}

function addList(
  table: Table,
  name: 'and' | 'or',
  list: unknown,
  place: string,
  steps: ConditionStep[],
  numberOf: NumberOf,
): void {
  if (!Array.isArray(list))
    throw new TypeError(
      `Expected a list of conditions for \`${name}\` in ${place}, as in { ${name}: [{ age: 18 }, { age: null }] }, got ${show(list)}.`,
    )
  for (const [i, one] of list.entries()) {
    addCondition(table, one, `\`${name}[${i}]\` in ${place}`, steps, numberOf)
    if (i > 0) steps.push({ test: name })
  }
  if (list.length > 0) return
  // All of no conditions hold, and none of them.
  steps.push({ test: 'all' })
  if (name === 'or') steps.push({ test: 'not' })
}

function columnOf(table: Table, name: string): Column {
  if (table.has(name)) return table.column(name)
  throw new OneCopyError(
    'ERR_INDEX',
    `Expected names of columns, \`and\`, \`or\` or \`not\` in the condition, got ${show(name)}. ${suggestNames(name, table.names)}`,
    { details: { column: name } },
  )
}

function addColumn(
  column: FixedColumn,
  value: unknown,
  steps: ConditionStep[],
  number: number,
): void {
  if (isPlainObject(value)) {
    const bounds = requireBounds(column, value)
    if (column.kind === 'category') {
      steps.push({ test: 'codes', column: number, values: codesWithin(column, bounds) })
    } else {
      steps.push({ test: 'range', column: number, values: boundsOf(column, bounds) })
    }
    return
  }
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  const values = list.filter((one) => one !== null)
  for (const one of values) requireValue(column, one)
  const isMissingWanted = values.length < list.length
  if (values.length > 0 || !isMissingWanted) {
    if (column.kind === 'category') {
      const wanted = new Set(values)
      const marks = column.categories.map((text) => Number(wanted.has(text)))
      steps.push({ test: 'codes', column: number, values: Uint8Array.from(marks) })
    } else {
      const numbers = values.map((one) => comparable(column, one))
      steps.push({
        test: 'values',
        column: number,
        values: sortedValues(column.values.dtype, numbers),
      })
    }
  }
  if (!isMissingWanted) return
  steps.push({ test: 'missing', column: number })
  if (values.length > 0) steps.push({ test: 'or' })
}

function requireBounds(column: FixedColumn, given: Record<string, unknown>): Bounds<unknown> {
  const entries = Object.entries(given).filter(([, bound]) => bound !== undefined)
  for (const [name, bound] of entries) {
    if (!(rangeNames as readonly string[]).includes(name)) {
      throw new TypeError(
        `Expected \`from\`, \`to\`, \`above\` or \`below\` for column '${column.name}', got ${show(name)}. ` +
          'Conditions on several columns stand side by side, as in { age: { from: 18 }, city: "Paris" }.',
      )
    }
    requireValue(column, bound)
  }
  if (entries.length === 0)
    throw new TypeError(
      `Expected a value, a list or bounds for column '${column.name}', as in { from: 1, below: 5 }, got {}.`,
    )
  return Object.fromEntries(entries)
}

/** @throws TypeError for a value that cells of the column can't have */
function requireValue(column: FixedColumn, value: unknown): void {
  const { kind, name } = column
  const isFine =
    kind === 'category'
      ? typeof value === 'string'
      : kind === 'boolean'
        ? typeof value === 'boolean'
        : kind === 'date'
          ? value instanceof Date && !Number.isNaN(value.getTime())
          : typeof value === 'bigint' || (typeof value === 'number' && !Number.isNaN(value))
  if (isFine) return
  const expected = {
    category: 'texts',
    boolean: 'true or false',
    date: 'valid Dates',
    number: 'numbers',
  }[kind]
  const advice = Number.isNaN(value) ? ' NaN is a missing value: write null.' : ''
  throw new TypeError(
    `Expected ${expected} in the condition for column '${name}', got ${show(value)}.${advice}`,
  )
}

/** A value as the column counts; a ratio of two bigints for a date. */
function comparable(column: FixedColumn, value: unknown): number | bigint {
  if (column.kind === 'boolean') return Number(value)
  if (column.kind !== 'date') return value as number | bigint
  const { floor, isExact } = dateBound(value as Date, column.unit)
  // Between two counts: equal to none.
  return isExact ? floor : NaN
}

function boundsOf(column: Exclude<FixedColumn, CategoryColumn>, bounds: Bounds<unknown>) {
  const { dtype } = column.values
  if (column.kind === 'date') {
    const counts: { -readonly [Name in keyof Bounds<bigint>]: bigint } = {}
    for (const name of rangeNames) {
      if (bounds[name] === undefined) continue
      const { floor, isExact } = dateBound(bounds[name] as Date, column.unit)
      // A bound between two counts is the next one within.
      if (name === 'from' || name === 'below') counts[name] = isExact ? floor : floor + 1n
      else counts[name] = floor
    }
    return integerBounds(dtype, counts)
  }
  const numbers = Object.fromEntries(
    Object.entries(bounds).map(([name, bound]) => [
      name,
      typeof bound === 'boolean' ? Number(bound) : bound,
    ]),
  ) as Bounds<number | bigint>
  return dtype.startsWith('float') ? floatBounds(numbers) : integerBounds(dtype, numbers)
}

function codesWithin({ categories }: CategoryColumn, bounds: Bounds<unknown>): Uint8Array {
  const { from, to, above, below } = bounds as Bounds<string>
  const marks = categories.map(
    (text) =>
      (from === undefined || text >= from) &&
      (to === undefined || text <= to) &&
      (above === undefined || text > above) &&
      (below === undefined || text < below),
  )
  return Uint8Array.from(marks, Number)
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

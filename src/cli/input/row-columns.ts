/** Reads columns that say of each row its weight or group. */

import { basename } from 'node:path'
import { array, type NDArray } from '../../arrays/index.ts'
import type { Column } from '../../tables/index.ts'
import { UsageError } from '../output/failure.ts'
import type { InputRequest } from './input.ts'

/**
 * Refuses a column that has two tasks.
 *
 * @throws UsageError
 */
export function requireOwnColumns({ target, weights, groups }: Omit<InputRequest, 'file'>): void {
  for (const [option, name] of [
    ['weights', weights],
    ['groups', groups],
  ] as const)
    if (name === target)
      throw new UsageError(
        `Expected --${option} to name another column than --target, got '${name}'.`,
      )
  if (weights !== undefined && weights === groups)
    throw new UsageError(
      `Expected --groups to name another column than --weights, got '${weights}'.`,
    )
}

/**
 * Takes the weights of rows.
 *
 * @param valueAt - the weight of a row of the file; NaN where there is none
 * @param rows - rows of the file that are used, or how many there are
 * @param name - of the column
 * @throws UsageError for a weight that is none, and when all are 0
 */
export function takeWeights(
  valueAt: (row: number) => number,
  rows: Int32Array | number,
  { name, file }: { readonly name: string; readonly file: string },
): NDArray<'float64'> {
  const count = typeof rows === 'number' ? rows : rows.length
  const weights = new Float64Array(count)
  let isAny = false
  for (let i = 0; i < count; i++) {
    const row = typeof rows === 'number' ? i : rows[i]!
    const weight = valueAt(row)
    if (!(weight >= 0 && weight < Infinity)) {
      const got = Number.isNaN(weight) ? 'no value' : String(weight)
      throw new UsageError(
        `Expected finite weights of at least 0 in '${name}' of ${basename(file)}, got ${got} in row ${row} (counted from 0).`,
      )
    }
    weights[i] = weight
    if (weight > 0) isAny = true
  }
  if (isAny) return array(weights)
  throw new UsageError(
    `Expected a weight above 0 in '${name}' of ${basename(file)}, got 0 in every row.`,
  )
}

/**
 * Takes the groups of rows from a column of a table.
 *
 * @throws UsageError for a row without a group
 */
export function takeGroups(
  column: Column,
  rows: Int32Array | number,
  file: string,
): NDArray<'float64'> | readonly string[] {
  const numbers = typeof rows === 'number' ? Array.from({ length: rows }, (_, i) => i) : rows
  if (column.missing > 0)
    for (const row of numbers) if (column.isMissing(row)) throw refuseGroup(column.name, file, row)
  if (column.kind !== 'number') return Array.from(numbers, (row) => column.text(row)!)
  // Identifiers of groups may need all their digits.
  const isWide = numbers.some((row) => typeof column.get(row) === 'bigint')
  if (isWide) return Array.from(numbers, (row) => column.text(row)!)
  return array(Float64Array.from(numbers, (row) => Number(column.get(row))))
}

/** The error for a row without a group. */
export function refuseGroup(name: string, file: string, row: number): UsageError {
  return new UsageError(
    `Expected a group in every row of '${name}' of ${basename(file)}, got no value in row ${row} (counted from 0).`,
  )
}

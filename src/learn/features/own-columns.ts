/** Finds the columns of a table that a target and weights are. */

import type { NDArray } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import { type Column, isColumn, type Table } from '../../tables/index.ts'

/**
 * The columns of a table that are given by name, themselves, or as another object over the same memory.
 *
 * @param others - by the names of arguments; what is neither a name nor a column is passed over
 * @throws OneCopyError `ERR_INDEX` for a column with other values than that of its name in the table, which would stay a feature
 */
export function ownColumns(
  table: Table,
  others: Readonly<Record<string, unknown>>,
): ReadonlySet<Column> {
  const found = new Set<Column>()
  for (const [argument, other] of Object.entries(others)) {
    if (typeof other === 'string') found.add(table.column(other))
    if (!isColumn(other) || !table.has(other.name)) continue
    const own = table.column(other.name)
    if (own !== other && !isSameColumn(own, other)) throw refuseTwin(argument, own)
    found.add(own)
  }
  return found
}

function isSameColumn(one: Column, other: Column): boolean {
  const [own, others] = [one.arrays, other.arrays]
  return own.length === others.length && own.every((array, i) => isSameMemory(array, others[i]!))
}

function isSameMemory(one: NDArray, other: NDArray): boolean {
  return (
    one.buffer === other.buffer &&
    one.dtype === other.dtype &&
    one.offset === other.offset &&
    one.size === other.size &&
    (one.size < 2 || one.strides[0] === other.strides[0])
  )
}

function refuseTwin(argument: string, { name }: Column): OneCopyError {
  return new OneCopyError(
    'ERR_INDEX',
    `Expected \`${argument}\` to be column '${name}' of the table, got another column of that name, beside which the table's own would be a feature. ` +
      `Pass the name '${name}', or leave the table's column out: table.without(['${name}']).`,
    { details: { name: argument, column: name } },
  )
}

/** What a worker finds in a column of a table over an Arrow file. */

import type { Table } from '../../../../src/tables/index.ts'

export async function sumColumn(
  table: Table,
  name: string,
): Promise<{ sum: number; kind: string | undefined; first: unknown }> {
  const column = table.column(name)
  let sum = 0
  for (let row = 0; row < table.rows; row++) sum += Number(column.get(row))
  return { sum, kind: column.arrays[0]!.mapping?.kind, first: table.column('codes').get(0) }
}

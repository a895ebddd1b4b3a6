/** CSV files for one test. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CsvOptions, Table } from '../../src/tables/index.ts'
import { readCsv } from '../../src/tables/index.ts'

/** Makes a folder for the length of `use`. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'onecopy-tables-'))
  try {
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Writes `text` to a file and reads it. */
export function readText(text: string | Uint8Array, options?: CsvOptions): Promise<Table> {
  return withFolder(async (folder) => {
    const path = join(folder, 'data.csv')
    writeFileSync(path, text)
    return readCsv(path, options)
  })
}

/** All values of a table by column: numbers, and texts or null. */
export function valuesOf(table: Table): Record<string, (number | string | null)[]> {
  return Object.fromEntries(
    table.columns.map((column) => [
      column.name,
      Array.from({ length: table.rows }, (_, row) => column.get(row) as number | string | null),
    ]),
  )
}

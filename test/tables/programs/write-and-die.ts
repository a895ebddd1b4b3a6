/** Writes a CSV file and kills itself in row 50,000. */

import { array } from '../../../src/arrays/index.ts'
import { NumberColumn, Table, writeCsv } from '../../../src/tables/index.ts'

class DeadlyColumn extends NumberColumn {
  override text(row: number): string | null {
    if (row === 50_000) process.kill(process.pid, 'SIGKILL')
    return super.text(row)
  }
}

await writeCsv(
  new Table([new DeadlyColumn('n', array(new Float64Array(60_000)))]),
  process.argv[2]!,
)

/** What runs cost in memory, however many tasks they have. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

for (const backend of ['threads', 'processes']) {
  test(
    `a million tasks from a generator leave the heap as it was, on ${backend}`,
    { timeout: 240_000 },
    () => {
      const program = join(import.meta.dirname, 'programs/million-tasks.ts')
      const output = execFileSync(process.execPath, ['--expose-gc', program, backend, '1000000'], {
        encoding: 'utf8',
      })
      const { read, wrong, growth } = JSON.parse(output) as Record<string, number>
      assert.deepEqual([read, wrong], [1_000_000, 0])
      assert.ok(growth! < 20, `grew by ${growth} MiB`)
    },
  )
}

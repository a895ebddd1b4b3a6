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

test('a private array that is cloned for four processes takes one copy, and one in each', () => {
  const program = join(import.meta.dirname, 'programs/clone-arrays.ts')
  const output = execFileSync(process.execPath, [program], { encoding: 'utf8' })
  const { done, ratio } = JSON.parse(output) as { done: boolean[]; ratio: number }
  assert.deepEqual(done, [true, true, true, true])
  assert.ok(ratio < 5.5, `took ${ratio} copies of the array`)
})

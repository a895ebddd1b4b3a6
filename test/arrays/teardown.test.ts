/** Threads that end while their memory is in use leave neither crash nor map. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { shared } from '../../src/arrays/index.ts'

function run(scenario: string): string {
  const program = join(import.meta.dirname, 'programs/teardown.ts')
  const { stdout, stderr, status, signal } = spawnSync(
    process.execPath,
    ['--expose-gc', program, scenario],
    { encoding: 'utf8' },
  )
  assert.deepEqual([status, signal], [0, null], stderr)
  return stdout.trim()
}

test('memory outlives the only thread that ever loaded the core', (t) => {
  if (shared([1], 'int8').buffer instanceof ArrayBuffer)
    return t.skip('only a SharedArrayBuffer goes to another thread by itself')
  assert.equal(run('outlive'), '42 0')
})

test('threads that come and go leave no map and no descriptor', () => {
  assert.equal(run('churn'), '0')
})

test('many threads map, write and drop the same file and scratch memory at once', () => {
  assert.equal(run('race'), '0')
})

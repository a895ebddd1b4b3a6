/** What arrays cost in anonymous and shared memory, as ratios of their own size. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

/** Runs a scenario of `programs/arrays.ts` in a process of its own. */
function measure(scenario: string): { readonly ratio: number } {
  const folder = mkdtempSync(join(tmpdir(), 'onecopy-memory-'))
  try {
    const program = join(import.meta.dirname, 'programs/arrays.ts')
    const { stdout, stderr } = spawnSync(process.execPath, [program, scenario, folder], {
      encoding: 'utf8',
      timeout: 200_000,
    })
    assert.ok(stdout.startsWith('{'), stderr)
    return JSON.parse(stdout) as { readonly ratio: number }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('scratch arrays that are dropped are collected in time', () => {
  const { ratio } = measure('drop')
  // Seven or eight as a rule. V8 decides when it collects; memory must not grow with the number.
  assert.ok(ratio < 16, `60 arrays, one dropped after the other, took the memory of ${ratio}`)
})

test('scratch arrays that are disposed free their pages though they are held', () => {
  const { ratio } = measure('dispose')
  assert.ok(ratio < 1.5, `20 disposed arrays took the memory of ${ratio}`)
})

test('8192 views of a mapped file and a pass over it take no copy', () => {
  const { ratio } = measure('views')
  assert.ok(ratio < 0.3, `took ${ratio} of the file`)
})

test('many views of a private array are shared by one copy', () => {
  const { ratio } = measure('share')
  assert.ok(ratio > 0.9 && ratio < 1.15, `took ${ratio} of the array`)
})

test('saving a view with gaps takes a block, not a copy', () => {
  const { ratio } = measure('save')
  assert.ok(ratio < 0.5, `took ${ratio} of the array`)
})

test('three processes read one copy, shared and copy-on-write', () => {
  const { ratio } = measure('readers')
  // Two maps in each of them, and the one of the process that made the array.
  const expected = 6 / 7
  assert.ok(Math.abs(ratio - expected) < 0.01, `the three hold ${ratio} of the array together`)
})

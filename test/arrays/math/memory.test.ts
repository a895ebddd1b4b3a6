/** Memory that computing takes beside the arrays. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'

test('a large view in any layout is computed with in small blocks, never copied', () => {
  const program = new URL('../programs/compute-peak.ts', import.meta.url).pathname
  const output = execFileSync(process.execPath, [program], { encoding: 'utf8' })
  // The view has 48 MB; the largest result 2.4 MB.
  const growth = Number(output) * 1024
  assert.ok(Number.isFinite(growth) && growth < 24e6, `${growth} bytes`)
})

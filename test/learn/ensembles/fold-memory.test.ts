/** Memory of a layer, whatever the number of folds. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

test('folds of trees, scaled and not, and of a linear model copy no matrix, however they are split', () => {
  const program = join(import.meta.dirname, 'programs/fold-memory.ts')
  const flags = ['--expose-gc', '--max-semi-space-size=1']
  const output = execFileSync(process.execPath, [...flags, program], { encoding: 'utf8' })
  const { matrixBytes, ...growths } = JSON.parse(output) as Record<string, number>
  // Bins take an eighth of a float64 matrix, and on a busy machine more waits to be collected. A copy of the matrix, or bins
  // for each of 12 folds, would take more than this beside the 6 MB that are seen without them.
  for (const [folds, bytes] of Object.entries(growths))
    assert.ok(bytes < 0.85 * matrixBytes!, `${folds}: ${bytes} of ${matrixBytes}`)
})

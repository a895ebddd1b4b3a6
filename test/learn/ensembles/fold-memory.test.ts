/** Memory of a layer, whatever the number of folds. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

test('12 folds of trees, scaled and not, and of a linear model copy no matrix', () => {
  const program = join(import.meta.dirname, 'programs/fold-memory.ts')
  const flags = ['--expose-gc', '--max-semi-space-size=1']
  const output = execFileSync(process.execPath, [...flags, program], { encoding: 'utf8' })
  const { few, many, matrixBytes } = JSON.parse(output) as Record<string, number>
  // Bins take an eighth of a float64 matrix, and on a busy machine more waits to be collected. A copy of the matrix, or bins
  // for each of 12 folds, would take more than this beside the 6 MB that are seen without them.
  const text = `2 folds: ${few} bytes, 12 folds: ${many}, of a matrix of ${matrixBytes}`
  assert.ok(Math.max(few!, many!) < 0.85 * matrixBytes!, text)
})

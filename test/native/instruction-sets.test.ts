/** Every instruction set that this CPU has passes the kernels' tests. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { native } from '../../src/native/index.ts'
import { runOnLevel } from './run-on-level.ts'

const names = [
  'gradient',
  'hash',
  'moments',
  'neighbors',
  'predict',
  'qr',
  'trees-bins',
  'trees-grow',
]
const suites = names.map((name) => `test/native/${name}.test.ts`)

for (const level of ['baseline', 'avx2', 'avx512']) {
  // The short tests run on the best of them anyway.
  if (level === native.simdLevel()) continue
  const probe = runOnLevel(level, '--import', './src/native/index.ts', '--eval', '')
  if (probe.status !== 0) continue
  test(`the kernels' tests pass on ${level}`, () => {
    const { status, stdout } = runOnLevel(level, '--test', ...suites)
    assert.equal(status, 0, stdout)
    assert.match(stdout, new RegExp(`\\(${level}\\)`))
  })
}

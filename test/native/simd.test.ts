/** The best instruction set of this CPU is taken; one that it lacks is refused. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { native } from '../../src/native/index.ts'
import { runOnLevel } from './run-on-level.ts'

function load(level: string) {
  const source = "import { native } from './src/native/index.ts'; console.log(native.simdLevel())"
  return runOnLevel(level, '--input-type=module-typescript', '--eval', source)
}

test('the best instruction set is taken unless ONECOPY_SIMD names another', () => {
  assert.equal(load('baseline').stdout, 'baseline\n')
  assert.equal(load('').stdout, `${native.simdLevel()}\n`)
})

test('an instruction set that nobody knows is refused in one sentence', () => {
  const { status, stderr } = load('avx9')
  assert.equal(status, 1)
  assert.match(stderr, /^Expected ONECOPY_SIMD to be 'baseline'.*, got 'avx9'\.\n$/)
})

for (const level of ['avx2', 'avx512']) {
  const { status, stderr } = load(level)
  if (status === 0) continue // test/native/instruction-sets.test.ts runs the kernels' tests on it
  test(`${level}, which this CPU can't run, is refused in one sentence`, () => {
    assert.equal(status, 1)
    assert.match(stderr, /^(ONECOPY_SIMD is 'avx.*', which this CPU can't run\.|Expected)/)
    assert.doesNotMatch(stderr, /\n./)
  })
}

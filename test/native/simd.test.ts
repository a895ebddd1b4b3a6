/** Every instruction set of this CPU passes the kernels' tests; no other one is accepted. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { native } from '../../src/native/index.ts'

const suites = ['gradient', 'moments', 'neighbors', 'predict', 'qr'].map((name) =>
  fileURLToPath(new URL(`${name}.test.ts`, import.meta.url)),
)

/** Runs Node on an instruction set, as if no test runner had started it. */
function run(level: string, ...args: string[]) {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  return spawnSync(process.execPath, args, {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    env: { ...env, ONECOPY_SIMD: level },
    encoding: 'utf8',
  })
}

function load(level: string) {
  const source = "import { native } from './src/native/index.ts'; console.log(native.simdLevel())"
  return run(level, '--input-type=module-typescript', '--eval', source)
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

for (const level of ['baseline', 'avx2', 'avx512']) {
  const probe = load(level)
  if (probe.status === 0) {
    if (level === native.simdLevel()) continue // the suites run on it anyway
    test(`the kernels' tests pass on ${level}`, () => {
      const { status, stdout } = run(level, '--test', ...suites)
      assert.equal(status, 0, stdout)
      assert.match(stdout, new RegExp(`\\(${level}\\)`))
    })
  } else {
    test(`${level}, which this CPU can't run, is refused in one sentence`, () => {
      assert.equal(probe.status, 1)
      assert.match(probe.stderr, /^(ONECOPY_SIMD is 'avx.*', which this CPU can't run\.|Expected)/)
      assert.doesNotMatch(probe.stderr, /\n./)
    })
  }
}

/** Threads, layouts and instruction sets give the same networks. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { array, type NDArray, zeros } from '../../../src/arrays/index.ts'
import { MLPRegressor } from '../../../src/learn/index.ts'
import { setKernelThreads } from '../../../src/native/index.ts'
import { randomProblem } from '../random-problem.ts'
import { largeNetworkBytes, networkBytes } from './network-bytes.ts'

test('any number of threads and every layout and dtype of X gives the same bytes', async () => {
  const { X, y } = randomProblem(310, 9)
  const whole = X.data.map((value) => Math.round(4 * value))
  const matrix = array(whole, { shape: [310, 9] })
  const rows = { ranges: [[20, 300]] } as const
  const fit = async (view: NDArray): Promise<unknown> => {
    const model = await new MLPRegressor({ maxIter: 3, hiddenLayerSizes: [10] }).fit(view, y, {
      rows,
    })
    return model.coefs_.map((one) => one.toArray())
  }
  const expected = await fit(matrix)
  const wide = zeros([310, 19], 'float64')
  for (let i = 0; i < 310; i++) for (let j = 0; j < 9; j++) wide.set(matrix.get(i, j), i, 2 * j)
  const views = [
    matrix.transpose().copy().transpose(),
    wide.slice(null, [0, 18, 2]),
    array(Float32Array.from(whole), { shape: [310, 9] }),
    array(Int8Array.from(whole), { shape: [310, 9] }),
  ]
  for (const view of views) assert.deepEqual(await fit(view), expected)
  const [small, large] = [await networkBytes(), await largeNetworkBytes()]
  try {
    for (const threads of [1, 2, 4]) {
      setKernelThreads(threads)
      assert.equal(await networkBytes(), small)
      assert.equal(await largeNetworkBytes(), large)
    }
  } finally {
    setKernelThreads(0)
  }
})

describe('every instruction set gives the same bytes', () => {
  for (const level of ['baseline', 'avx2']) {
    test(level, async (t) => {
      const program = `
        import { largeNetworkBytes, networkBytes } from './test/learn/neural/network-bytes.ts'
        console.log(await networkBytes() + await largeNetworkBytes())`
      const { stdout, stderr } = spawnSync(
        process.execPath,
        ['--no-warnings', '--input-type=module', '-e', program],
        {
          cwd: fileURLToPath(new URL('../../..', import.meta.url)),
          env: { ...process.env, ONECOPY_SIMD: level },
          encoding: 'utf8',
        },
      )
      if (stderr.includes('ONECOPY_SIMD')) return t.skip('not on this CPU')
      const expected = (await networkBytes()) + (await largeNetworkBytes())
      assert.ok(expected.length > 1000)
      assert.equal(stdout, `${expected}\n`, stderr)
    })
  }
})

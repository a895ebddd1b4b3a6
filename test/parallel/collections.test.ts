/** The arrays in a list of items are compared with their copy once for each run. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, type NDArray } from '../../src/arrays/index.ts'
import { Snapshot } from '../../src/arrays/internal.ts'
import { Parallel } from '../../src/parallel/index.ts'

type Pair = [X: NDArray<'float64'>, i: number]
const valueAt = (X: NDArray<'float64'>, i: number): number => X.get(i)
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

test('starmap and map over a list compare a shared buffer once, over a generator for each task', async (t) => {
  const parallel = new Parallel({ workers: 1, shareFromBytes: 1000 })
  t.after(() => parallel.close())
  const X = array(new Float64Array(1000).map((_, i) => i))
  const isCurrent = t.mock.method(Snapshot.prototype, 'isCurrent')
  const pairs = range(20).map((i): Pair => [X, i])
  for (let round = 0; round < 3; round++) {
    isCurrent.mock.resetCalls()
    assert.deepEqual(await parallel.starmap(valueAt, pairs), range(20))
    // The first run copies; each later one compares, once.
    assert.equal(isCurrent.mock.callCount(), round === 0 ? 0 : 1)
  }
  const first = ([values]: Pair): number => values.get(0)
  isCurrent.mock.resetCalls()
  await parallel.map(first, pairs)
  await parallel.map(first, new Set(pairs))
  assert.equal(isCurrent.mock.callCount(), 2)
  isCurrent.mock.resetCalls()
  function* lazily() {
    yield* pairs
  }
  assert.deepEqual(await parallel.starmap(valueAt, lazily()), range(20))
  assert.equal(isCurrent.mock.callCount(), 20)
})

test('a change between two runs over a list is seen', async (context) => {
  const parallel = new Parallel({ workers: 1, shareFromBytes: 1000 })
  context.after(() => parallel.close())
  const X = array(new Float64Array(1000))
  const pairs: Pair[] = [
    [X, 1],
    [X, 2],
  ]
  assert.deepEqual(await parallel.starmap(valueAt, pairs), [0, 0])
  X.set(7, 2)
  assert.deepEqual(await parallel.starmap(valueAt, pairs), [0, 7])
})

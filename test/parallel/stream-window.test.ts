/** How much a stream holds: results by number and bytes, messages by chunks. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shared } from '../../src/arrays/index.ts'
import { delayed } from '../../src/parallel/index.ts'
import { sizeOfResult } from '../../src/parallel/payload/result-size.ts'
import { same, square, sum } from '../fixtures/tasks/plain.ts'
import { everyBackend, onBackends } from './backends.ts'

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** An endless input that counts what was taken. */
function counted<T>(make: (i: number) => T): { taken: number; calls: Iterable<T> } {
  const input = { taken: 0, calls: [] as Iterable<T> }
  input.calls = (function* () {
    for (;;) yield make(input.taken++)
  })()
  return input
}

onBackends(everyBackend, 'maxBufferedBytes stops a run before its window is full', async (make) => {
  const parallel = make()
  // Results of 80 kB each: cloned, since below shareFromBytes.
  const input = counted(() => delayed(same)(new Float64Array(10_000)))
  const stream = parallel.stream(input.calls, { maxAhead: 50, maxBufferedBytes: 400_000 })
  await stream.next()
  while (input.taken < 4) await pause(5)
  await pause(300)
  // One is read, four or five fit; until the first size is known each worker may have a few.
  assert.ok(input.taken <= 8, `${input.taken} taken`)
  const before = input.taken
  for (let i = 0; i < 5; i++) await stream.next()
  while (input.taken === before) await pause(5) // it goes on
  await stream.return(undefined)
})

onBackends(
  everyBackend,
  'a result larger than maxBufferedBytes comes alone, in both orders',
  async (make) => {
    const parallel = make.shared()
    for (const order of ['input', 'completion'] as const) {
      const calls = Array.from({ length: 6 }, () => delayed(same)(new Uint8Array(50_000)))
      let count = 0
      for await (const { length } of parallel.stream(calls, { order, maxBufferedBytes: 1 })) {
        assert.equal(length, 50_000)
        count++
      }
      assert.equal(count, 6)
    }
  },
)

onBackends(everyBackend, 'results in shared memory count with what they refer to', async (make) => {
  const parallel = make({ shareFromBytes: 1000 })
  const input = counted(() => delayed(same)(new Float64Array(10_000)))
  const stream = parallel.stream(input.calls, { maxAhead: 50, maxBufferedBytes: 400_000 })
  await stream.next()
  while (input.taken < 4) await pause(5)
  await pause(300)
  assert.ok(input.taken <= 8, `${input.taken} taken`)
  await stream.return(undefined)
})

onBackends(everyBackend, 'chunks of any size give every result once', async (make) => {
  const parallel = make.shared()
  for (const chunkSize of [1, 3, 1000]) {
    const calls = Array.from({ length: 100 }, (_, i) => delayed(square)(i))
    assert.deepEqual(
      await parallel.run(calls, { chunkSize }),
      Array.from({ length: 100 }, (_, i) => i * i),
    )
  }
})

onBackends(everyBackend, 'starmap calls with lists of arguments', async (make) => {
  const parallel = make.shared()
  const lists: number[][] = [[], [1], [1, 2, 3]]
  const results: number[] = []
  for await (const total of parallel.starmap(sum, lists)) results.push(total)
  async function* later() {
    yield* lists
  }
  for await (const total of parallel.starmap(sum, later())) results.push(total)
  assert.deepEqual(results, [0, 1, 6, 0, 1, 6])
})

onBackends(everyBackend, 'map takes typed arrays, strings, maps and sets', async (make) => {
  const parallel = make.shared()
  const read = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
    const list: T[] = []
    for await (const item of items) list.push(item)
    return list
  }
  assert.deepEqual(await read(parallel.map(square, Float64Array.of(1, 2, 3))), [1, 4, 9])
  assert.deepEqual(await read(parallel.map(same<string>, 'añ')), ['a', 'ñ'])
  assert.deepEqual(await read(parallel.map(same<[string, number]>, new Map([['a', 1]]))), [
    ['a', 1],
  ])
})

test('the size of a result counts its arrays exactly, and the rest roughly', () => {
  const array = new Float64Array(1000)
  const within = (value: unknown, low: number, high: number): void => {
    const size = sizeOfResult(value)
    assert.ok(size >= low && size <= high, `${size} not in [${low}, ${high}]`)
  }
  within(1, 8, 8)
  within('abc', 6, 50)
  within(array, 8000, 8100)
  within([array, array, array.subarray(1)], 8000, 8300)
  within(array.subarray(0, 1), 8000, 8100)
  const matrix = shared([1000], 'float64')
  within(matrix, 8000, 8100)
  within({ deep: new Map([['a', [matrix.slice([0, 10])]]]) }, 80, 600)
  matrix[Symbol.dispose]()
  within(
    Array.from({ length: 1e6 }, (_, i) => i),
    8e6,
    8.1e6,
  )
  const circle: unknown[] = []
  circle.push(circle)
  within(circle, 1, 100)
})

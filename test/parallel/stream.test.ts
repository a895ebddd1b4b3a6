/** What streams and map give, and what they hold back. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { delayed, Parallel } from '../../src/parallel/index.ts'
import { refusal } from '../arrays/refusal.ts'
import { refuseOdd } from '../fixtures/tasks/failing.ts'
import { after, busy, same, square } from '../fixtures/tasks/plain.ts'
import { everyBackend, onBackends, workerBackends } from './backends.ts'

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

onBackends(everyBackend, 'A21: a stream is in the order of the input', async (make) => {
  const parallel = make.shared()
  const calls = [20, 1, 10, 0, 5, 2].map((ms) => delayed(after)(ms, ms))
  assert.deepEqual(await collect(parallel.stream(calls)), [20, 1, 10, 0, 5, 2])
})

onBackends(
  workerBackends,
  'A21: a stream in order of completion is not held up by a slow task',
  async (make) => {
    const parallel = make()
    const calls = [60_000, 1, 1, 1, 1].map((ms, i) => delayed(after)(ms, i))
    const seen: number[] = []
    for await (const i of parallel.stream(calls, { order: 'completion' })) {
      seen.push(i)
      if (seen.length === 4) break
    }
    assert.deepEqual(
      seen.toSorted((a, b) => a - b),
      [1, 2, 3, 4],
    )
  },
)

onBackends(everyBackend, 'map calls a function for each item', async (make) => {
  const parallel = make.shared()
  assert.deepEqual(await collect(parallel.map(square, new Set([1, 2, 3]))), [1, 4, 9])
  async function* items() {
    yield* [4, 5, 6]
  }
  assert.deepEqual(await collect(parallel.map(square, items())), [16, 25, 36])
})

onBackends(everyBackend, 'A22: a stream runs before anybody reads it', async (make) => {
  const parallel = make()
  const pulled = { count: 0 }
  function* calls() {
    for (;;) yield delayed(same)(pulled.count++)
  }
  const stream = parallel.stream(calls(), { maxAhead: 4 })
  while (pulled.count < 4) await pause(5)
  await pause(50)
  assert.equal(pulled.count, 4, 'A20: and no further than its window')
  assert.deepEqual(await stream.next(), { done: false, value: 0 })
  while (pulled.count < 5) await pause(5)
  await stream.return(undefined)
})

onBackends(everyBackend, 'A20: a reader that stops reading stops the run', async (make) => {
  const parallel = make()
  let pulled = 0
  function* calls() {
    for (;;) yield delayed(busy)(6, pulled++)
  }
  const stream = parallel.stream(calls())
  await stream.next()
  await pause(300)
  // Slow tasks go one by one: the window is 2 × workers + 2, and one is read.
  assert.ok(pulled <= 7, `${pulled} pulled`)
  await stream.return(undefined)
})

onBackends(everyBackend, 'break closes the input and frees the workers', async (make) => {
  const parallel = make()
  let isClosed = false
  function* calls() {
    try {
      for (let i = 0; ; i++) yield delayed(after)(i < 3 ? 1 : 60_000, i)
    } finally {
      isClosed = true
    }
  }
  for await (const i of parallel.stream(calls())) if (i === 1) break
  assert.ok(isClosed)
})

onBackends(everyBackend, 'A24: leaving one stream does not harm another', async (make) => {
  const parallel = make.shared()
  const left = parallel.stream(Array.from({ length: 50 }, (_, i) => delayed(after)(2, i)))
  const kept = collect(parallel.stream(Array.from({ length: 50 }, (_, i) => delayed(after)(2, i))))
  await left.next()
  await left.return(undefined)
  assert.deepEqual(await left.next(), { done: true, value: undefined })
  assert.deepEqual(
    await kept,
    Array.from({ length: 50 }, (_, i) => i),
  )
})

onBackends(
  everyBackend,
  'results that are ready come before the failure, nothing after',
  async (make) => {
    const parallel = make({ preDispatch: 1 })
    const stream = parallel.stream([0, 2, 4, 5, 6].map((x) => delayed(refuseOdd)(x)))
    assert.equal((await stream.next()).value, 0)
    await pause(100)
    assert.equal((await stream.next()).value, 2)
    assert.equal((await stream.next()).value, 4)
    await assert.rejects(stream.next(), /5 is odd/)
    assert.deepEqual(await stream.next(), { done: true, value: undefined })
  },
)

onBackends(everyBackend, 'several reads may wait at one time', async (make) => {
  const parallel = make.shared()
  const stream = parallel.stream([1, 2].map((x) => delayed(square)(x)))
  const reads = await Promise.all([stream.next(), stream.next(), stream.next()])
  assert.deepEqual(
    reads.map(({ value }) => value),
    [1, 4, undefined],
  )
})

onBackends(everyBackend, 'an error thrown into a stream ends it', async (make) => {
  const parallel = make.shared()
  const stream = parallel.stream([1, 2].map((x) => delayed(square)(x)))
  await assert.rejects(stream.throw(new RangeError('mine')), /mine/)
  assert.deepEqual(await stream.next(), { done: true, value: undefined })
})

onBackends(
  everyBackend,
  'a cleaning up of the input that fails is told to who leaves',
  async (make) => {
    const parallel = make.shared()
    function* calls() {
      try {
        for (;;) yield delayed(square)(1)
      } finally {
        // oxlint-disable-next-line no-unsafe-finally
        throw new RangeError('cleaning failed')
      }
    }
    const stream = parallel.stream(calls())
    await stream.next()
    await assert.rejects(stream.return(undefined), /cleaning failed/)
    assert.deepEqual(await parallel.run([delayed(square)(2)]), [4])
  },
)

onBackends(everyBackend, 'a stream that was read is refused, not found empty', async (make) => {
  const parallel = make.shared()
  const again = {
    name: 'OneCopyError',
    code: 'ERR_CLOSED',
    message:
      'Expected a stream that can still be read, got one that was read or left before. A stream yields its results once: keep the list of `await parallel.map(…)`, or start another run.',
  }
  const looped = parallel.map(square, [1, 2])
  assert.deepEqual(await collect(looped), [1, 4])
  const listed = parallel.map(square, [1, 2])
  assert.deepEqual(
    [await listed, await listed],
    [
      [1, 4],
      [1, 4],
    ],
  )
  const left = parallel.map(square, [1, 2])
  for await (const _ of left) break
  const failed = parallel.map(refuseOdd, [1])
  await assert.rejects(collect(failed), /1 is odd/)
  for (const stream of [looped, listed, left, failed]) await assert.rejects(collect(stream), again)
  for (const stream of [looped, left, failed]) await assert.rejects(Promise.resolve(stream), again)
})

onBackends(everyBackend, 'a stream of which some was read gives the rest', async (make) => {
  const parallel = make.shared()
  for (const items of [[], [1], [1, 2]]) {
    const rest = items.slice(1).map(square)
    for (const read of [collect, (stream: AsyncIterable<number>) => Promise.resolve(stream)]) {
      const stream = parallel.map(square, items)
      assert.equal((await stream.next()).done, items.length === 0)
      assert.deepEqual(await read(stream), rest)
    }
  }
  const both = parallel.map(square, [1, 2, 3])
  const lists = await Promise.all([collect(both), collect(both)])
  assert.deepEqual(
    lists.flat().toSorted((a, b) => a - b),
    [1, 4, 9],
  )
})

test('options of a stream are checked', async () => {
  const parallel = new Parallel({ backend: 'serial' })
  assert.throws(() => parallel.stream([], { order: 'any' as never }), {
    code: 'ERR_OPTION',
    message: "Expected `order` to be 'input' or 'completion', got 'any'.",
  })
  assert.throws(() => parallel.stream([], { ordered: true } as never), {
    name: 'TypeError',
    message:
      'A stream has no option `ordered`. Did you mean `order`? It has: order, preDispatch, chunkSize, retries, timeoutMs, graceMs, whenFull, progress, maxAhead, maxBufferedBytes, onError, signal, onProgress, name, priority.',
  })
  assert.throws(
    () => parallel.stream([], { maxAhead: 0 }),
    refusal('ERR_OPTION', 'Expected `maxAhead` to be a whole number of at least 1, got 0.'),
  )
  await parallel.close()
})

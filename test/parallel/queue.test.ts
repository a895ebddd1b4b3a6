/** Many runs at once: which goes first, and what happens when too many wait. */

import assert from 'node:assert/strict'
import { delayed, type Parallel } from '../../src/parallel/index.ts'
import { after, busy, pid, same, square } from '../fixtures/tasks/plain.ts'
import { exit, never } from '../fixtures/tasks/misbehaving.ts'
import { everyBackend, onBackends, workerBackends } from './backends.ts'

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

/** Reads a run's results into a log, as they finish. */
async function note(
  parallel: Parallel,
  log: string[],
  name: string,
  count: number,
  options: { readonly priority?: number; readonly chunkSize?: number },
): Promise<void> {
  const calls = range(count).map((i) => delayed(after)(5, i))
  for await (const i of parallel.stream(calls, { order: 'completion', ...options }))
    log.push(`${name}${i}`)
}

onBackends(everyBackend, 'runs of a higher priority go first', async (make) => {
  const parallel = make({ workers: 1 })
  const log: string[] = []
  await Promise.all([
    note(parallel, log, 'a', 4, { priority: -1 }),
    note(parallel, log, 'b', 4, {}),
    note(parallel, log, 'c', 4, { priority: 0.5 }),
  ])
  const names = log.map(([name]) => name).join('')
  assert.equal(names, 'ccccbbbbaaaa')
})

onBackends(
  everyBackend,
  'a run of a higher priority goes before tasks that a worker has and has not started',
  async (make) => {
    const parallel = make({ workers: 1 })
    const log: string[] = []
    const low = note(parallel, log, 'a', 30, { chunkSize: 30 })
    while (log.length === 0) await parallel.run([delayed(after)(1, 0)], { priority: -1 })
    const before = log.length
    await note(parallel, log, 'b', 3, { priority: 1 })
    const meanwhile = log.slice(before).filter((name) => name.startsWith('a'))
    assert.ok(meanwhile.length <= 2, log.join())
    await low
    assert.deepEqual(
      log.filter((name) => name.startsWith('a')),
      range(30).map((i) => `a${i}`),
    )
  },
)

onBackends(everyBackend, 'a full queue rejects at once, and runs what it has', async (make) => {
  const parallel = make({ workers: 1, maxQueue: 2, whenFull: 'reject' })
  for (let round = 0; round < 2; round++) {
    const all = await Promise.allSettled(range(6).map((i) => parallel.run([delayed(after)(5, i)])))
    for (const [i, result] of all.entries()) {
      if (i < 3) assert.deepEqual(result, { status: 'fulfilled', value: [i] })
      else {
        assert.equal(result.status, 'rejected')
        assert.equal(
          String(result.reason),
          "OneCopyError: The run was not started: as many tasks wait as `maxQueue` allows (2). Start it later, allow more, or let it wait by whenFull: 'wait'.",
        )
      }
    }
  }
})

onBackends(everyBackend, 'a full queue rejects a stream when it is read', async (make) => {
  const parallel = make({ workers: 1, maxQueue: 0, whenFull: 'reject' })
  const first = parallel.map(square, [3])
  const full = { code: 'ERR_QUEUE_FULL' }
  await assert.rejects(Promise.resolve(parallel.map(square, [1])), full)
  const stream = parallel.starmap(square, [[1]])
  await assert.rejects(stream.next(), full)
  assert.deepEqual(await stream.next(), { done: true, value: undefined })
  await assert.rejects(async () => {
    for await (const _ of parallel.stream([delayed(square)(1)])) assert.fail('was run')
  }, full)
  parallel.map(square, [1]) // nobody reads it
  await parallel.map(square, [1])[Symbol.asyncDispose]()
  assert.deepEqual(await first, [9])
})

onBackends(everyBackend, 'maxQueue 0 needs a worker that is free', async (make) => {
  const parallel = make({ workers: 1, maxQueue: 0 })
  const first = parallel.run([delayed(after)(5, 1)])
  await assert.rejects(parallel.run([delayed(square)(2)], { whenFull: 'reject' }), {
    code: 'ERR_QUEUE_FULL',
  })
  const second = parallel.run([delayed(square)(3)])
  assert.deepEqual([await first, await second], [[1], [9]])
  assert.deepEqual(await parallel.run([delayed(square)(4)], { whenFull: 'reject' }), [16])
})

onBackends(everyBackend, 'a run that waits reads nothing of its input', async (make) => {
  const parallel = make({ workers: 1, maxQueue: 1 })
  // One by one, so that few have ended when the first result is here.
  const calls = range(10).map((i) => delayed(after)(1, i))
  const first = parallel.stream(calls, { maxAhead: 10, chunkSize: 1 })
  let read = 0
  function* lazy() {
    for (let i = 0; i < 3; i++) {
      read++
      yield delayed(square)(i)
    }
  }
  const second = parallel.run(lazy())
  assert.equal((await first.next()).value, 0)
  assert.equal(read, 0)
  assert.deepEqual(await first, range(10).slice(1))
  assert.deepEqual(await second, [0, 1, 4])
})

onBackends(
  everyBackend,
  'tasks that a stream holds back until it is read leave the queue to other runs',
  async (make) => {
    const parallel = make({ workers: 1, maxQueue: 2 })
    const large = Array.from({ length: 10 }, () => new Uint8Array(1000))
    const unread = [
      parallel.map(square, range(10), { maxAhead: 2 }),
      parallel.map(square, range(10), { maxAhead: 1, order: 'completion' }),
      parallel.map(same<Uint8Array>, large, { maxBufferedBytes: 1 }),
    ]
    assert.deepEqual(await parallel.map(square, [2]), [4])
    assert.deepEqual(await parallel.run([delayed(square)(3)], { whenFull: 'reject' }), [9])
    for (const stream of unread) assert.equal((await stream).length, 10)
  },
)

onBackends(everyBackend, 'runs wait in the order of their priority', async (make) => {
  const parallel = make({ workers: 1, maxQueue: 0 })
  const log: string[] = []
  const one = async (name: string, priority: number): Promise<void> => {
    await parallel.run([delayed(after)(2, 0)], { priority })
    log.push(name)
  }
  await Promise.all([one('a', 0), one('b', 0), one('c', 0), one('d', 2), one('e', -1), one('f', 1)])
  assert.deepEqual(log, ['a', 'd', 'f', 'b', 'c', 'e'])
})

onBackends(everyBackend, 'a run that is aborted while it waits never begins', async (make) => {
  const parallel = make({ workers: 1, maxQueue: 0 })
  const first = parallel.run([delayed(after)(20, 1)])
  const controller = new AbortController()
  let read = 0
  function* lazy() {
    read++
    yield delayed(square)(1)
  }
  const second = parallel.run(lazy(), { signal: controller.signal })
  const third = parallel.run([delayed(square)(3)])
  controller.abort()
  await assert.rejects(second, { name: 'AbortError' })
  assert.deepEqual([await first, await third, read], [[1], [9], 0])
})

onBackends(everyBackend, 'closing fails runs that wait', async (make) => {
  const parallel = make({ workers: 1, maxQueue: 0, graceMs: 0 })
  const runs = [
    parallel.run([delayed(never)()]),
    ...range(3).map((x) => parallel.run([delayed(square)(x)])),
  ]
  const results = Promise.allSettled(runs)
  await parallel.close()
  for (const result of await results)
    assert.equal(((result as PromiseRejectedResult).reason as { code: string }).code, 'ERR_CLOSED')
})

onBackends(
  workerBackends,
  'priority and a queue go with lost workers, limits, retries, chunks and replacement',
  async (make) => {
    const parallel = make({
      maxQueue: 3,
      maxTasksPerWorker: 5,
      retries: 0,
      timeoutMs: 20_000,
      graceMs: 0,
    })
    const controller = new AbortController()
    const runs: Promise<unknown>[] = range(12).map((i) =>
      parallel.run(
        range(6).map((j) => delayed(square)(i * 6 + j)),
        {
          priority: i % 3,
          ...(i % 4 === 0 && { chunkSize: 4 }),
        },
      ),
    )
    const lost = [1, 2].map((code) =>
      assert.rejects(parallel.run([delayed(exit)(code)], { priority: 2 }), {
        code: 'ERR_WORKER_LOST',
      }),
    )
    const late = assert.rejects(
      parallel.run([delayed(busy)(10_000, 0)], { timeoutMs: 20, priority: 1 }),
      { code: 'ERR_TIMEOUT' },
    )
    const aborted = assert.rejects(
      parallel.run([delayed(never)()], { signal: controller.signal, priority: 3 }),
      { name: 'AbortError' },
    )
    const pids = parallel.run([delayed(pid)()], { priority: -1 })
    controller.abort()
    await Promise.all([...lost, late, aborted, pids])
    for (const [i, run] of runs.entries())
      assert.deepEqual(
        await run,
        range(6).map((j) => (i * 6 + j) ** 2),
      )
  },
)

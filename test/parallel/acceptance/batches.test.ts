/** Acceptance cases A19, A25, A36, A38, A39: how many tasks are taken and sent, to whom. */

import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { delayed, Parallel } from '../../../src/parallel/index.ts'
import type { Backend } from '../../../src/parallel/internal.ts'
import { processes } from '../../../src/parallel/backends/processes.ts'
import { threads } from '../../../src/parallel/backends/threads.ts'
import { refusal } from '../../arrays/refusal.ts'
import { after, busy, same, square } from '../../fixtures/tasks/plain.ts'
import { everyBackend, onBackends, workerBackends } from '../backends.ts'
import { descend } from './tasks/nesting.ts'

/** A backend that counts the tasks of each message that it sends. */
function counting(backend: Backend): { backend: Backend; messages: number[] } {
  const messages: number[] = []
  return {
    messages,
    backend: {
      ...backend,
      start(...given) {
        const worker = backend.start(...given)
        const post = worker.post.bind(worker)
        worker.post = (message) => {
          if (message[0] === 'run') messages.push(message[3].length / 3)
          post(message)
        }
        return worker
      },
    },
  }
}

const noOps = (n: number) => Array.from({ length: n }, (_, i) => delayed(same)(i))

for (const [name, inner] of Object.entries({ threads, processes })) {
  test(
    `A39: 20,000 tasks that do nothing go in few messages, slow ones one by one (${name})`,
    { timeout: 60_000 },
    async () => {
      const { backend, messages } = counting(inner)
      const parallel = new Parallel({ workers: 2, backend })
      const numbers = await parallel.run(noOps(20_000))
      assert.ok(numbers.length === 20_000 && numbers.every((x, i) => x === i))
      const inOne = 20_000 / messages.length
      messages.length = 0
      await parallel.run(noOps(200), { chunkSize: 1 })
      // Perhaps more: where a worker is late, another gets what waits behind it.
      assert.ok(messages.length >= 200 && messages.every((tasks) => tasks === 1))
      assert.ok(inOne >= 10, `${inOne} tasks in a message`)
      messages.length = 0
      // What was learned of one function says nothing of another, nor of the next call of this one.
      await parallel.run([1, 2, 3, 4, 5, 6].map((i) => delayed(busy)(100, i)))
      assert.deepEqual(messages, [1, 1, 1, 1, 1, 1])
      await parallel.close()
    },
  )

  test(
    `A39: fast tasks that turn slow are soon sent one by one (${name})`,
    { timeout: 60_000 },
    async () => {
      const { backend, messages } = counting(inner)
      const parallel = new Parallel({ workers: 2, backend })
      await parallel.run(Array.from({ length: 3000 }, () => delayed(busy)(0, 0)))
      await parallel.run(Array.from({ length: 10 }, () => delayed(busy)(60, 0)))
      messages.length = 0
      await parallel.run(Array.from({ length: 10 }, () => delayed(busy)(60, 0)))
      assert.deepEqual(new Set(messages), new Set([1]))
      await parallel.close()
    },
  )
}

onBackends(
  everyBackend,
  'A39: each task settles by itself, however many go together',
  async (make) => {
    const parallel = make()
    await parallel.run(noOps(3000))
    let read = 0
    for await (const x of parallel.stream(noOps(3000))) assert.equal(x, read++)
    assert.equal(read, 3000)
  },
)

onBackends(
  everyBackend,
  'A19: with room for three, a fourth task is taken only when one has finished',
  async (make) => {
    const parallel = make({ preDispatch: 3 })
    const taken: number[] = []
    let finished = 0
    function* calls() {
      for (let i = 0; i < 9; i++) {
        taken.push(i)
        assert.ok(taken.length <= finished + 3, `${taken.length} taken, ${finished} finished`)
        yield delayed(after)(5, i)
      }
    }
    // In order of completion, so that what was read is what has finished, or less.
    for await (const _ of parallel.stream(calls(), { order: 'completion', maxAhead: 3 })) finished++
    assert.equal(finished, 9)
  },
)

onBackends(
  everyBackend,
  'A25: a second run on a busy pool gets its turn beside the first',
  async (make) => {
    const parallel = make({ workers: 1 })
    const ended: string[] = []
    const long = parallel
      .run(Array.from({ length: 60 }, (_, i) => delayed(busy)(10, i)))
      .then(() => ended.push('long'))
    const short = parallel
      .run([1, 2, 3].map((x) => delayed(square)(x)))
      .then((values) => ended.push(`short ${values.join(' ')}`))
    await Promise.all([long, short])
    assert.deepEqual(ended, ['short 1 4 9', 'long'])
  },
)

onBackends(
  workerBackends,
  'A36: pools within tasks within pools end in serial ones, not in ever more workers',
  async (make) => {
    const cores = availableParallelism()
    const parallel = make({ workers: cores })
    const [levels] = await parallel.run([delayed(descend)(12)])
    assert.equal(levels.length, 12)
    for (const { backend, workers } of levels)
      assert.deepEqual({ backend, workers }, { backend: 'serial', workers: 1 })
    assert.equal(new Set(levels.map(({ place }) => place)).size, 1, 'all in one thread')
  },
)

onBackends(everyBackend, 'A38: nothing to do is done at once, for streams too', async (make) => {
  const parallel = make()
  assert.deepEqual(await parallel.run([]), [])
  assert.deepEqual(await parallel.stream([]).next(), { done: true, value: undefined })
  assert.deepEqual(await parallel.map(square, []).next(), { done: true, value: undefined })
})

test('A38: no workers is an error, negative numbers count from all cores', () => {
  const cores = availableParallelism()
  assert.throws(() => new Parallel({ workers: 0 }), refusal('ERR_OPTION', 'got 0'))
  assert.equal(new Parallel({ workers: -1 }).workers, cores)
  assert.equal(new Parallel({ workers: -2 }).workers, Math.max(1, cores - 1))
})

/** Several async tasks at a time in one worker. */

import assert from 'node:assert/strict'
import { shared } from '../../src/arrays/index.ts'
import { delayed, type OutputLine, type TaskNote } from '../../src/parallel/index.ts'
import {
  exitAfter,
  fillWhen,
  meet,
  printSlowly,
  untilAborted,
} from '../fixtures/tasks/concurrent.ts'
import { never } from '../fixtures/tasks/misbehaving.ts'
import { after, increment, pid, square } from '../fixtures/tasks/plain.ts'
import { prepare, prepared } from '../fixtures/tasks/workers.ts'
import { everyBackend, onBackends, workerBackends } from './backends.ts'

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const squares = (n: number): number[] => range(n).map((x) => x * x)

onBackends(everyBackend, 'as many tasks as may be run at a time, and no more', async (make) => {
  const parallel = make({ workers: 1, concurrency: 3 })
  const came = shared([1], 'int32')
  assert.deepEqual(await parallel.run(range(3).map(() => delayed(meet)(3, came))), [3, 3, 3])
  came.set(0, 0)
  const four = parallel.run(range(4).map(() => delayed(meet)(4, came)))
  while (came.get(0) < 3) await new Promise((resolve) => setTimeout(resolve, 1))
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(came.get(0), 3)
  came.set(4, 0)
  assert.equal((await four).length, 4)
})

onBackends(workerBackends, 'tasks are spread over workers before they share one', async (make) => {
  const parallel = make({ workers: 2, concurrency: 4 })
  const came = shared([1], 'int32')
  assert.deepEqual(
    await parallel.run(range(8).map(() => delayed(meet)(8, came))),
    range(8).map(() => 8),
  )
})

onBackends(
  everyBackend,
  'results come in the order in which tasks end, arrays in memory of the worker too',
  async (make) => {
    const parallel = make({ workers: 1, concurrency: 4 })
    const gates = shared([4], 'int32')
    const order = [2, 0, 3, 1]
    const stream = parallel.stream(
      range(4).map((i) => delayed(fillWhen)(gates, i)),
      { order: 'completion' },
    )
    for (const i of order) {
      gates.set(1, i)
      const { value } = await stream.next()
      assert.deepEqual([value?.get(0), value?.get(999)], [i, i])
    }
    await stream.return(undefined)
    gates.set(1, 0)
    const list = await parallel.run(range(4).map((i) => delayed(fillWhen)(gates, i)))
    assert.deepEqual(
      list.map((array) => array.get(500)),
      [0, 1, 2, 3],
    )
  },
)

onBackends(
  everyBackend,
  'sync and async tasks, an initializer, chunks and small windows go together',
  async (make) => {
    const parallel = make({ concurrency: 3, initializer: delayed(prepare)([1]) })
    const [state] = await parallel.run([delayed(prepared)()])
    assert.equal(state.times, 1)
    for (const options of [{}, { chunkSize: 4 }, { maxAhead: 1 }, { preDispatch: 2 }]) {
      const calls = range(60).map((i) =>
        i % 2 === 0 ? delayed(square)(i) : delayed(after)(i % 5, i * i),
      )
      const results: number[] = []
      for await (const x of parallel.stream(calls, options)) results.push(x)
      assert.deepEqual(results, squares(60))
    }
    assert.deepEqual(await parallel.run([delayed(increment)({ count: 1 })]), [2])
  },
)

onBackends(workerBackends, 'maxTasksPerWorker holds', async (make) => {
  const parallel = make({ concurrency: 3, maxTasksPerWorker: 4 })
  const results = await parallel.run(range(22).map((i) => delayed(after)(2, i)))
  assert.deepEqual(results, range(22))
})

onBackends(
  everyBackend,
  'each task has its own signal; aborting a run leaves the others of its worker alone',
  async (make) => {
    const parallel = make({ workers: 1, concurrency: 3, graceMs: 30_000 })
    const ended = shared([2], 'int32')
    const came = shared([1], 'int32')
    const controllers = [new AbortController(), new AbortController()]
    const runs = controllers.map(({ signal }, i) =>
      parallel.run([delayed(untilAborted)(i, ended)], { signal }),
    )
    const other = parallel.run([delayed(meet)(2, came)])
    while (came.get(0) < 1) await new Promise((resolve) => setTimeout(resolve, 1))
    controllers[1]!.abort()
    await assert.rejects(runs[1]!, { name: 'AbortError' })
    while (ended.get(1) < 1) await new Promise((resolve) => setTimeout(resolve, 1))
    assert.equal(ended.get(0), 0)
    controllers[0]!.abort()
    await assert.rejects(runs[0]!, { name: 'AbortError' })
    while (ended.get(0) < 1) await new Promise((resolve) => setTimeout(resolve, 1))
    came.set(2, 0)
    assert.deepEqual(await other, [2])
  },
)

onBackends(
  workerBackends,
  'a task that is too slow fails alone when it obeys its signal',
  async (make) => {
    const parallel = make({ workers: 1, concurrency: 3, graceMs: 30_000 })
    const ended = shared([1], 'int32')
    const [before] = await parallel.run([delayed(pid)()])
    const came = shared([1], 'int32')
    const other = parallel.run([delayed(meet)(2, came)])
    await assert.rejects(parallel.run([delayed(untilAborted)(0, ended)], { timeoutMs: 50 }), {
      code: 'ERR_TIMEOUT',
    })
    while (ended.get(0) < 1) await new Promise((resolve) => setTimeout(resolve, 1))
    came.set(2, 0)
    assert.deepEqual(await other, [2])
    assert.deepEqual(await parallel.run([delayed(pid)()]), [before])
  },
)

onBackends(
  workerBackends,
  'a task that is too slow and does not obey ends its worker when the others have ended',
  async (make) => {
    const parallel = make({ workers: 1, concurrency: 3, graceMs: 50 })
    const other = parallel.run(range(4).map((i) => delayed(after)(100, i)))
    await assert.rejects(parallel.run([delayed(never)()], { timeoutMs: 30 }), {
      code: 'ERR_TIMEOUT',
    })
    assert.deepEqual(await other, range(4))
    assert.deepEqual(await parallel.run(range(9).map((x) => delayed(square)(x))), squares(9))
  },
)

onBackends(
  workerBackends,
  'tasks that are in a worker when it is lost fail or run again, the others run elsewhere',
  async (make) => {
    const parallel = make({ workers: 1, concurrency: 3 })
    const results = await parallel.run(
      [
        delayed(after)(10_000, 0),
        delayed(exitAfter)(20),
        ...range(9).map((x) => delayed(square)(x)),
      ],
      { onError: 'collect' },
    )
    for (const [i, result] of results.entries()) {
      if (i >= 2) assert.equal(result.status, 'fulfilled')
      else {
        assert.equal(result.status, 'rejected')
        assert.equal((result.reason as { code: string }).code, 'ERR_WORKER_LOST')
        assert.equal((result.reason as { task: TaskNote }).task.index, i)
      }
    }
    const again = parallel.run(
      range(3).map((i) => delayed(after)(60, i)),
      { retries: 1 },
    )
    await assert.rejects(parallel.run([delayed(exitAfter)(5)]), { code: 'ERR_WORKER_LOST' })
    assert.deepEqual(await again, range(3))
  },
)

onBackends(workerBackends, 'what a task prints is its own, in whole lines', async (make) => {
  const lines: OutputLine[] = []
  const parallel = make({ workers: 1, concurrency: 3, output: (line) => void lines.push(line) })
  await parallel.run(['a', 'b', 'c'].map((name) => delayed(printSlowly)(name)))
  for (const [index, name] of ['a', 'b', 'c'].entries()) {
    const own = lines.filter(({ task }) => task?.index === index).map(({ text }) => text)
    assert.deepEqual(own, [`${name} 0`, `${name} 1`, `${name} 2`, `${name} end`])
  }
})

onBackends(everyBackend, 'many at a time, more than a line of shared words holds', async (make) => {
  const parallel = make({ workers: 1, concurrency: 50 })
  const came = shared([1], 'int32')
  const met = await parallel.run(range(50).map(() => delayed(meet)(50, came)))
  assert.deepEqual(
    met,
    range(50).map(() => 50),
  )
  assert.deepEqual(await parallel.run(range(500).map((i) => delayed(after)(i % 3, i))), range(500))
})

onBackends(everyBackend, 'closing ends all tasks of a worker', async (make) => {
  const parallel = make({ workers: 1, concurrency: 3, graceMs: 0 })
  const runs = Promise.allSettled(range(3).map(() => parallel.run([delayed(never)()])))
  await parallel.close()
  for (const { status } of await runs) assert.equal(status, 'rejected')
})

onBackends(workerBackends, 'a task that is lost with a stopped one is told why', async (make) => {
  const parallel = make({ workers: 1, concurrency: 3, graceMs: 10 })
  const controller = new AbortController()
  const stopped = parallel.run([delayed(never)()], { signal: controller.signal })
  const came = shared([1], 'int32')
  const lost = parallel.run([delayed(meet)(2, came)])
  const checks = [
    assert.rejects(stopped, /enough/),
    assert.rejects(
      lost,
      /^OneCopyError: The worker \(.*\) was ended to stop task 0 \(`never`\) of a run that was over while it ran task 0 \(`meet`\)\. It was not run again\. Tasks that end when `taskSignal\(\)` aborts are stopped without their worker\.$/,
    ),
  ]
  while (came.get(0) < 1) await new Promise((resolve) => setTimeout(resolve, 1))
  controller.abort(new RangeError('enough'))
  await Promise.all(checks)
})

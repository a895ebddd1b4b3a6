/** Results in memory that workers fill, and that is used again. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { mock } from 'node:test'
import v8 from 'node:v8'
import { Worker } from 'node:worker_threads'
import { join } from 'node:path'
import { array, createArray, NDArray, openArray, shared } from '../../src/arrays/index.ts'
import { delayed } from '../../src/parallel/index.ts'
import {
  changeAndView,
  columnOf,
  countFlags,
  fill,
  fillAndKeep,
  fillShared,
  fillTyped,
  firstKept,
  flagsSet,
  giveKept,
  total,
  twoViews,
  viewsOf,
} from '../fixtures/tasks/arrays.ts'
import { temporaryFolder } from '../arrays/temporary-folder.ts'
import { everyBackend, onBackends, workerBackends } from './backends.ts'

/** Elements of an array larger than the default `shareFromBytes`. */
const large = 140_000

onBackends(
  everyBackend,
  'what a task returns of a private argument is a copy, whatever its size',
  async (make) => {
    const parallel = make.shared()
    for (const size of [40, large]) {
      const matrix = array(Float64Array.from({ length: size }, (_, i) => i)).reshape(-1, 4)
      const [{ all, parts }] = (await parallel.run([delayed(viewsOf)(matrix)])) as [
        { all: NDArray; parts: Map<string, NDArray> },
      ]
      const column = parts.get('column')!
      assert.deepEqual([all.shape, column.get(2)], [matrix.shape, 9])
      matrix.set(-1, 2, 1)
      assert.deepEqual([all.get(2, 1), column.get(2)], [9, 9])
      all.set(5, 0, 0)
      assert.equal(matrix.get(0, 0), 0)

      const typed = new Float64Array(size)
      const [back] = (await parallel.run([delayed(viewsOf)(typed)])) as [
        { all: Float64Array; parts: Set<Float64Array> },
      ]
      typed[3] = 8
      assert.deepEqual([back.all[3], [...[...back.parts][0]!]], [0, [0, 0]])
    }
  },
)

onBackends(
  everyBackend,
  'a view of a shared argument comes back as a view of the very same memory',
  async (make) => {
    const parallel = make.shared()
    for (const size of [40, large]) {
      const values = shared([size]).reshape(-1, 4)
      const [{ all }] = (await parallel.run([delayed(viewsOf)(values)])) as [{ all: NDArray }]
      assert.equal(all.buffer, values.buffer)
    }
  },
)

onBackends(
  ['processes'],
  'an idle worker unmaps arrays that nobody uses, without a task or flags of V8',
  async (make) => {
    const parallel = make({ workers: 1 })
    const mapped = (pid: number): boolean =>
      process
        .getBuiltinModule('node:fs')
        .readFileSync(`/proc/${pid}/smaps`, 'latin1')
        .split(/\n(?=[\da-f]+-)/)
        .some((map) => map.includes('memfd:onecopy') && /^Size: +(\d{5,}) kB$/m.test(map))
    const values = new Float64Array(3_000_000)
    for (let i = 0; i < 2; i++) {
      // The task looks itself: when its answer is here, the worker may have unmapped the array.
      const [{ pid, during }] = await parallel.run([
        delayed((given: Float64Array) => ({
          pid: process.pid,
          during: given.length === 3_000_000 && mapped(process.pid),
        }))(values),
      ])
      assert.ok(during)
      while (mapped(pid)) await new Promise((resolve) => setTimeout(resolve, 20))
    }
  },
)

onBackends(workerBackends, 'close() frees all scratch memory that the pool made', async (make) => {
  // Without the page that the claims of all workers lie in.
  const scratch = (): number => {
    const maps = readFileSync('/proc/self/maps', 'latin1').matchAll(
      /^([\da-f]+)-([\da-f]+) .*\/memfd:onecopy/gm,
    )
    const sizes = [...maps].map(([, start, stop]) => parseInt(stop!, 16) - parseInt(start!, 16))
    return sizes.filter((size) => size > 4096).length
  }
  const before = scratch()
  const values = array(new Float64Array(large))
  const captured = new Float64Array(large)
  const parallel = make({ initializer: delayed(total)(new Float64Array(large)) })
  for (let i = 0; i < 2; i++) {
    values.set(i, 0)
    assert.deepEqual(await parallel.run([delayed(total)(values)]), [i])
    assert.deepEqual(await parallel.run([delayed(() => captured.length)()]), [large])
  }
  await parallel.close()
  assert.ok(scratch() <= before, `${scratch()} segments, ${before} before`)
  assert.equal(values.get(0) + captured.length, large + 1) // they live till here
})

onBackends(
  everyBackend,
  'a view of a copy-on-write file comes back as a view of the caller’s own mapping',
  async (make, _, context) => {
    const parallel = make.shared()
    const path = join(temporaryFolder(context), 'values.npy')
    createArray(path, { dtype: 'float64', shape: [100, 3] })
    const values = openArray(path, { dtype: 'float64' })
    const [{ all }] = (await parallel.run([delayed(viewsOf)(values)])) as [{ all: NDArray }]
    assert.equal(all.buffer, values.buffer)
    // What the task has written is in no file: it comes as a copy.
    const [changed] = await parallel.run([delayed(changeAndView)(values, 7)])
    assert.deepEqual(changed.toArray(), [[7, 0, 0]])
    assert.equal(values.get(0, 0), 0)
  },
)

onBackends(
  everyBackend,
  'a view of an argument that the task or the caller has changed since has the task’s values',
  async (make) => {
    const parallel = make({ shareFromBytes: 800 })
    const values = array(new Float64Array(300).fill(1)).reshape(100, 3)
    const [changed] = await parallel.run([delayed(changeAndView)(values, 7)])
    assert.deepEqual(changed.toArray(), [[7, 1, 1]])
    assert.equal(values.get(0, 0), 1)
    const running = parallel.run([delayed(viewsOf)(values)])
    await new Promise((resolve) => setImmediate(resolve))
    values.set(5, 99, 2)
    const [{ all }] = (await running) as [{ all: NDArray }]
    assert.ok([1, 5].includes(all.get(99, 2) as number)) // before the task was taken, or after it
  },
)

onBackends(everyBackend, 'two views in one result share their memory', async (make) => {
  const parallel = make.shared()
  const [[values, reversed]] = await parallel.run([delayed(twoViews)(large)])
  assert.equal(values.buffer, reversed.buffer)
  assert.deepEqual([reversed.get(0), reversed.strides], [large - 1, [-1]])
})

onBackends(everyBackend, 'of a view with wide gaps only its elements come', async (make) => {
  const parallel = make.shared()
  const [column] = await parallel.run([delayed(columnOf)(large, 8)])
  assert.deepEqual(
    [column.shape, column.get(2), column.buffer.byteLength],
    [[large], 17, large * 8],
  )
})

onBackends(everyBackend, 'a task can return one array again and again', async (make) => {
  const parallel = make.shared(1)
  for (let i = 0; i < 3; i++) {
    const [typed] = await parallel.run([delayed(giveKept)()])
    assert.ok(typed.length === large && typed.every((x) => x === 7))
    typed.fill(0) // the caller's own
  }
})

onBackends(
  everyBackend,
  'memory is used again only when nobody sees it: every result that is kept keeps its values',
  async (make) => {
    const parallel = make()
    const kept: [value: number, result: NDArray<'float64'> | Float64Array][] = []
    const makers: ((n: number, value: number) => NDArray<'float64'> | Float64Array)[] = [
      fill,
      fillShared,
      fillTyped,
    ]
    for (let round = 0; round < 3; round++) {
      const tasks = Array.from({ length: 16 }, (_, i) =>
        delayed(makers[i % 3]!)(large, round * 16 + i),
      )
      for await (const result of parallel.stream(tasks)) {
        const value = result instanceof NDArray ? result.get(0) : result[0]!
        // Of ten results one is kept, some are disposed, the others dropped.
        if (value % 10 === 0) kept.push([value, result])
        else if (value % 3 === 0 && result instanceof NDArray) result[Symbol.dispose]()
      }
      globalThis.gc?.()
    }
    await parallel.close()
    assert.equal(kept.length, 5)
    for (const [value, result] of kept) {
      const elements = result instanceof NDArray ? result.data : result
      assert.ok(
        elements.every((x) => x === value),
        `result ${value}`,
      )
    }
  },
)

onBackends(
  everyBackend,
  'views of a dropped result keep its values, here and in a thread that got one by a message',
  async (make, _, context) => {
    const parallel = make.shared()
    const here: [value: number, view: Float64Array][] = []
    const other = new Worker(
      `const { parentPort } = require('node:worker_threads')
      const views = []
      parentPort.on('message', (message) => {
        if (message !== undefined) views.push(message)
        else parentPort.postMessage(views.map(([value, view]) => view.every((x) => x === value)))
      })`,
      { eval: true },
    )
    context.after(() => other.terminate())
    const tasks = Array.from({ length: 40 }, (_, i) => delayed(fillShared)(large, i))
    let value = 0
    for await (const { data } of parallel.stream(tasks)) {
      if (value % 4 === 0) other.postMessage([value, data.subarray(3)])
      if (value % 4 === 1) here.push([value, new Float64Array(data.buffer, 16, 99)])
      if (value % 20 === 19) globalThis.gc?.()
      value++
    }
    other.postMessage(undefined)
    const [isRight] = (await once(other, 'message')) as [boolean[]]
    assert.deepEqual(isRight, Array(10).fill(true))
    for (const [value, view] of here) assert.ok(view.every((x) => x === value))
  },
)

onBackends(
  everyBackend,
  'a disposed result is refused from then on, and new memory for the next one is zeros',
  async (make) => {
    const parallel = make({ workers: 1 })
    for (let i = 1; i < 6; i++) {
      const [result] = await parallel.run([delayed(fillShared)(large, i)])
      const row = result.rows(5, 6)
      result[Symbol.dispose]()
      result[Symbol.dispose]()
      for (const array of [row, result]) assert.throws(() => array.get(0), { code: 'ERR_DETACHED' })
      assert.ok(result.data.every((x) => x === 0))
      const fresh = shared([large], 'float64')
      assert.ok(fresh.data.every((x) => x === 0))
      await assert.rejects(parallel.run([delayed(viewsOf)(row)]), {
        code: 'ERR_UNSENDABLE',
        message:
          'Expected the arguments of task 0 (`viewsOf`) to be data that can be sent, got an object of class NDArray at `[0]`: ' +
          'its memory was freed by [Symbol.dispose](). Dispose of a shared array after its last use.',
      })
    }
  },
)

onBackends(
  workerBackends,
  'an array that a task keeps reads zeros once its result was disposed of, never another result',
  async (make) => {
    const parallel = make({ workers: 1 })
    for (let i = 1; i < 6; i++) {
      const [result] = await parallel.run([delayed(fillAndKeep)(large, i)])
      assert.equal(result.get(7), i)
      const [first] = await parallel.run([delayed(firstKept)()])
      assert.equal(first, i === 1 ? 1 : 0)
      result[Symbol.dispose]()
    }
  },
)

onBackends(
  ['processes'],
  'a worker fills the memory of a disposed result again, without a garbage collection',
  async (make) => {
    const parallel = make({ workers: 1 })
    const memories = new Set<string>()
    for (let i = 0; i < 6; i++) {
      const [result] = await parallel.run([delayed(fillShared)(large, i)])
      memories.add(result.mapping!.identity)
      result[Symbol.dispose]()
    }
    assert.equal(memories.size, 1)
  },
)

onBackends(everyBackend, 'V8 flags stay as they are, unless eagerGc is asked for', async (make) => {
  const setFlags = mock.method(v8, 'setFlagsFromString')
  syncBuiltinESMExports()
  try {
    for (const eagerGc of [false, true]) {
      const parallel = make({ eagerGc, initializer: countFlags })
      const tasks = Array.from({ length: 10 }, (_, i) => delayed(fillTyped)(400_000, i))
      for await (const result of parallel.stream(tasks)) void result
      const [inWorker] = await parallel.run([delayed(flagsSet)()])
      const calls = inWorker + setFlags.mock.callCount()
      assert.equal(calls > 0, eagerGc)
    }
  } finally {
    setFlags.mock.restore()
    syncBuiltinESMExports()
  }
})

onBackends(everyBackend, 'results outlive their pool, whoever filled them', async (make) => {
  const parallel = make()
  const results = await parallel.run([
    delayed(fill)(large, 5),
    delayed(fillShared)(large, 6),
    delayed(fillAndKeep)(large, 7),
  ])
  await parallel.close()
  const other = make()
  await other.run([delayed(fillShared)(large, 1), delayed(fillShared)(large, 2)])
  for (const [i, result] of results.entries()) assert.ok(result.data.every((x) => x === 5 + i))
})

onBackends(
  workerBackends,
  'results that wait for their reader outlive the worker that filled them',
  async (make) => {
    const parallel = make({ maxTasksPerWorker: 1 })
    const tasks = Array.from({ length: 4 }, (_, i) => delayed(fillShared)(large, i))
    const stream = parallel.stream(tasks, { maxAhead: 4 })
    await new Promise((resolve) => setTimeout(resolve, 1500)) // all are ready, and their workers gone
    let i = 0
    for await (const result of stream) assert.ok(result.data.every((x) => x === i) && i++ >= 0)
    assert.equal(i, 4)
  },
)

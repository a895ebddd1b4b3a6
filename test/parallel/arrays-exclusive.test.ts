/** Exclusive views: outputs of tasks in flight never overlap. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { array, createArray, exclusive, openArray, shared } from '../../src/arrays/index.ts'
import { isOneCopyError } from '../../src/errors.ts'
import { delayed, type Parallel, type Task } from '../../src/parallel/index.ts'
import { refusal } from '../arrays/refusal.ts'
import { temporaryFolder } from '../arrays/temporary-folder.ts'
import { fillLater } from '../fixtures/tasks/arrays.ts'
import { everyBackend, onBackends, workerBackends } from './backends.ts'

onBackends(everyBackend, 'tasks fill interleaved parts of one array', async (make) => {
  const parallel = make.shared()
  const Z = shared([50, 4], 'float64')
  await parallel.run([0, 1, 2, 3].map((j) => delayed(fillLater)(exclusive(Z.column(j)), j)))
  assert.deepEqual(Z.row(49).toArray(), [0, 1, 2, 3])
  const halves = [Z.column(0).rows(0, null, 2), Z.column(0).rows(1, null, 2)]
  await parallel.run(halves.map((half, i) => delayed(fillLater)(exclusive(half), i + 5)))
  assert.deepEqual([Z.get(48, 0), Z.get(49, 0)], [5, 6])
})

onBackends(
  everyBackend,
  'of a list with overlapping outputs no task starts, whatever the number of workers',
  async (make) => {
    const parallel = make.shared(1)
    const Z = shared([50, 4], 'float64')
    const outputs = [Z.column(0), Z.column(1), Z.row(7)]
    await assert.rejects(
      parallel.run(outputs.map((output) => delayed(fillLater)(exclusive(output), 1))),
      refusal(
        'ERR_OVERLAP',
        'Expected tasks in flight to have exclusive views without a common element, but that of task 2 (`fillLater`), ' +
          'float64 of shape [4] with strides [1] from element 28, overlaps that of task 0 (`fillLater`), ' +
          'float64 of shape [50] with strides [4] from element 0. Give each task a part of its own, or run one after the other has ended.',
      ),
    )
    assert.ok(Z.data.every((x) => x === 0))
    // One after the other they may.
    for (const output of outputs) await parallel.run([delayed(fillLater)(exclusive(output), 2)])
    assert.deepEqual(Z.row(7).toArray(), [2, 2, 2, 2])
  },
)

onBackends(
  workerBackends,
  'of tasks that come one by one, those that overlap what is in flight are refused',
  async (make) => {
    const [parallel, other] = [make(), make()]
    const Z = shared([8], 'float64')
    function* calls(last: number) {
      yield delayed(fillLater)(exclusive(Z.rows(0, 4)), 1)
      yield delayed(fillLater)(exclusive(Z.rows(last, 8)), 2)
    }
    await assert.rejects(parallel.run(calls(3)), { code: 'ERR_OVERLAP' })
    await new Promise((resolve) => setTimeout(resolve, 100)) // the first may still run
    await parallel.run(calls(4))
    // Two pools of one thread are held against each other, too.
    const running = parallel.run(calls(4))
    await new Promise((resolve) => setImmediate(resolve))
    await assert.rejects(other.run([delayed(fillLater)(exclusive(Z), 2)]), { code: 'ERR_OVERLAP' })
    await running
    await other.run([delayed(fillLater)(exclusive(Z), 2)])
  },
)

onBackends(
  workerBackends,
  'outputs of a run that was given up, or whose pool was closed, are free again',
  async (make) => {
    const [parallel, closed, other] = [make(), make(), make()]
    const Z = shared([400], 'float64')
    const calls = () =>
      Array.from({ length: 40 }, (_, i) =>
        delayed(fillLater)(exclusive(Z.rows(i * 10, i * 10 + 10)), i),
      )
    const stream = parallel.stream(calls())
    await stream.next()
    await stream.return(undefined)
    await runWhenFree(other, calls)
    await Promise.all([
      assert.rejects(closed.run(calls()), { code: 'ERR_CLOSED' }),
      new Promise((resolve) => setImmediate(resolve)).then(() => closed.close()),
    ])
    await other.run(calls())
    assert.deepEqual([Z.get(0), Z.get(399)], [0, 39])
  },
)

/** Runs the tasks as soon as none in progress has their outputs. */
async function runWhenFree(parallel: Parallel, calls: () => Task<unknown>[]): Promise<void> {
  for (;;) {
    try {
      await parallel.run(calls())
      return
    } catch (error) {
      if (!isOneCopyError(error) || error.code !== 'ERR_OVERLAP') throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

onBackends(
  everyBackend,
  "an output that an async input gave, but that was not taken yet, is in nobody's way",
  async (make) => {
    const parallel = make({ workers: 2, preDispatch: 1 })
    const Z = shared([50], 'float64')
    async function* calls() {
      for (let i = 0; i < 6; i++) yield await Promise.resolve(delayed(fillLater)(exclusive(Z), i))
    }
    await parallel.run(calls())
    assert.equal(Z.get(49), 5)
    await parallel.run([delayed(fillLater)(exclusive(Z), 7)])
    assert.equal(Z.get(0), 7)
  },
)

onBackends(everyBackend, 'files are one memory by whatever name', async (make, _, context) => {
  const parallel = make.shared()
  const path = join(temporaryFolder(context), 'z.npy')
  createArray(path, { dtype: 'float64', shape: [10] })
  const [a, b] = [openArray(path, { mode: 'r+' }), openArray(path, { mode: 'r+' })]
  const tasks = [a.rows(0, 6), b.rows(5)].map((rows) =>
    delayed(fillLater)(exclusive(rows) as never, 1),
  )
  await assert.rejects(parallel.run(tasks), { code: 'ERR_OVERLAP' })
})

onBackends(['serial'], 'private memory can not be an output', async (_make, _backend, context) => {
  const path = join(temporaryFolder(context), 'z.npy')
  createArray(path, { dtype: 'float64', shape: [10] })
  assert.throws(
    () => exclusive(array([1, 2])),
    refusal(
      'ERR_UNSENDABLE',
      'Expected an exclusive view to lie in shared memory, got one in private memory',
    ),
  )
  assert.throws(() => exclusive(openArray(path)), refusal('ERR_UNSENDABLE'))
  assert.throws(() => exclusive([1] as never), TypeError)
  await Promise.resolve()
})

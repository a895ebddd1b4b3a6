/** A Parallel inside a task stays within the worker's share of the cores. */

import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { kernelThreads } from '../../src/native/index.ts'
import { delayed } from '../../src/parallel/index.ts'
import { nest } from '../fixtures/tasks/nested.ts'
import { onBackends, workerBackends } from './backends.ts'

const cores = availableParallelism()

onBackends(
  workerBackends,
  'A36: a pool in a worker with one core is serial, whatever is asked',
  async (make) => {
    const parallel = make({ workers: cores })
    const [seen] = await parallel.run([delayed(nest)({ workers: 8, backend: 'processes' }, 1)])
    const serial = { kernelThreads: 1, workers: 1, backend: 'serial', places: 1 }
    assert.deepEqual(seen, { ...serial, inner: serial })
  },
)

onBackends(
  workerBackends,
  'A36: a pool in a worker with more cores has threads, then serial',
  async (make) => {
    const parallel = make({ workers: 1 })
    const [seen] = await parallel.run([delayed(nest)({ workers: 8, backend: 'processes' }, 1)])
    if (cores === 1) return
    const { inner, places, ...outer } = seen
    assert.deepEqual(outer, { kernelThreads: cores, workers: cores, backend: 'threads' })
    // One of them may do all, where the machine is busy.
    assert.ok(places >= 1 && places <= cores)
    assert.deepEqual(inner, { kernelThreads: 1, workers: 1, backend: 'serial', places: 1 })
  },
)

onBackends(workerBackends, 'A37: kernelThreads wins over the share of the cores', async (make) => {
  const parallel = make({ workers: cores, kernelThreads: 3 })
  const [seen] = await parallel.run([delayed(nest)({}, 0)])
  assert.equal(seen.kernelThreads, 3)
  assert.equal(kernelThreads(), cores, 'and changes nothing here')
})

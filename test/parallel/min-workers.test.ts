/** Workers that start with their pool, and stay. */

import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { test } from 'node:test'
import { delayed, Parallel } from '../../src/parallel/index.ts'
import type { Backend } from '../../src/parallel/internal.ts'
import { processes } from '../../src/parallel/backends/processes.ts'
import { serial } from '../../src/parallel/backends/serial.ts'
import { threads } from '../../src/parallel/backends/threads.ts'
import { exit } from '../fixtures/tasks/misbehaving.ts'
import { square, whereAmI } from '../fixtures/tasks/plain.ts'
import { failToPrepare } from '../fixtures/tasks/workers.ts'
import { everyBackend, onBackends, workerBackends } from './backends.ts'

/** A backend that tells of each start, each worker that is ready, and each end. */
class Observed extends EventEmitter implements Backend {
  readonly #backend: Backend
  started = 0
  ready = 0
  ended = 0

  constructor(name: string) {
    super()
    this.#backend = { threads, processes, serial }[name]!
  }

  get name(): string {
    return this.#backend.name
  }

  get sameProcess(): boolean {
    return this.#backend.sameProcess
  }

  get sameThread(): boolean {
    return this.#backend.sameThread
  }

  readonly start: Backend['start'] = (setup, events, launch) => {
    this.started++
    const told: typeof events = {
      onMessage: (message) => {
        events.onMessage(message)
        if (Array.isArray(message) && message[0] === 'ready') {
          this.ready++
          this.emit('change')
        }
      },
      onUnreadable: (error) => events.onUnreadable(error),
      onExit: (end) => {
        events.onExit(end)
        this.ended++
        this.emit('change')
      },
    }
    return this.#backend.start(setup, told, launch)
  }

  /** Keeps the program alive meanwhile, which an idle pool does not. */
  async until(isReached: () => boolean): Promise<void> {
    const timer = setInterval(() => {}, 1000)
    while (!isReached()) await once(this, 'change')
    clearInterval(timer)
  }
}

onBackends(
  workerBackends,
  'minWorkers start with the pool, stay when they are idle, and are replaced',
  async (make, name) => {
    const backend = new Observed(name)
    const parallel = make({ workers: 3, minWorkers: 2, idleTimeoutMs: 20, backend })
    assert.equal(backend.started, 2)
    await backend.until(() => backend.ready >= 2)
    await Promise.all([1, 2, 3].map(() => parallel.run([delayed(whereAmI)(100)])))
    assert.equal(backend.started, 3)
    await backend.until(() => backend.ended >= 1)
    assert.equal(backend.started, 3, 'the third was not needed any more')
    assert.equal(backend.ended, 1, 'and the others stay')
    await assert.rejects(parallel.run([delayed(exit)(1)]), { code: 'ERR_WORKER_LOST' })
    assert.equal(backend.started, 4)
    assert.deepEqual(await parallel.run([delayed(square)(3)]), [9])
    await parallel.close()
    assert.equal(backend.ended, backend.started)
  },
)

onBackends(
  everyBackend,
  'minWorkers whose initializer fails are started once more by each run, and not for ever',
  async (make, name) => {
    const backend = new Observed(name)
    const initializer = delayed(failToPrepare)('no table')
    const parallel = make({ workers: 2, minWorkers: 2, initializer, backend })
    const least = parallel.workers
    await backend.until(() => backend.ended >= least)
    assert.equal(backend.started, least)
    await assert.rejects(parallel.run([delayed(square)(1)]), { code: 'ERR_WORKER_START' })
    assert.equal(backend.started, 2 * least)
  },
)

test('minWorkers are no more than workers', () => {
  assert.throws(() => new Parallel({ workers: 2, minWorkers: 3 }), {
    code: 'ERR_OPTION',
    message: 'Expected `minWorkers` to be at most `workers` (2), got 3.',
  })
  assert.throws(() => new Parallel({ minWorkers: -1 }), {
    message: 'Expected `minWorkers` to be a whole number of at least 0, got -1.',
  })
})

test('a pool with minWorkers does not keep the program alive', async (context) => {
  const parallel = new Parallel({ workers: 1, minWorkers: 1 })
  context.after(() => parallel.close())
  assert.ok(!process.getActiveResourcesInfo().includes('MessagePort'))
  assert.deepEqual(await parallel.run([delayed(square)(3)]), [9])
})

/** Workers that are replaced while others start, whatever happens first. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { delayed, Parallel } from '../../src/parallel/index.ts'
import type {
  Backend,
  BackendWorker,
  FromWorker,
  ToWorker,
  WorkerEvents,
} from '../../src/parallel/internal.ts'
import { Claims, claimsBytes } from '../../src/parallel/protocol/claims.ts'
import { Executor } from '../../src/parallel/worker/executor.ts'
import { after, square } from '../fixtures/tasks/plain.ts'

/** A worker in this thread that takes its time to start, and may outgrow its limit before its first task. */
class SlowWorker implements BackendWorker {
  readonly label = 'slow worker'
  readonly claims = new Claims(new Int32Array(claimsBytes() / 4))
  readonly #events: WorkerEvents
  readonly #executor: Executor
  readonly #up: Promise<void>
  readonly #outgrows: boolean
  #isEnded = false

  constructor(events: WorkerEvents, startMs: number, outgrows: boolean) {
    this.#events = events
    this.#outgrows = outgrows
    this.#executor = new Executor({
      rules: { shareFromBytes: null, sameProcess: true },
      claims: this.claims,
      post: (message) => this.#send(structuredClone(message)),
      exit: () => this.kill(),
    })
    this.#up = after(startMs, undefined).then(() => this.#send(['ready']))
  }

  post(message: ToWorker): void {
    const copy = structuredClone(message)
    void this.#up.then(() => this.#receive(copy))
  }

  #receive(message: ToWorker): void {
    if (this.#outgrows && message[0] === 'run') this.#send(['outgrown', 2 ** 30])
    else if (!this.#isEnded) this.#executor.receive(message)
  }

  kill(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    setImmediate(() => this.#events.onExit({ code: 0 }))
  }

  #send(message: FromWorker): void {
    if (!this.#isEnded) this.#events.onMessage(message)
  }
}

/** @param outgrows - whether the first worker outgrows its limit when it gets its first tasks */
function slowBackend(startMs: number, outgrows: boolean): Backend & { starts: number } {
  return {
    name: 'slow',
    sameProcess: true,
    sameThread: false,
    starts: 0,
    start(_, events) {
      return new SlowWorker(events, startMs, outgrows && ++this.starts === 1)
    },
  }
}

test(
  'a worker that outgrows its limit with its last task gives it back',
  { timeout: 120_000 },
  async () => {
    const backend = slowBackend(1, true)
    const parallel = new Parallel({
      backend,
      workers: 1,
      maxTasksPerWorker: 1,
      maxMemoryPerWorker: 1,
    })
    assert.deepEqual(await parallel.run([1, 2, 3].map((x) => delayed(square)(x))), [1, 4, 9])
    await parallel.close()
  },
)

test('a successor that still starts is not idle', { timeout: 120_000 }, async () => {
  const backend = slowBackend(150, false)
  const start = backend.start.bind(backend)
  backend.start = (...args) => {
    backend.starts++
    return start(...args)
  }
  const parallel = new Parallel({ backend, workers: 2, maxTasksPerWorker: 1, idleTimeoutMs: 1 })
  assert.deepEqual(await parallel.run([1, 2, 3].map((x) => delayed(after)(400, x))), [1, 2, 3])
  await parallel.close()
  assert.ok(backend.starts <= 5, `${backend.starts} workers for three tasks`)
})

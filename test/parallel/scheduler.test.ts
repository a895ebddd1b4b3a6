/** Every order in which messages travel and workers die gives the same results. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  array,
  assert as hold,
  asyncProperty,
  integer,
  option,
  record,
  type Scheduler,
  scheduler as anyOrder,
} from 'fast-check'
import { isOneCopyError } from '../../src/errors.ts'
import {
  type Backend,
  type BackendWorker,
  delayed,
  type FromWorker,
  Parallel,
  type ToWorker,
  type WorkerEvents,
} from '../../src/parallel/index.ts'
import { Claims, claimsBytes } from '../../src/parallel/claims.ts'
import { Executor } from '../../src/parallel/executor.ts'
import { attempts, recordAttempt } from '../fixtures/tasks/recording.ts'

const seed = 20260721

/** A worker in this thread whose messages arrive when the scheduler says so, unless it dies before. */
class ScheduledWorker implements BackendWorker {
  readonly label = 'scheduled worker'
  readonly claims = new Claims(new Int32Array(claimsBytes / 4))
  readonly #scheduler: Scheduler
  readonly #events: WorkerEvents
  readonly #executor: Executor
  #last: Promise<unknown> = Promise.resolve()
  #isDead = false
  /** Messages that it still lives for. */
  #left: number

  constructor(scheduler: Scheduler, events: WorkerEvents, lifetime = Infinity) {
    this.#left = lifetime
    this.#scheduler = scheduler
    this.#events = events
    this.#executor = new Executor({
      rules: { maxBytes: null, sameProcess: true },
      claims: this.claims,
      post: (message) => this.#send(structuredClone(message)),
      exit: () => this.kill(),
    })
    this.#send(['ready'])
  }

  post(message: ToWorker): void {
    const copy = structuredClone(message)
    this.#inTurn(() => this.#isDead || this.#executor.receive(copy))
    this.#age()
  }

  kill(): void {
    if (this.#isDead) return
    this.#isDead = true
    this.#inTurn(() => this.#events.onExit({ signal: 'SIGKILL' }))
  }

  #send(message: FromWorker): void {
    if (this.#isDead) return
    this.#inTurn(() => this.#isDead || this.#events.onMessage(message))
    this.#age()
  }

  #age(): void {
    if (--this.#left < 0) this.kill()
  }

  /** Messages of one worker stay in order; those of several come in any. */
  #inTurn(act: () => unknown): void {
    const scheduled = this.#scheduler.schedule(Promise.resolve(), 'message')
    this.#last = Promise.all([this.#last, scheduled]).then(act)
  }
}

/** @param lifetimes - how many messages the first workers live for; the others live till they are closed */
function scheduledBackend(scheduler: Scheduler, lifetimes: readonly number[] = []): Backend {
  const left = [...lifetimes]
  return {
    name: 'scheduled',
    sameProcess: true,
    sameThread: false,
    start: (_, events) => new ScheduledWorker(scheduler, events, left.shift()),
  }
}

/** What a property draws: some runs at once, on some workers. */
const plan = record({
  workers: integer({ min: 1, max: 4 }),
  sizes: array(integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 4 }),
  maxAhead: option(integer({ min: 1, max: 5 }), { nil: undefined }),
  preDispatch: option(integer({ min: 1, max: 5 }), { nil: undefined }),
})

let lastKey = 0

/** Tasks that note how often they ran; `key` tells this run's from others. */
function* calls(key: number, size: number) {
  for (let i = 0; i < size; i++) yield delayed(recordAttempt)(key, i)
}

async function read<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

const within = { seed, numRuns: 300 }
console.log(`scheduler.test.ts: seed ${seed}`)

test('runs and streams give every result once, in order, whichever message comes first', async () => {
  const property = asyncProperty(
    anyOrder(),
    plan,
    async (scheduler, { workers, sizes, maxAhead, preDispatch }) => {
      const limits = { ...(maxAhead && { maxAhead }), ...(preDispatch && { preDispatch }) }
      const parallel = new Parallel({
        workers,
        backend: scheduledBackend(scheduler),
        ...limits,
      })
      const all = sizes.map(async (size, i) => {
        const key = ++lastKey
        const results =
          i % 2 === 0 ? parallel.run(calls(key, size)) : read(parallel.stream(calls(key, size)))
        assert.deepEqual(
          await results,
          Array.from({ length: size }, (_, j) => j),
        )
        for (let j = 0; j < size; j++) assert.equal(attempts.get(`${key} ${j}`), 1)
      })
      await scheduler.waitFor(Promise.all(all))
      await scheduler.waitFor(parallel.close())
    },
  )
  await hold(property, within)
})

test('order of completion gives every result once', async () => {
  const property = asyncProperty(anyOrder(), plan, async (scheduler, { workers, sizes }) => {
    const parallel = new Parallel({ workers, backend: scheduledBackend(scheduler) })
    const [size = 0] = sizes
    const stream = parallel.stream(calls(++lastKey, size), { order: 'completion' })
    const results = await scheduler.waitFor(read(stream))
    assert.deepEqual(
      results.toSorted((a, b) => a - b),
      Array.from({ length: size }, (_, j) => j),
    )
    await scheduler.waitFor(parallel.close())
  })
  await hold(property, within)
})

test('whenever a worker dies, a run is right or names the loss, and no task runs twice', async () => {
  const lifetimes = array(integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 })
  const codes: string[] = []
  const property = asyncProperty(
    anyOrder(),
    plan,
    lifetimes,
    async (scheduler, { workers, sizes }, lifetimes) => {
      const backend = scheduledBackend(scheduler, lifetimes)
      const parallel = new Parallel({ workers, backend })
      const all = sizes.map(async (size) => {
        const key = ++lastKey
        try {
          const results = await parallel.run(calls(key, size))
          assert.deepEqual(
            results,
            Array.from({ length: size }, (_, j) => j),
          )
        } catch (error) {
          if (!isOneCopyError(error)) throw error
          codes.push(error.code)
        }
        for (let j = 0; j < size; j++) assert.ok((attempts.get(`${key} ${j}`) ?? 0) <= 1)
      })
      await scheduler.waitFor(Promise.all(all))
      await scheduler.waitFor(parallel.close())
    },
  )
  await hold(property, within)
  assert.ok(codes.includes('ERR_WORKER_LOST'))
  for (const code of codes) assert.ok(['ERR_WORKER_LOST', 'ERR_WORKER_START'].includes(code), code)
})

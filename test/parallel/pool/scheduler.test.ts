/** Every order in which messages travel and workers die gives the same results. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  array,
  assert as hold,
  asyncProperty,
  constantFrom,
  integer,
  option,
  record,
  type Scheduler,
  scheduler as anyOrder,
} from 'fast-check'
import { isOneCopyError } from '../../../src/errors.ts'
import { delayed, Parallel } from '../../../src/parallel/index.ts'
import type {
  Backend,
  BackendWorker,
  FromWorker,
  ToWorker,
  WorkerEvents,
} from '../../../src/parallel/internal.ts'
import { Claims, claimsBytes } from '../../../src/parallel/protocol/claims.ts'
import { Executor } from '../../../src/parallel/worker/executor.ts'
import { randomRuns } from '../../random-runs.ts'
import { attempts, recordAttempt, recordLater } from '../../fixtures/tasks/recording.ts'

const seed = 20260721

/** How many tasks each message had. */
const messageSizes: number[] = []

/** Workers that are in a task, and the most that were at one time. */
class BusyWorkers {
  readonly #workers = new Set<Claims>()
  most = 0

  note(worker: Claims): void {
    if (worker.running.length > 0) this.#workers.add(worker)
    else this.#workers.delete(worker)
    this.most = Math.max(this.most, this.#workers.size)
  }
}

/** Claims of a worker that may die: the dead start nothing. */
class MortalClaims extends Claims {
  isDead = false
  readonly #busy: BusyWorkers

  constructor(concurrency: number, busy: BusyWorkers) {
    super(new Int32Array(claimsBytes(concurrency) / 4))
    this.#busy = busy
  }

  override claim(task: number): boolean {
    const isClaimed = !this.isDead && super.claim(task)
    this.#busy.note(this)
    return isClaimed
  }

  override finish(task: number): void {
    super.finish(task)
    this.#busy.note(this)
  }
}

/** A worker in this thread whose messages arrive when the scheduler says so, unless it dies before. */
class ScheduledWorker implements BackendWorker {
  readonly label = 'scheduled worker'
  readonly claims: MortalClaims
  readonly #scheduler: Scheduler
  readonly #events: WorkerEvents
  readonly #executor: Executor
  #last: Promise<unknown> = Promise.resolve()
  /** Messages that it still lives for. */
  #left: number

  constructor(
    scheduler: Scheduler,
    events: WorkerEvents,
    claims: MortalClaims,
    lifetime = Infinity,
  ) {
    this.claims = claims
    this.#left = lifetime
    this.#scheduler = scheduler
    this.#events = events
    this.#executor = new Executor({
      rules: { shareFromBytes: null, sameProcess: true },
      claims: this.claims,
      post: (message) => this.#send(structuredClone(message)),
      exit: () => this.kill(),
    })
    this.#send(['ready'])
  }

  post(message: ToWorker): void {
    if (message[0] === 'run') messageSizes.push(message[3].length / 3)
    const copy = structuredClone(message)
    this.#inTurn(() => this.claims.isDead || this.#executor.receive(copy))
    this.#age()
  }

  kill(): void {
    if (this.claims.isDead) return
    this.claims.isDead = true
    this.#inTurn(() => this.#events.onExit({ signal: 'SIGKILL' }))
  }

  #send(message: FromWorker): void {
    if (this.claims.isDead) return
    this.#inTurn(() => this.claims.isDead || this.#events.onMessage(message))
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

/**
 * @param lifetimes - how many messages the first workers live for; the others live till they are closed
 * @param busy - notes which of them are in a task
 */
function scheduledBackend(
  scheduler: Scheduler,
  lifetimes: readonly number[] = [],
  busy = new BusyWorkers(),
): Backend {
  const left = [...lifetimes]
  return {
    name: 'scheduled',
    sameProcess: true,
    sameThread: false,
    start: ({ concurrency }, events) =>
      new ScheduledWorker(scheduler, events, new MortalClaims(concurrency, busy), left.shift()),
  }
}

/** What a property draws: some runs at once, on some workers. */
const plan = record({
  workers: integer({ min: 1, max: 4 }),
  sizes: array(integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 4 }),
  maxAhead: option(integer({ min: 1, max: 5 }), { nil: undefined }),
  preDispatch: option(integer({ min: 1, max: 5 }), { nil: undefined }),
  priorities: array(integer({ min: -1, max: 1 }), { minLength: 4, maxLength: 4 }),
  maxQueue: option(integer({ min: 0, max: 6 }), { nil: Infinity }),
  concurrency: integer({ min: 1, max: 3 }),
})

let lastKey = 0

/** Tasks that note how often they ran; `key` tells this run's from others. */
function* calls(key: number, size: number) {
  for (let i = 0; i < size; i++) {
    // Some wait for something, so that several are in progress at a time.
    yield (key + i) % 3 === 0 ? delayed(recordLater)(key, i) : delayed(recordAttempt)(key, i)
  }
}

async function read<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

const within = { seed, numRuns: randomRuns(60, 600) }
console.log(`scheduler.test.ts: seed ${seed}`)

test('runs and streams give every result once, in order, whichever message comes first', async () => {
  const property = asyncProperty(
    anyOrder(),
    plan,
    async (scheduler, { workers, sizes, maxAhead, preDispatch, priorities, ...options }) => {
      const limits = { ...(maxAhead && { maxAhead }), ...(preDispatch && { preDispatch }) }
      const parallel = new Parallel({
        workers,
        backend: scheduledBackend(scheduler),
        maxQueue: options.maxQueue,
        concurrency: options.concurrency,
        ...limits,
      })
      const all = sizes.map(async (size, i) => {
        const key = ++lastKey
        const options = { priority: priorities[i]! }
        const results =
          i % 2 === 0
            ? parallel.run(calls(key, size), options)
            : read(parallel.stream(calls(key, size), options))
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

test('workers that are replaced lose no task, and no more are busy than may be', async () => {
  const maxTasks = integer({ min: 1, max: 5 })
  const property = asyncProperty(anyOrder(), plan, maxTasks, async (scheduler, options, most) => {
    const { workers, sizes, concurrency } = options
    const busy = new BusyWorkers()
    const backend = scheduledBackend(scheduler, [], busy)
    const parallel = new Parallel({ workers, backend, concurrency, maxTasksPerWorker: most })
    const all = sizes.map(async (size) => {
      const key = ++lastKey
      assert.deepEqual(
        await parallel.run(calls(key, size)),
        Array.from({ length: size }, (_, j) => j),
      )
      for (let j = 0; j < size; j++) assert.equal(attempts.get(`${key} ${j}`), 1)
    })
    await scheduler.waitFor(Promise.all(all))
    assert.ok(busy.most <= workers, `${busy.most} of ${workers} busy`)
    await scheduler.waitFor(parallel.close())
  })
  await hold(property, within)
})

test('order of completion gives every result once', async () => {
  const property = asyncProperty(anyOrder(), plan, async (scheduler, options) => {
    const { workers, sizes, concurrency } = options
    const parallel = new Parallel({ workers, backend: scheduledBackend(scheduler), concurrency })
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
    async (scheduler, { workers, sizes, priorities, maxQueue, concurrency }, lifetimes) => {
      const backend = scheduledBackend(scheduler, lifetimes)
      const parallel = new Parallel({ workers, backend, maxQueue, concurrency })
      const all = sizes.map(async (size, i) => {
        const key = ++lastKey
        try {
          const results = await parallel.run(calls(key, size), { priority: priorities[i]! })
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

const lifetimes = array(integer({ min: 1, max: 12 }), { minLength: 0, maxLength: 5 })
const limits = record({
  workers: integer({ min: 1, max: 4 }),
  size: integer({ min: 0, max: 14 }),
  retries: integer({ min: 0, max: 3 }),
  chunkSize: option(integer({ min: 1, max: 5 }), { nil: undefined }),
  maxAhead: option(integer({ min: 1, max: 5 }), { nil: undefined }),
  maxBufferedBytes: integer({ min: 1, max: 40 }),
  order: constantFrom('input' as const, 'completion' as const),
  concurrency: integer({ min: 1, max: 3 }),
})

test('whenever workers die, collected results are complete, and reruns no more than allowed', async () => {
  let reruns = 0
  let losses = 0
  const property = asyncProperty(anyOrder(), limits, lifetimes, async (scheduler, plan, lives) => {
    const { workers, size, retries, chunkSize, concurrency, ...window } = plan
    const backend = scheduledBackend(scheduler, lives)
    const parallel = new Parallel({ workers, backend, concurrency })
    const key = ++lastKey
    messageSizes.length = 0
    const stream = parallel.stream(calls(key, size), {
      retries,
      onError: 'collect',
      ...(chunkSize && { chunkSize }),
      order: window.order,
      maxBufferedBytes: window.maxBufferedBytes,
      ...(window.maxAhead && { maxAhead: window.maxAhead }),
    })
    try {
      const results = await scheduler.waitFor(read(stream))
      const indices = results.map(({ index }) => index)
      if (window.order === 'completion') indices.sort((a, b) => a - b)
      assert.deepEqual(
        indices,
        Array.from({ length: size }, (_, i) => i),
      )
      for (const result of results) {
        if (result.status === 'fulfilled') assert.equal(result.value, result.index)
        else assert.ok(isOneCopyError(result.reason) && result.reason.code === 'ERR_WORKER_LOST')
        if (result.status === 'rejected') losses++
      }
    } catch (error) {
      if (!isOneCopyError(error) || error.code !== 'ERR_WORKER_START') throw error
    }
    for (let i = 0; i < size; i++) {
      const count = attempts.get(`${key} ${i}`) ?? 0
      assert.ok(count <= 1 + retries, `${count} runs with ${retries} retries`)
      if (count > 1) reruns++
    }
    if (chunkSize !== undefined) for (const sent of messageSizes) assert.ok(sent <= chunkSize)
    await scheduler.waitFor(parallel.close())
  })
  await hold(property, within)
  assert.ok(reruns > 0 && losses > 0, `${reruns} reruns, ${losses} losses`)
})

test('a chunk is as large as it may be, when there are tasks enough', async () => {
  const property = asyncProperty(
    anyOrder(),
    integer({ min: 1, max: 6 }),
    integer({ min: 1, max: 20 }),
    async (scheduler, chunkSize, size) => {
      const parallel = new Parallel({ workers: 1, backend: scheduledBackend(scheduler) })
      messageSizes.length = 0
      await scheduler.waitFor(parallel.run([...calls(++lastKey, size)], { chunkSize }))
      const full = Math.floor(size / chunkSize)
      const rest = size % chunkSize
      assert.deepEqual(messageSizes, [
        ...Array.from({ length: full }, () => chunkSize),
        ...(rest > 0 ? [rest] : []),
      ])
      await scheduler.waitFor(parallel.close())
    },
  )
  await hold(property, { seed, numRuns: randomRuns(25, 100) })
})

test('a run that is aborted or left at any moment frees the pool for others', async () => {
  const property = asyncProperty(
    anyOrder(),
    plan,
    integer({ min: 0, max: 8 }),
    async (scheduler, { workers, sizes, priorities, maxQueue, concurrency }, moment) => {
      const backend = scheduledBackend(scheduler)
      const parallel = new Parallel({ workers, backend, graceMs: 0, maxQueue, concurrency })
      const [priority = 0, other = 0] = priorities
      const controller = new AbortController()
      const [size = 0] = sizes
      const { signal } = controller
      const aborted = parallel.run(calls(++lastKey, size), { signal, priority }).then(
        () => 'done',
        (error: Error) => error.name,
      )
      const left = parallel.stream(calls(++lastKey, size), { priority: other })
      const key = ++lastKey
      const kept = parallel.run(calls(key, 6))
      void (async () => {
        for (let i = 0; i < moment; i++) await scheduler.schedule(Promise.resolve(), 'wait')
        controller.abort()
        await left.return(undefined)
      })()
      assert.ok(['done', 'AbortError'].includes(await scheduler.waitFor(aborted)))
      assert.deepEqual(await scheduler.waitFor(kept), [0, 1, 2, 3, 4, 5])
      for (let i = 0; i < 6; i++) assert.equal(attempts.get(`${key} ${i}`), 1)
      await scheduler.waitFor(parallel.close())
    },
  )
  await hold(property, within)
})

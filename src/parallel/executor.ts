/** Runs the tasks of one worker, one after the other. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Claims, taskAfter } from './claims.ts'
import type { FunctionReference } from './functions/reference.ts'
import { type Callable, reviveFunction } from './functions/revive.ts'
import { marked, pairFunctions, type ToWorker } from './messages.ts'
import { Outbox, type Post } from './outbox.ts'
import type { ArrayRules } from './payload/arrays.ts'
import { decode } from './payload/decode.ts'
import { encodeThrown } from './payload/encode.ts'

/** What an executor needs of the place that it runs in. */
export interface Surroundings {
  readonly rules: ArrayRules
  readonly claims: Claims
  readonly post: Post
  /** Ends the worker. */
  exit(): void
}

/** Results wait for each other at most this long, and so do the thread's other events for tasks. */
const turnMs = 5

/** What a call takes in a message: the number of a function, a form, arguments. */
const callLength = 3

/** Tasks that came in one message. */
interface Batch {
  readonly first: number
  readonly calls: readonly unknown[]
}

/** One task to run. */
interface Call {
  readonly task: number
  readonly args: unknown[]
  readonly isMarked: boolean
}

/** The worker's side of a pool: takes messages, runs tasks in their order, posts results. */
export class Executor {
  readonly #surroundings: Surroundings
  readonly #outbox: Outbox
  readonly #functions = new Map<number, Callable | Promise<Callable>>()
  readonly #batches: Batch[] = []
  #isRunning = false
  #isStopped = false
  #isFlushDue = false
  #flushedAt = 0

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
    this.#outbox = new Outbox(surroundings.post, surroundings.rules)
  }

  /** Takes a message of the pool's. */
  receive(message: ToWorker): void {
    switch (message[0]) {
      case 'run': {
        const [, first, functions, calls] = message
        for (const [id, reference] of pairFunctions(functions)) this.#learn(id, reference)
        this.#batches.push({ first, calls })
        if (!this.#isRunning) void this.#work() // never rejects: what fails becomes a result
        return
      }
      case 'received':
        return this.#outbox.release(message[1])
      case 'close':
        return this.#surroundings.exit()
    }
  }

  /** Posts the results that wait; also called as the thread or process exits. */
  flush(): void {
    this.#flushedAt = performance.now()
    this.#isFlushDue = false
    this.#outbox.flush()
  }

  /** Tells the pool of an error that no task caught, and starts no more tasks: the worker must end. */
  reportUncaught(error: unknown): void {
    this.#isStopped = true
    this.flush()
    this.#surroundings.post(['uncaught', encodeThrown(error, this.#surroundings.rules).value])
  }

  #learn(id: number, reference: FunctionReference): void {
    const revived = reviveFunction(reference)
    this.#functions.set(id, revived)
    revived.then(
      (fn) => this.#functions.set(id, fn),
      () => {}, // each task that calls it fails with the reason
    )
  }

  async #work(): Promise<void> {
    this.#isRunning = true
    for (let batch = this.#batches[0]; batch !== undefined; batch = this.#batches[0]) {
      this.#flushedAt = performance.now()
      for (let at = 0; at < batch.calls.length; at += callLength) {
        const pending = this.#runAt(batch, at)
        if (pending !== undefined) {
          this.#flushSoon()
          await pending
        }
        if (performance.now() - this.#flushedAt > turnMs) {
          this.flush()
          await nextTurn()
        }
      }
      this.#batches.shift()
      this.flush()
    }
    this.#isRunning = false
  }

  /** While a task waits for something, finished ones must not wait for it. */
  #flushSoon(): void {
    if (this.#isFlushDue) return
    this.#isFlushDue = true
    setImmediate(() => {
      if (this.#isFlushDue) this.flush()
    })
  }

  /** Runs the task at `at`, unless the pool took it back. A promise only where there is one to wait for. */
  #runAt({ first, calls }: Batch, at: number): Promise<void> | undefined {
    const task = taskAfter(first, at / callLength)
    if (this.#isStopped || !this.#surroundings.claims.claim(task)) return undefined
    const fn = this.#functions.get(calls[at] as number)!
    const call = { task, isMarked: calls[at + 1] === marked, args: calls[at + 2] as unknown[] }
    return typeof fn === 'function' ? this.#run(fn, call) : this.#runWhenKnown(fn, call)
  }

  async #runWhenKnown(fn: Promise<Callable>, call: Call): Promise<void> {
    try {
      await this.#run(await fn, call)
    } catch (error) {
      this.#outbox.addFailure(call.task, error, 0)
      this.#surroundings.claims.finish(call.task)
    }
  }

  #run(fn: Callable, { task, args, isMarked }: Call): Promise<void> | undefined {
    const start = performance.now()
    try {
      const given = (isMarked ? decode(args) : args) as never[]
      const value = fn(...given)
      if (isThenable(value)) return this.#settle(value, task, start)
      this.#outbox.addValue(task, value, performance.now() - start)
    } catch (error) {
      this.#outbox.addFailure(task, error, performance.now() - start)
    }
    this.#surroundings.claims.finish(task)
    return undefined
  }

  async #settle(value: PromiseLike<unknown>, task: number, start: number): Promise<void> {
    try {
      const awaited = await value
      this.#outbox.addValue(task, awaited, performance.now() - start)
    } catch (error) {
      this.#outbox.addFailure(task, error, performance.now() - start)
    }
    this.#surroundings.claims.finish(task)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}

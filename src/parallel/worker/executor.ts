/** Runs the tasks of one worker. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { collectAtRest } from '../../arrays/internal.ts'
import { taskAfter } from '../protocol/claims.ts'
import type { SentFunction } from '../functions/contract/bundle.ts'
import { WorkerFunctions } from '../functions/revive/known-functions.ts'
import { reviveSent } from '../functions/revive/revive.ts'
import { type Form, withPlaceholders, pairFunctions, type ToWorker } from '../protocol/messages.ts'
import { Outbox } from './outbox.ts'
import { decode } from '../payload/decode.ts'
import { encodeThrown } from '../payload/encode.ts'
import { awaitTask, callTask } from '../payload/task-frames.ts'
import type { MemoryGauge } from './memory-gauge.ts'
import { isThenable, type Surroundings as TaskSurroundings, TaskRunner } from './task-runner.ts'

/** What an executor needs of the place that it runs in. */
export interface Surroundings extends TaskSurroundings {
  /** Ends the worker. */
  exit(): void
  /** Says when the worker holds too much memory; undefined: it may hold what it likes. */
  readonly gauge?: MemoryGauge | undefined
}

/** Results wait for each other at most this long, and so do the thread's other events for tasks. */
const turnMs = 5

/** What a call takes in a message: the number of a function, a form, arguments. */
const callLength = 3

/** Tasks that came in one message. */
interface Batch {
  readonly first: number
  readonly calls: readonly unknown[]
  /** Forgets functions that no later task calls. */
  readonly end: () => void
  /** Results must not wait for the next task, since the worker may be ended in it. */
  readonly isEager: boolean
}

/** The worker's side of a pool: takes messages, runs tasks in their order, posts results. */
export class Executor {
  readonly #surroundings: Surroundings
  readonly #outbox: Outbox
  readonly #functions = new WorkerFunctions()
  readonly #runner: TaskRunner
  readonly #batches: Batch[] = []
  #initializing: Promise<void> | undefined
  readonly #concurrency: number
  /** Tasks in progress that wait for something, where several may. */
  #active = 0
  #onFree: (() => void) | undefined
  #isRunning = false
  #isStopped = false
  /** Tasks of the current batch that the pool took back. */
  #takenBack = 0
  #isFlushDue = false
  /** When the thread last had a turn for its other events, as far as this worker knows. */
  #turnedAt = 0

  /** How many tasks it has finished, failed ones included. */
  get finished(): number {
    return this.#runner.finished
  }

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
    this.#outbox = new Outbox(surroundings.post, surroundings.rules)
    this.#concurrency = surroundings.claims.concurrency
    this.#runner = new TaskRunner(surroundings, this.#outbox, this.#functions)
  }

  /** Takes a message of the pool's. */
  receive(message: ToWorker): void {
    switch (message[0]) {
      case 'initialize': {
        const [, sent, form, args] = message
        this.#initializing = this.#initialize(sent, form, args as unknown[])
        return
      }
      case 'run': {
        const [, first, functions, calls, forgotten, isEager = false] = message
        const end = this.#functions.forgetting(forgotten)
        for (const [id, sent] of pairFunctions(functions)) this.#functions.learn(id, sent)
        this.#batches.push({ first, calls, end, isEager })
        if (!this.#isRunning) void this.#work() // never rejects: what fails becomes a result
        return
      }
      case 'forget': {
        this.#batches.push({
          first: 0,
          calls: [],
          end: this.#functions.forgetting(message[1]),
          isEager: false,
        })
        if (!this.#isRunning) void this.#work()
        return
      }
      case 'received':
        return this.#outbox.release(message[1])
      case 'abort':
        return this.#runner.checkScopes()
      case 'close':
        return this.#surroundings.exit()
    }
  }

  /** Posts the results that wait; also called as the thread or process exits. */
  flush(): void {
    this.#isFlushDue = false
    this.#outbox.flush()
  }

  /** Tells the pool of an error that no task caught, and starts no more tasks: the worker must end. */
  reportUncaught(error: unknown): void {
    this.#isStopped = true
    this.flush()
    this.#surroundings.post(['uncaught', encodeThrown(error, this.#surroundings.rules).value])
  }

  /** Never rejects: what fails is told, and no task starts. */
  async #initialize(sent: SentFunction, form: Form, args: unknown[]): Promise<void> {
    const { post, rules, onTaskEnd } = this.#surroundings
    try {
      const fn = await reviveSent(sent)
      const pending = callTask(fn, form === withPlaceholders ? (decode(args) as unknown[]) : args)
      if (isThenable(pending)) await awaitTask(pending)
      onTaskEnd?.()
      post(['initialized'])
    } catch (error) {
      this.#isStopped = true
      onTaskEnd?.()
      post(['uninitialized', encodeThrown(error, rules).value])
    }
    this.#initializing = undefined
  }

  async #work(): Promise<void> {
    this.#isRunning = true
    if (this.#initializing !== undefined) await this.#initializing
    for (let batch = this.#batches[0]; batch !== undefined; batch = this.#batches[0]) {
      for (let at = 0; at < batch.calls.length; at += callLength) {
        if (batch.isEager) this.#outbox.flush()
        collectAtRest()
        const pending = this.#runAt(batch, at)
        if (pending !== undefined) {
          this.#flushSoon()
          await (this.#concurrency === 1 ? pending : this.#keep(pending))
        }
        if (this.#surroundings.gauge?.looksFull() === true) await this.#stopIfOutgrown()
        // Also across messages: those that wait at a port are all received in one turn of its thread.
        if (performance.now() - this.#turnedAt > turnMs) await this.#turn()
      }
      this.#batches.shift()
      batch.end()
      this.flush()
      this.#reportIfTakenBack(batch)
    }
    this.#isRunning = false
  }

  /** Lets a task go on beside the next ones; waits only when there are as many as may be. */
  async #keep(pending: Promise<void>): Promise<void> {
    this.#active++
    void this.#endKept(pending) // never rejects: what fails becomes a result
    if (this.#active < this.#concurrency) return
    await new Promise<void>((resolve) => (this.#onFree = resolve))
    this.#onFree = undefined
  }

  async #endKept(pending: Promise<void>): Promise<void> {
    await pending
    this.#active--
    this.flush()
    this.#onFree?.()
  }

  /** The pool gives no tasks to a worker that seems stuck, until it hears from it. */
  #reportIfTakenBack({ calls }: Batch): void {
    const isTakenBack = this.#takenBack * callLength === calls.length
    this.#takenBack = 0
    if (isTakenBack && calls.length > 0 && !this.#isStopped) this.#surroundings.post(['available'])
  }

  /** Between two tasks: timers, input and output of the thread have their turn, and results go. */
  async #turn(): Promise<void> {
    this.flush()
    await nextTurn()
    this.#turnedAt = performance.now()
  }

  /** Between two tasks: a worker that is too large starts no more, and the pool replaces it. */
  async #stopIfOutgrown(): Promise<void> {
    this.flush()
    const bytes = await this.#surroundings.gauge!.confirm()
    if (bytes === undefined || this.#isStopped) return
    this.#isStopped = true
    this.#surroundings.post(['outgrown', bytes])
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
    if (this.#isStopped) return undefined
    if (!this.#surroundings.claims.claim(task)) {
      this.#takenBack++
      return undefined
    }
    return this.#runner.run(task, calls[at] as number, calls[at + 1] as Form, calls[at + 2])
  }
}

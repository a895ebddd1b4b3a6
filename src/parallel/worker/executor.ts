/** Runs the tasks of one worker. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { collectAtRest } from '../../arrays/internal.ts'
import { taskAfter } from '../protocol/claims.ts'
import type { SentFunction } from '../functions/contract/bundle.ts'
import { WorkerFunctions } from '../functions/revive/known-functions.ts'
import { openClasses } from '../functions/revive/open-classes.ts'
import { reviveSent } from '../functions/revive/revive.ts'
import { type Form, withPlaceholders, pairFunctions, type ToWorker } from '../protocol/messages.ts'
import { Outbox } from './outbox.ts'
import { decode } from '../payload/decode.ts'
import { encodeThrown } from '../payload/encode.ts'
import { awaitTask, callTask } from '../payload/task-frames.ts'
import type { MemoryGauge } from './memory-gauge.ts'
import { isThenable, type Surroundings as TaskSurroundings, TaskRunner } from './task-runner.ts'

/** What an executor needs from its thread or process. */
export interface Surroundings extends TaskSurroundings {
  /** Ends the worker. */
  exit(): void
  /** Measures whether the worker exceeds its memory limit; undefined without a limit. */
  readonly gauge?: MemoryGauge | undefined
}

/** How long results and other events of the thread may wait for tasks. */
const turnMs = 5

/** Elements of a call in a message: the number of a function, a form, arguments. */
const callLength = 3

/** Tasks that came in one message. */
interface Batch {
  readonly first: number
  readonly calls: readonly unknown[]
  /** Drops functions that no later task calls. */
  readonly end: () => void
  /** Whether to post each result before the next task, during which the worker may be killed. */
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
  /** Number of pending async tasks, where several may run at a time. */
  #active = 0
  #onFree: (() => void) | undefined
  #isRunning = false
  #isStopped = false
  /** Tasks of the current batch that the pool took back. */
  #takenBack = 0
  #isFlushDue = false
  /** When this executor last let the event loop turn, by `performance.now()`. */
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

  /** Handles a message from the pool. */
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

  /** Posts all waiting results; also called when the thread or process exits. */
  flush(): void {
    this.#isFlushDue = false
    this.#outbox.flush()
  }

  /** Reports an uncaught error to the pool and starts no more tasks: the worker must end. */
  reportUncaught(error: unknown): void {
    this.#isStopped = true
    this.flush()
    this.#surroundings.post(['uncaught', encodeThrown(error, this.#surroundings.rules).value])
  }

  /** Never rejects: a failure is reported to the pool, and no task starts. */
  async #initialize(sent: SentFunction, form: Form, args: unknown[]): Promise<void> {
    const { post, rules, onTaskEnd } = this.#surroundings
    try {
      const { fn, classes: made } = await reviveSent(sent)
      const classes = form === withPlaceholders ? await openClasses(args, made) : undefined
      const given = form === withPlaceholders ? decode(args, undefined, classes) : args
      const pending = callTask(fn, given as unknown[])
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
        // Also after a message: a port delivers all that wait in it within one turn of the event loop.
        if (performance.now() - this.#turnedAt > turnMs) await this.#turn()
      }
      this.#batches.shift()
      batch.end()
      this.flush()
      this.#reportIfTakenBack(batch)
    }
    this.#isRunning = false
  }

  /** Lets an async task continue beside the next ones; waits while `concurrency` of them are pending. */
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

  /** Tells the pool, which gives no tasks to a worker that seems stuck, that this one is not. */
  #reportIfTakenBack({ calls }: Batch): void {
    const isTakenBack = this.#takenBack * callLength === calls.length
    this.#takenBack = 0
    if (isTakenBack && calls.length > 0 && !this.#isStopped) this.#surroundings.post(['available'])
  }

  /** Between two tasks: posts results and lets timers, input and output of the thread run. */
  async #turn(): Promise<void> {
    this.flush()
    await nextTurn()
    this.#turnedAt = performance.now()
  }

  /** Between two tasks: starts no more if the worker exceeds its memory limit; the pool replaces it. */
  async #stopIfOutgrown(): Promise<void> {
    this.flush()
    const bytes = await this.#surroundings.gauge!.confirm()
    if (bytes === undefined || this.#isStopped) return
    this.#isStopped = true
    this.#surroundings.post(['outgrown', bytes])
  }

  /** Posts results of finished tasks while another one is pending. */
  #flushSoon(): void {
    if (this.#isFlushDue) return
    this.#isFlushDue = true
    setImmediate(() => {
      if (this.#isFlushDue) this.flush()
    })
  }

  /** Runs the task at `at`, unless the pool took it back. @returns a promise only for an async task */
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

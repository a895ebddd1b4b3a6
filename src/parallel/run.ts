/** One run: tasks on their way from source to results. */

import type { ArrayRules } from './payload/arrays.ts'
import type { NDArray } from '../arrays/index.ts'
import type { RunShipments, Shipment, Shipments } from './functions/shipments.ts'
import { encode, type Encoded, needsEncoding } from './payload/encode.ts'
import { releaseAll } from './payload/holds.ts'
import type { Lent, Loans } from './payload/loans.ts'
import { enterOutput, requireOutputsApart } from './payload/outputs.ts'
import type { Task } from './task.ts'
import { openSource, type Tasks, type TaskSource } from './task-source.ts'

/** Where the results of a run go. */
export interface Sink {
  /**
   * How many more tasks may be taken.
   *
   * @param taken - tasks taken so far
   * @param usual - how many results may wait when the user has set no limit
   */
  room(taken: number, usual: number): number
  /** Takes a result; results come in any order, each index once. */
  put(index: number, value: unknown): void
  /** Every result is in. */
  end(): void
  /** The run has failed; nothing more will come. */
  fail(error: unknown): void
}

/** The pool that a run belongs to. */
export interface RunOwner {
  /** Tasks of a run taken and not finished at any time; undefined: as many as workers have messages for. */
  readonly preDispatch: number | undefined
  /** Workers that may run tasks at one time. */
  readonly size: number
  /** What becomes of arrays in arguments. */
  readonly rules: Omit<ArrayRules, 'lend'>
  /** Where those in private memory are lent from. */
  readonly loans: Loans
  /** Where functions are packed. */
  readonly shipments: Shipments
  /** There may be room for another task. */
  onRoom(run: Run): void
  /** The run is over; `isEarly` when tasks of it may still be with workers. */
  onClose(run: Run, isEarly: boolean): void
}

/** A task that was taken and is to be run. */
export interface Job {
  readonly run: Run
  readonly index: number
  readonly task: Task<unknown>
  /**
   * The arguments as they were when the task was taken, good for more than one sending. Undefined when
   * they are primitive values, which go as they are.
   */
  readonly encoded: Encoded | undefined
  readonly fn: Shipment
  /** Functions among the arguments. */
  readonly others: readonly Shipment[]
  /** What the worker that has it calls it. */
  number: number
}

/** The tasks of one `run`, `stream` or `map`. */
export class Run {
  readonly #source: TaskSource
  readonly #sink: Sink
  /** Whether all tasks and their arguments exist before the first is taken. */
  readonly #isMadeBefore: boolean
  readonly #owner: RunOwner
  readonly #shipments: RunShipments
  #taken = 0
  #inFlight = 0
  #isClosed = false
  /** Tasks of it that fit into one message; the scheduler's note. */
  perMessage = 1
  /** Whether it waits for its turn; the scheduler's note. */
  isQueued = false

  /**
   * @throws TypeError when `tasks` can't be iterated
   * @throws OneCopyError `ERR_OVERLAP` when two tasks of a list have exclusive views of one element
   */
  constructor(tasks: Tasks, sink: Sink, owner: RunOwner) {
    this.#isMadeBefore = Array.isArray(tasks)
    if (this.#isMadeBefore) requireOutputsApart(tasks as readonly Task<unknown>[])
    this.#source = openSource(tasks, this)
    this.#sink = sink
    this.#owner = owner
    this.#shipments = owner.shipments.forRun()
  }

  /** Whether the run is over: all results in, failed, or stopped. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** How many tasks could be taken now, at most. */
  get room(): number {
    if (this.#isClosed) return 0
    const { preDispatch = Infinity, size } = this.#owner
    const usual = 2 * size * this.perMessage + 2
    return Math.min(
      this.#source.remaining,
      preDispatch - this.#inFlight,
      this.#sink.room(this.#taken, usual),
    )
  }

  /**
   * Takes the next task and its arguments; a task that can't be sent, and a source that throws, fail the
   * run.
   *
   * @returns undefined when there is no room, nothing to take yet, or no more to take
   */
  take(): Job | undefined {
    const { room } = this
    if (room <= 0) {
      this.#endIfDone() // an empty input
      return undefined
    }
    const index = this.#taken
    try {
      const task = this.#source.pull(Math.min(room, this.perMessage))
      if (task === undefined || this.#isClosed) {
        this.#endIfDone()
        return undefined
      }
      this.#taken++
      const { callee, args } = task
      const fn = this.#shipments.take(callee.shipped)
      const others: Shipment[] = []
      const encoded = needsEncoding(args) ? this.#encode(task, index, others) : undefined
      this.#inFlight++
      return { run: this, index, task, encoded, fn, others, number: 0 }
    } catch (error) {
      this.stop({ error })
      return undefined
    }
  }

  /** There may be something to take. */
  wake(): void {
    this.#owner.onRoom(this)
  }

  /** A task has given `value`. */
  succeed(job: Job, value: unknown): void {
    this.drop(job)
    this.#inFlight--
    if (this.#isClosed) return
    this.#sink.put(job.index, value)
    if (!this.#source.isEnded) this.wake()
    else this.#endIfDone()
  }

  /** A task has failed, and with it the run. */
  fail(job: Job, error: unknown): void {
    this.drop(job)
    this.#inFlight--
    this.stop({ error })
  }

  /** A task has ended, or won't be sent any more: what its arguments refer to may go. */
  drop({ encoded }: Job): void {
    if (encoded !== undefined) releaseAll(encoded.kept)
  }

  /**
   * Ends the run before its end: tasks not yet started are dropped, results of others ignored.
   *
   * @param failure - what the sink is told; undefined when the sink itself stops
   * @returns what the source needs to clean up
   */
  stop(failure?: { error: unknown }): PromiseLike<unknown> | undefined {
    if (this.#isClosed) return undefined
    this.#close(this.#inFlight > 0)
    if (failure === undefined) return this.#source.close()
    this.#sink.fail(failure.error)
    this.#closeQuietly()
    return undefined
  }

  /** @param functions - takes what functions stand in the arguments */
  #encode({ args, callee }: Task<unknown>, index: number, functions: Shipment[]): Encoded {
    const { rules, loans } = this.#owner
    // What is made before the run stays as it is; between two tasks of a generator the caller can write.
    const moment = this.#isMadeBefore ? this : {}
    const called = (): string => `task ${index} (\`${callee.name}\`)`
    const lend = (array: NDArray): Lent => loans.lend(array, moment)
    const owner = {}
    return encode(
      args,
      { ...rules, lend, enterOutput: (view) => enterOutput(view, owner, called()) },
      () => `the arguments of ${called()}`,
      (fn) => {
        const shipment = this.#shipments.take({ fn })
        if (!functions.includes(shipment)) functions.push(shipment)
        return shipment.id
      },
    )
  }

  #endIfDone(): void {
    if (this.#isClosed || this.#inFlight > 0 || !this.#source.isEnded) return
    this.#close(false)
    this.#sink.end()
  }

  #close(isEarly: boolean): void {
    this.#isClosed = true
    this.#owner.onClose(this, isEarly)
  }

  /** The failure that ends the run matters more than one of its source's cleaning up. */
  #closeQuietly(): void {
    try {
      this.#source.close()?.then(undefined, () => {})
    } catch {
      // as above
    }
  }
}

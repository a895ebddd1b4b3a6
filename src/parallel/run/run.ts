/** One run, from its input to its results. */

import { AsyncLocalStorage } from 'node:async_hooks'
import type { OneCopyError } from '../../errors.ts'
import { sharedMs } from '../machine/clock.ts'
import type { PackedFunction } from '../functions/bundles/function-cache.ts'
import type { RunStart } from '../functions/names/run-start.ts'
import { type EncodingOptions, type Found, TaskEncoder } from './task-encoder.ts'
import { type Encoded, needsEncoding } from '../payload/encode.ts'
import { releaseAll } from '../payload/holds.ts'
import { requireOutputsApart, type TaskOutput } from '../payload/exclusive-outputs.ts'
import { LazyResult, taken } from '../payload/lazy-result.ts'
import type { RunSettings, Settled } from './run-options.ts'
import type { RunWatch } from './run-memory.ts'
import type { RunProgress } from './run-progress.ts'
import type { Sink } from './sink.ts'
import { areOfCollection } from '../tasks/calls.ts'
import type { Task } from '../tasks/task.ts'
import { openSource, type Tasks, type TaskSource } from '../tasks/task-source.ts'

/** The pool that a run belongs to. */
export interface RunOwner extends EncodingOptions {
  /** Tasks that may be in progress at one time. */
  readonly places: number
  /** When it last began to give tasks to workers, by `sharedMs`. */
  readonly dispatchMs: number
  /** There may be room for another task. */
  onRoom(run: Run): void
  /** The run is over; `isEarly` when tasks of it may still be with workers. */
  onClose(run: Run, isEarly: boolean): void
}

/** Who is told of what happens in a run. */
export interface RunObserver {
  /** Something has changed. */
  touch(): void
  /** The run is over. */
  end(): void
  /** Nothing more is to be told. */
  close(): void
}

/** A task that the input has given: taken once there is room for it, and then to be run. */
export interface Job {
  readonly run: Run
  readonly index: number
  readonly task: Task<unknown>
  /**
   * The arguments as they were when the input gave the task, good for more than one sending. Undefined when
   * they are primitive values, which go as they are; so does plain data of tasks that were made before the run.
   */
  readonly encoded: Encoded | undefined
  readonly fn: PackedFunction
  /** Functions among the arguments. */
  readonly others: readonly PackedFunction[]
  /** Exclusive views among the arguments; they are in flight once the task is taken. */
  readonly outputs: readonly TaskOutput[]
  /** What the worker that has it calls it. */
  number: number
  /** When it was taken, by `sharedMs`. */
  takenMs: number
  /** How often it was run and lost with its worker. */
  losses: number
  /** Whether it has ended, or won't be sent any more. */
  isOver: boolean
}

/** A task that can't be sent: it fails when it is taken. */
class RefusedTask {
  readonly index: number
  readonly error: unknown

  constructor(index: number, error: unknown) {
    this.index = index
    this.error = error
  }
}

/** Calls a function in the context (AsyncLocalStorage) of whoever began the run. */
type Scope = <R, A extends unknown[]>(fn: (...args: A) => R, ...args: A) => R

/** The tasks of one `run`, `stream` or `map`. */
export class Run {
  readonly settings: RunSettings
  /** Whether a worker may have to be killed in the middle of a task of it, while other runs go on. */
  readonly mayKill: boolean
  readonly #source: TaskSource<Job | RefusedTask>
  readonly #sink: Sink
  readonly #owner: RunOwner
  readonly #encoder: TaskEncoder
  readonly #startMs = sharedMs()
  /** Undefined where no code of the user's is called. */
  readonly #scope: Scope | undefined
  /** Tasks taken from the input. */
  taken = 0
  /** Tasks finished, failed ones included. */
  done = 0
  failed = 0
  /** How often a task was run again because its worker was lost. */
  retried = 0
  /** Jobs that are not over; of a closed run, workers may still have some. */
  #open = 0
  #isClosed = false
  #onAbort: (() => void) | undefined
  /** Who tells how far it is, if anybody wants to know. */
  reporter: RunObserver | undefined
  /** Tasks of it that fit into one message; the scheduler's note. */
  perMessage: number
  /** Whether its tasks may be taken; the pool's note. */
  hasBegun = false
  /** Whether it waits for its turn; the scheduler's note. */
  isQueued = false
  /** Who watches its memory, if anybody does. */
  watch: RunWatch | undefined

  /**
   * @param start - the stack on which it starts
   * @throws TypeError when `tasks` can't be iterated
   * @throws OneCopyError `ERR_OVERLAP` when two tasks of a list have exclusive views of one element
   */
  constructor(tasks: Tasks, sink: Sink, owner: RunOwner, settings: RunSettings, start?: RunStart) {
    const isMadeBefore = Array.isArray(tasks)
    if (isMadeBefore) requireOutputsApart(tasks as readonly Task<unknown>[])
    if (!isMadeBefore || settings.onProgress !== undefined) {
      this.#scope = AsyncLocalStorage.snapshot()
    }
    this.#source = openSource(tasks, this)
    this.#sink = sink
    this.#owner = owner
    this.#encoder = new TaskEncoder(
      owner,
      { isMadeBefore, isCollection: areOfCollection(tasks) },
      start,
    )
    this.settings = settings
    this.mayKill = settings.timeoutMs !== undefined || settings.signal !== undefined
    this.perMessage = settings.chunkSize ?? 1
  }

  /** Whether the run is over: all results in, failed, or stopped. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Tasks in all, where that is known. */
  get total(): number | undefined {
    const { remaining } = this.#source
    return remaining === Infinity ? undefined : this.taken + remaining
  }

  /**
   * Tasks that workers have, or could be given: of a lazy input those that were taken, and of a stream none that
   * its full window holds back.
   */
  get pending(): number {
    const { remaining } = this.#source
    const ready = remaining === Infinity ? 0 : Math.min(remaining, Math.max(0, this.#sinkRoom()))
    return this.taken - this.done + ready
  }

  /** Whether the arguments of its last task took long to copy. */
  get preparesLong(): boolean {
    return this.#encoder.takesLong
  }

  /** How many tasks could be taken now, at most. */
  get room(): number {
    if (this.#isClosed) return 0
    const room = Math.min(this.#source.remaining, this.#sinkRoom())
    const { preDispatch } = this.settings
    return preDispatch === undefined ? room : Math.min(room, preDispatch - (this.taken - this.done))
  }

  /** Ends the run when its signal says so; called once, when everything is in its place. */
  listen(): void {
    const { signal } = this.settings
    if (signal === undefined) return
    const abort = (): void => this.stop({ error: signal.reason })
    if (signal.aborted) return abort()
    this.#onAbort = abort
    signal.addEventListener('abort', abort, { once: true })
  }

  /** Tells the caller, in its context, how far it is. */
  tell(progress: RunProgress): void {
    const { onProgress } = this.settings
    if (onProgress !== undefined) this.#scope!(onProgress, progress)
  }

  /**
   * Takes the next task and its arguments; a task that can't be sent, and a source that throws, fail the
   * run.
   *
   * @returns undefined when there is no room, nothing to take yet, or no more to take
   */
  take(): Job | undefined {
    for (;;) {
      const { room } = this
      const admitted = room > 0 ? this.#pull(room) : undefined
      if (admitted === undefined || this.#isClosed) {
        if (admitted !== undefined) this.dismiss(admitted)
        this.#endIfDone() // an input that has ended
        return undefined
      }
      this.taken++
      const job = this.#begin(admitted)
      if (job !== undefined) return job
    }
  }

  /** Encodes a task that the input has given; for its source. */
  admit(task: Task<unknown>, index: number): Job | RefusedTask {
    try {
      const fn = this.#encoder.packFunction(task)
      const found = needsEncoding(task.args) ? { functions: [], outputs: [] } : noneFound
      const encoded =
        found === noneFound ? undefined : this.#encoder.packArguments(task, index, found)
      return {
        run: this,
        index,
        task,
        encoded,
        fn,
        others: found.functions,
        outputs: found.outputs,
        number: 0,
        takenMs: 0,
        losses: 0,
        isOver: false,
      }
    } catch (error) {
      return new RefusedTask(index, error)
    }
  }

  /** Drops a task that won't be taken; for its source. */
  dismiss(admitted: Job | RefusedTask): void {
    if ('encoded' in admitted && admitted.encoded !== undefined) releaseAll(admitted.encoded.kept)
  }

  /** There may be something to take. */
  wake(): void {
    this.#owner.onRoom(this)
  }

  /** A task has given `value`, which may be in a parcel. */
  succeed(job: Job, value: unknown): void {
    const { index } = job
    this.drop(job)
    if (this.#isClosed) {
      this.done++
      if (value instanceof LazyResult) value.drop()
      return
    }
    this.#sink.put(
      index,
      this.settings.collects
        ? ({ status: 'fulfilled', index, value: taken(value) } satisfies Settled<unknown>)
        : value,
    )
    this.done++ // not before: a parcel that can't be opened is a failure, and counts as one
    this.#goOn()
  }

  /** A task has failed, and with it the run, unless failures are collected. */
  fail(job: Job, reason: unknown): void {
    this.drop(job)
    this.#fail(job.index, reason)
  }

  /** A task has failed that its worker is still in: what it uses is held until `drop`. */
  failEarly({ index }: Job, reason: unknown): void {
    this.#fail(index, reason)
  }

  /**
   * A task was lost with its worker.
   *
   * @param explain - makes the error of a task that is not to be run again
   * @returns whether it is to be run again
   */
  lose(job: Job, explain: () => OneCopyError): boolean {
    job.losses++
    if (this.#isClosed || job.losses > this.settings.retries) {
      this.fail(job, explain())
      return false
    }
    this.retried++
    this.reporter?.touch()
    return true
  }

  /** A task has ended, or won't be sent any more: what its arguments refer to may go. */
  drop(job: Job): void {
    if (job.isOver) return
    job.isOver = true
    this.#open--
    if (job.encoded !== undefined) releaseAll(job.encoded.kept)
    this.#releaseIfOver()
  }

  /**
   * Ends the run before its end: tasks not yet started are dropped, results of others ignored.
   *
   * @param failure - what the sink is told; undefined when the sink itself stops
   * @throws when the sink itself stops, what closing the source throws
   */
  stop(failure?: { error: unknown }): void {
    if (this.#isClosed) return
    this.#close(this.taken > this.done)
    this.#report() // of a run that was left, too: how much was done, and taken in vain
    if (failure === undefined) return this.#closeSource()
    this.#sink.fail(failure.error)
    this.#closeQuietly()
  }

  /** How many more results the sink has room for. */
  #sinkRoom(): number {
    const { places } = this.#owner
    const usual = { least: places + 1, most: 2 * places * this.perMessage + 2 }
    return this.#sink.room(this.taken, usual)
  }

  #fail(index: number, reason: unknown): void {
    this.done++
    if (this.#isClosed) return
    this.failed++
    if (!this.settings.collects) return this.stop({ error: reason })
    this.#sink.put(index, { status: 'rejected', index, reason } satisfies Settled<unknown>)
    this.#goOn()
  }

  #pull(room: number): Job | RefusedTask | undefined {
    const { perMessage } = this
    try {
      return this.#scope === undefined
        ? this.#source.pull(room, perMessage)
        : this.#scope(pullFrom<Job | RefusedTask>, this.#source, room, perMessage)
    } catch (error) {
      this.stop({ error })
      return undefined
    }
  }

  /** Undefined when the task can't be sent, which is its failure. */
  #begin(admitted: Job | RefusedTask): Job | undefined {
    const { index } = admitted
    if (admitted instanceof RefusedTask) {
      this.#fail(index, admitted.error)
      return undefined
    }
    try {
      for (const output of admitted.outputs) output.enter()
    } catch (error) {
      this.dismiss(admitted)
      this.#fail(index, error)
      return undefined
    }
    admitted.takenMs = index === 0 ? this.#startMs : this.#owner.dispatchMs
    this.#open++
    return admitted
  }

  #goOn(): void {
    this.reporter?.touch()
    if (!this.#source.isEnded) this.wake()
    else this.#endIfDone()
  }

  #endIfDone(): void {
    const { taken, done } = this
    if (this.#isClosed || taken > done || !this.#source.isEnded) return
    this.#close(false)
    const failure = this.#report()
    if (failure === undefined) this.#sink.end()
    else this.#sink.fail(failure.error)
  }

  /** Has the end told; what that throws is returned. */
  #report(): { error: unknown } | undefined {
    try {
      this.reporter?.end()
      return undefined
    } catch (error) {
      return { error }
    }
  }

  #close(isEarly: boolean): void {
    this.#isClosed = true
    this.reporter?.close()
    if (this.#onAbort !== undefined) {
      this.settings.signal?.removeEventListener('abort', this.#onAbort)
    }
    this.#owner.onClose(this, isEarly)
    this.#releaseIfOver()
  }

  #releaseIfOver(): void {
    if (this.#isClosed && this.#open === 0) this.#encoder.close()
  }

  #closeSource(): void {
    if (this.#scope === undefined) this.#source.close()
    else this.#scope(closeOf, this.#source)
  }

  /** The failure that ends the run matters more than one of its source's cleaning up. */
  #closeQuietly(): void {
    try {
      this.#closeSource()
    } catch {
      // as above
    }
  }
}

const noneFound: Found = { functions: [], outputs: [] }

// Named once, so that no call makes a function of its own.
const pullFrom = <T>(source: TaskSource<T>, room: number, ahead: number): T | undefined =>
  source.pull(room, ahead)
const closeOf = (source: TaskSource<unknown>): void => source.close()

/** One run, from its input to its results. */

import { AsyncLocalStorage } from 'node:async_hooks'
import { isPromise } from 'node:util/types'
import type { OneCopyError } from '../../errors.ts'
import { sharedMs } from '../machine/clock.ts'
import type { RunStart } from '../functions/names/run-start.ts'
import { releaseAll } from '../payload/holds.ts'
import { LazyResult, taken } from '../payload/lazy-result.ts'
import type { Tasks } from '../tasks/task-source.ts'
import type { Job, JobRun } from './job.ts'
import { JobInput, RefusedTask, type Scope } from './job-input.ts'
import type { RunWatch } from './run-memory.ts'
import type { RunSettings, Settled } from './run-options.ts'
import { type RunObserver, type RunProgress, warnOfLateFailure } from './run-progress.ts'
import type { Sink } from './sink.ts'
import type { EncodingOptions } from './task-encoder.ts'

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

/** The tasks of one `run`, `stream` or `map`. */
export class Run implements JobRun {
  readonly settings: RunSettings
  readonly mayKill: boolean
  readonly #input: JobInput
  readonly #sink: Sink
  readonly #owner: RunOwner
  readonly #startMs = sharedMs()
  /** Undefined if the run calls no user code in this thread. */
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
  /** Reports its progress, if the caller asked for that. */
  reporter: RunObserver | undefined
  perMessage: number
  /** Whether its tasks may be taken; set by the pool. */
  hasBegun = false
  /** Whether it is in the scheduler's queue; set by the scheduler. */
  isQueued = false
  watch: RunWatch | undefined

  /**
   * @param start - the stack on which it starts
   * @throws TypeError when `tasks` can't be iterated
   * @throws OneCopyError `ERR_OVERLAP` when two tasks of a list have exclusive views of one element
   */
  constructor(tasks: Tasks, sink: Sink, owner: RunOwner, settings: RunSettings, start?: RunStart) {
    // A list of tasks without onProgress runs no code of the caller in this thread.
    if (!Array.isArray(tasks) || settings.onProgress !== undefined)
      this.#scope = AsyncLocalStorage.snapshot()
    this.#input = new JobInput(tasks, this, {
      encoding: owner,
      scope: this.#scope,
      start,
      wake: () => this.wake(),
    })
    this.#sink = sink
    this.#owner = owner
    this.settings = settings
    this.mayKill = settings.timeoutMs !== undefined || settings.signal !== undefined
    this.perMessage = settings.chunkSize ?? 1
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Tasks in all, where that is known. */
  get total(): number | undefined {
    const { remaining } = this.#input
    return remaining === Infinity ? undefined : this.taken + remaining
  }

  /**
   * Tasks that workers have, or could be given: of a lazy input those that were taken, and of a stream none that
   * its full window holds back.
   */
  get pending(): number {
    const { remaining } = this.#input
    const ready = remaining === Infinity ? 0 : Math.min(remaining, Math.max(0, this.#sinkRoom()))
    return this.taken - this.done + ready
  }

  /** Whether the arguments of its last task took long to copy. */
  get preparesLong(): boolean {
    return this.#input.takesLong
  }

  /** How many tasks could be taken now, at most. */
  get room(): number {
    if (this.#isClosed) return 0
    const room = Math.min(this.#input.remaining, this.#sinkRoom())
    const { preDispatch } = this.settings
    return preDispatch === undefined ? room : Math.min(room, preDispatch - (this.taken - this.done))
  }

  /** Stops the run when its signal is aborted. Called once, after the run has been added to its pool. */
  listen(): void {
    const { signal } = this.settings
    if (signal === undefined) return
    const abort = (): void => this.stop({ error: signal.reason })
    if (signal.aborted) return abort()
    this.#onAbort = abort
    signal.addEventListener('abort', abort, { once: true })
  }

  /** Calls `onProgress` in the async context of the caller; if it rejects, so does the run, unless it is over. */
  tell(progress: RunProgress): void {
    const { onProgress } = this.settings
    if (onProgress === undefined) return
    const result = this.#scope!(onProgress, progress)
    if (!isPromise(result)) return
    result.catch((error: unknown) => {
      if (this.#isClosed) warnOfLateFailure(error)
      else this.stop({ error })
    })
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
        if (admitted !== undefined) this.#input.dismiss(admitted)
        this.#endIfDone() // an input that has ended
        return undefined
      }
      this.taken++
      const job = this.#begin(admitted)
      if (job !== undefined) return job
    }
  }

  /** Notes that there may be room for another task, or a new one to take. */
  wake(): void {
    this.#owner.onRoom(this)
  }

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
    this.done++ // not before: a result that can't be opened counts as a failure
    this.#goOn()
  }

  fail(job: Job, reason: unknown): void {
    this.drop(job)
    this.#fail(job.index, reason)
  }

  failEarly({ index }: Job, reason: unknown): void {
    this.#fail(index, reason)
  }

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

  drop(job: Job): void {
    if (job.isOver) return
    job.isOver = true
    this.#open--
    if (job.encoded !== undefined) releaseAll(job.encoded.kept)
    this.#releaseIfOver()
  }

  stop(failure?: { error: unknown }): void {
    if (this.#isClosed) return
    this.#close(this.taken > this.done)
    this.#report() // also for a stream that was left early
    if (failure === undefined) return this.#input.close()
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
    try {
      return this.#input.pull(room, this.perMessage)
    } catch (error) {
      this.stop({ error })
      return undefined
    }
  }

  /** @returns undefined when the task can't be sent, which counts as its failure */
  #begin(admitted: Job | RefusedTask): Job | undefined {
    const { index } = admitted
    if (admitted instanceof RefusedTask) {
      this.#fail(index, admitted.error)
      return undefined
    }
    try {
      for (const output of admitted.outputs) output.enter()
    } catch (error) {
      this.#input.dismiss(admitted)
      this.#fail(index, error)
      return undefined
    }
    admitted.takenMs = index === 0 ? this.#startMs : this.#owner.dispatchMs
    this.#open++
    return admitted
  }

  #goOn(): void {
    this.reporter?.touch()
    if (!this.#input.isEnded) this.wake()
    else this.#endIfDone()
  }

  #endIfDone(): void {
    const { taken, done } = this
    if (this.#isClosed || taken > done || !this.#input.isEnded) return
    this.#close(false)
    const failure = this.#report()
    if (failure === undefined) this.#sink.end()
    else this.#sink.fail(failure.error)
  }

  /**
   * Reports the end.
   *
   * @returns what the reporter threw
   */
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
    if (this.#isClosed && this.#open === 0) this.#input.release()
  }

  /** Ignores errors of the source: the failure that ended the run matters more. */
  #closeQuietly(): void {
    try {
      this.#input.close()
    } catch {
      // as above
    }
  }
}

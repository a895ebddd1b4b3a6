/** The class Parallel, which runs tasks on workers. */

import { callEach, type Items, requireArguments, requireCallable } from './tasks/calls.ts'
import { isOneCopyError, OneCopyError, show } from '../errors.ts'
import { Collector } from './run/collector.ts'
import {
  completeOptions,
  type ParallelOptions,
  type ParallelSettings,
} from './pool/parallel-options.ts'
import { enterParallel } from './is-parallel.ts'
import { Pool } from './pool/pool.ts'
import { type Results, ResultStream } from './run/result-stream.ts'
import type { RunMemory } from './run/run-memory.ts'
import {
  completeRunOptions,
  completeStreamOptions,
  type RunOptions,
  type Settled,
  type StreamOptions,
} from './run/run-options.ts'
import type { Sendable, SendableArguments } from './tasks/sendable.ts'
import type { RunStats } from './run/run-stats.ts'
import { delayed, type ResultOf, type Task } from './tasks/task.ts'
import type { Tasks } from './tasks/task-source.ts'

/** Options under which failures are results. */
type Collecting<Options> = Options & { readonly onError: 'collect' }

/** Options under which a failure ends the run. */
type Stopping<Options> = Options & { readonly onError?: 'stop' }

/**
 * A pool of workers. Workers start with the first task (`minWorkers` of them with the pool), serve all runs, and end
 * with `close()`. An idle pool does not keep the process alive.
 *
 * Large arrays are not copied for each worker. Arrays in shared memory or files (`shared`, `openArray`) are sent as
 * references; arrays in private memory are copied to shared memory once. A worker's writes to a private array change
 * only its own pages (copy-on-write); `shared()` and `r+` arrays are writable. Arguments are read when a task is sent.
 *
 * @example
 * ```ts
 * import { delayed, Parallel } from 'onecopy'
 * import { square } from './square.ts'
 *
 * const parallel = new Parallel({ workers: 4 })
 * await parallel.run([1, 2, 3].map((x) => delayed(square)(x))) // [1, 4, 9]
 * for await (const y of parallel.map(square, [4, 5, 6])) console.log(y)
 * await parallel.map(square, [4, 5, 6]) // [16, 25, 36]
 * await parallel.close()
 * ```
 *
 * @see joblib.readthedocs.io, `joblib.Parallel`; `multiprocessing.Pool`
 */
export class Parallel implements AsyncDisposable {
  readonly #settings: ParallelSettings
  readonly #pool: Pool

  /**
   * Checks the options and starts `minWorkers` workers.
   *
   * @throws TypeError for an unknown option, or one of the wrong type
   * @throws OneCopyError `ERR_OPTION` for a number out of range, such as 0 workers
   */
  constructor(options: ParallelOptions = {}) {
    this.#settings = completeOptions(options)
    this.#pool = new Pool(this.#settings)
    enterParallel(this)
  }

  /** Maximum number of workers that run at the same time. */
  get workers(): number {
    return this.#settings.workers
  }

  /** Name of the backend: `threads`, `processes` or `serial`. Inside a worker it may differ from the option. */
  get backend(): string {
    return this.#settings.backend.name
  }

  /**
   * Runs tasks and waits for all of them.
   *
   * @param tasks - made by `delayed(fn)(…args)`; sync and async iterables are read only while workers have room
   * @param options - limits, error handling, progress
   * @returns the results in the order of the tasks; with `onError: 'collect'` each is a {@link Settled}
   * @throws the error of the first task that fails, with its class, message, code, cause and own fields, the field
   *   `task` (index, function, worker) and the stack in the worker; the run's other tasks are dropped
   * @throws OneCopyError `ERR_WORKER_LOST` when a task ended its worker; `ERR_TIMEOUT`; `ERR_UNSENDABLE` or
   *   `ERR_FUNCTION` for values that can't be sent; `ERR_WORKER_START`; `ERR_CLOSED`; the signal's reason
   */
  run<const T extends readonly Task<unknown>[]>(
    tasks: T,
    options: Collecting<RunOptions>,
  ): Promise<{ -readonly [Index in keyof T]: Settled<ResultOf<T[Index]>> }>
  run<R>(tasks: Tasks<R>, options: Collecting<RunOptions>): Promise<Settled<R>[]>
  run<const T extends readonly Task<unknown>[]>(
    tasks: T,
    options?: Stopping<RunOptions>,
  ): Promise<{ -readonly [Index in keyof T]: ResultOf<T[Index]> }>
  run<R>(tasks: Tasks<R>, options?: Stopping<RunOptions>): Promise<R[]>
  run(tasks: Tasks, options?: RunOptions): Promise<unknown[]> {
    const collector = new Collector()
    try {
      this.#pool.run(tasks, collector, completeRunOptions(options, this.#settings))
    } catch (error) {
      collector.fail(error)
    }
    return collector.promise
  }

  /**
   * Runs tasks and yields results one by one, in bounded memory: tasks are read from the input only while there is
   * room for their results. The run starts at once, not with the first `next()`.
   *
   * `break` leaves the loop without waiting for tasks. The input is closed, tasks that have not started are dropped, and
   * running tasks are stopped: those that check `taskSignal()` end by themselves, others are killed with their worker
   * after `graceMs`.
   *
   * `await` collects all results in a list instead, whose memory is not limited.
   *
   * Read every stream, or end it by `return()`. When nobody reads a stream, its run stops at a full window and its
   * errors go unnoticed; a process warning (`ONECOPY_STREAM_UNREAD`) says so.
   *
   * @param tasks - as for `run`
   * @param options - order of the results, how many may wait, and those of `run`
   * @throws what `run` rejects with, after the results that are ready. `ERR_QUEUE_FULL` is also thrown by the first
   *   read, not by `stream` itself
   */
  stream<R>(tasks: Tasks<R>, options: Collecting<StreamOptions>): Results<Settled<R>>
  stream<R>(tasks: Tasks<R>, options?: Stopping<StreamOptions>): Results<R>
  stream(tasks: Tasks, options: StreamOptions = {}): Results<unknown> {
    const settings = completeStreamOptions(options, this.#settings)
    const stream = new ResultStream(settings)
    try {
      stream.connect(this.#pool.run(tasks, stream, settings))
    } catch (error) {
      // It depends on the moment, and so belongs to whoever reads; what is wrong with the call is thrown.
      if (!isOneCopyError(error) || error.code !== 'ERR_QUEUE_FULL') throw error
      stream.fail(error)
    }
    return stream
  }

  /**
   * Calls `fn` for each item, as `stream` does for tasks: `Pool.imap` of Python's multiprocessing, and with
   * `order: 'completion'` its `imap_unordered`. `await parallel.map(fn, items)` is `Pool.map`.
   *
   * @param fn - any function, as for {@link delayed}
   * @param items - its arguments, read only while workers have room
   * @param options - as for `stream`
   */
  map<T, R>(
    fn: (item: T) => R,
    items: Iterable<T & Sendable<T>> | AsyncIterable<T & Sendable<T>>,
    options: Collecting<StreamOptions>,
  ): Results<Settled<Awaited<R>>>
  map<T, R>(
    fn: (item: T) => R,
    items: Iterable<T & Sendable<T>> | AsyncIterable<T & Sendable<T>>,
    options?: Stopping<StreamOptions>,
  ): Results<Awaited<R>>
  map(
    fn: (item: never) => unknown,
    items: Items<unknown>,
    options: StreamOptions = {},
  ): Results<unknown> {
    const call = delayed(requireCallable(fn, 'map')) as (item: unknown) => Task<unknown>
    return this.stream(callEach(items, call), options as object)
  }

  /**
   * Calls `fn` with each list of arguments, as `map` does with each item: Python's `Pool.starmap`, but lazy.
   *
   * @param fn - any function, as for {@link delayed}
   * @param items - lists of its arguments, read only while workers have room
   * @param options - as for `stream`
   */
  starmap<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    items: Items<Readonly<A & SendableArguments<A>>>,
    options: Collecting<StreamOptions>,
  ): Results<Settled<Awaited<R>>>
  starmap<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    items: Items<Readonly<A & SendableArguments<A>>>,
    options?: Stopping<StreamOptions>,
  ): Results<Awaited<R>>
  starmap(
    fn: (...args: never[]) => unknown,
    items: Items<readonly unknown[]>,
    options: StreamOptions = {},
  ): Results<unknown> {
    const call = delayed(requireCallable(fn, 'starmap')) as (
      ...args: readonly unknown[]
    ) => Task<unknown>
    return this.stream(
      callEach(items, (args) => call(...requireArguments(args))),
      options as object,
    )
  }

  /**
   * The memory of the most recent run: a report of this process and all its descendants during the run, and the
   * minimum and maximum during each task. Needs `monitor: true`. Resolves when the run is over.
   *
   * @throws OneCopyError `ERR_OPTION` without `monitor: true`, or before the first run
   *
   * @example
   * ```ts
   * const parallel = new Parallel({ backend: 'processes', monitor: true })
   * await parallel.run(tasks)
   * const { report, tasks: each } = await parallel.memory()
   * await report.save('run.html')
   * ```
   */
  async memory(): Promise<RunMemory> {
    const memory = this.#pool.memory()
    if (memory !== undefined) return memory
    throw new OneCopyError(
      'ERR_OPTION',
      this.#settings.monitor
        ? 'Expected a run whose memory was recorded, but no run was started yet.'
        : 'Expected a run whose memory was recorded. Create the pool with `new Parallel({ monitor: true })`.',
    )
  }

  /**
   * How long tasks waited, ran, and took to return their results, in milliseconds: count, mean, median, 99th
   * percentile, minimum and maximum. The times are always measured.
   *
   * @param name - only runs with this option `name`; the last 50 names are kept. Default: all runs of this pool
   *
   * @example
   * ```ts
   * await parallel.run(calls, { name: 'evaluate' })
   * const { wait, run, transfer } = parallel.stats('evaluate')
   * console.log(run.p50, run.p99)
   * ```
   */
  stats(name?: string): RunStats {
    if (name !== undefined && typeof name !== 'string') {
      throw new TypeError(`Expected \`name\` to be the name of a run, got ${show(name)}.`)
    }
    return this.#pool.stats(name)
  }

  /**
   * Stops all workers. Unfinished runs fail with `ERR_CLOSED`; tasks that are still running after 250 ms are killed.
   * Arrays that workers returned stay valid.
   */
  close(): Promise<void> {
    return this.#pool.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** The class Parallel, which runs tasks on workers. */

import { callEach, type Items, requireArguments, requireCallable } from './tasks/calls.ts'
import { isOneCopyError, OneCopyError, show } from '../errors.ts'
import { Collector } from './run/collector.ts'
import {
  completeOptions,
  type ParallelOptions,
  type ParallelSettings,
} from './pool/parallel-options.ts'
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
 * A pool of workers. They start with the first task (`minWorkers` of them at once), are used again by later runs, and
 * end with `close()`.
 * A pool that has nothing to do does not keep the process alive.
 *
 * Large arrays are never copied to a worker: arrays in a mapping (`openArray`, `shared`) go as a reference,
 * and those in private memory are put into scratch memory once. Workers see private memory copy-on-write,
 * `shared()` and `r+` arrays writable. Arguments are taken when a task is dispatched.
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
   * Checks the options, and starts `minWorkers` workers.
   *
   * @throws TypeError for an option of a wrong type, or an unknown one
   * @throws OneCopyError `ERR_OPTION` for a number out of its range, such as 0 workers
   */
  constructor(options: ParallelOptions = {}) {
    this.#settings = completeOptions(options)
    this.#pool = new Pool(this.#settings)
  }

  /** Most workers that run at one time. */
  get workers(): number {
    return this.#settings.workers
  }

  /** Name of the backend: `threads`, `processes` or `serial`. Inside a worker it may not be what was asked. */
  get backend(): string {
    return this.#settings.backend.name
  }

  /**
   * Runs tasks and waits for all of them.
   *
   * @param tasks - made by `delayed(fn)(…args)`; iterables, sync or async, are read as workers have room
   * @param options - limits, what a failure does, progress
   * @returns the results in the order of the tasks; with `onError: 'collect'` each {@link Settled}
   * @throws what the first task to fail threw, its class, message, code, cause and own fields kept, with the
   *   field `task` (index, function, worker) and the remote stack; the run's other tasks are dropped
   * @throws OneCopyError `ERR_WORKER_LOST` when a worker ended in a task; `ERR_TIMEOUT`; `ERR_UNSENDABLE`,
   *   `ERR_FUNCTION` for what can't be sent; `ERR_WORKER_START`; `ERR_CLOSED`; the signal's reason
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
   * Runs tasks and gives results one by one, in bounded memory: tasks are taken from the input only while
   * there is room for their results. Running starts now, not with the first `next()`.
   *
   * `break` in its loop returns at once. It closes the input, drops tasks that have not started, and ends those
   * that have: tasks that check `taskSignal()` end by themselves, others are killed with their worker after `graceMs`.
   *
   * `await` gives the list of all results instead; then nothing bounds the memory that they take.
   *
   * @param tasks - as for `run`
   * @param options - order of the results, how many may wait, and those of `run`
   * @throws what `run` rejects with; results that were ready before come first. `ERR_QUEUE_FULL` comes with the
   *   first read, too, so that one place handles it
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
   * @param items - its arguments, read as workers have room
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
   * Calls `fn` with each list of arguments, as `map` does with each item: `Pool.starmap`, lazily.
   *
   * @param fn - an exported function
   * @param items - lists of its arguments, read as workers have room
   * @param options - as for `stream`
   */
  starmap<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    items: Iterable<A & SendableArguments<A>> | AsyncIterable<A & SendableArguments<A>>,
    options: Collecting<StreamOptions>,
  ): Results<Settled<Awaited<R>>>
  starmap<A extends readonly unknown[], R>(
    fn: (...args: A) => R,
    items: Iterable<A & SendableArguments<A>> | AsyncIterable<A & SendableArguments<A>>,
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
   * The memory of the run that was started last, with `monitor: true`: the report of the whole tree of this
   * process over the time of the run, and the least and most that each task saw. Resolves when the run is over.
   *
   * @throws OneCopyError `ERR_OPTION` without the option, or before the first run
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
        ? 'Expected a run whose memory was watched, but none was started yet.'
        : 'Expected a run whose memory was watched. Say so before: `new Parallel({ monitor: true })`.',
    )
  }

  /**
   * Where the time of tasks went so far: waiting, running, on the way back; milliseconds, with count, mean,
   * median, 99th percentile and extremes. Always measured: it costs a few ns a task.
   *
   * @param name - only of runs with this option `name`, of which the last 50 names are kept; default: of all runs
   *   on this pool
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
   * Stops all workers. Runs that are not over fail with `ERR_CLOSED`; tasks in progress are killed after 250 ms. Arrays
   * that came from workers stay valid.
   */
  close(): Promise<void> {
    return this.#pool.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** Options of runs and streams: window, order, limits, failures, progress. */

import { totalmem } from 'node:os'
import {
  boolean,
  byteCount,
  callback,
  milliseconds,
  oneOf,
  type OptionTypes,
  requireOptions,
  signal as abortSignal,
  string,
  wholeNumber,
} from '../../options.ts'
import { hintFor } from './foreign-options.ts'
import type { RunProgress } from './run-progress.ts'

/** The order in which a stream yields its results. */
export type Order = 'input' | 'completion'

/** Options of a run that a {@link Parallel} can also set for all of its runs. */
export interface RunDefaults {
  /**
   * Maximum number of tasks that have been read from the input and not finished. Default: two messages of about 4 ms for
   * each worker.
   */
  readonly preDispatch?: number
  /**
   * Number of tasks in one message to a worker, like `chunksize` of Python's Pool. Default: as many as are measured to
   * run in about 4 ms, so slow tasks are sent one by one. Idle workers take over tasks that wait behind a slow one.
   */
  readonly chunkSize?: number
  /**
   * Maximum number of results of a stream that wait to be read, including tasks in progress; a full window stops the
   * run. Default: 2 × workers + 2, or as many as all workers finish in about 8 ms, if that is more. Large results: as many
   * as take 48 MB, but at least workers + 1.
   */
  readonly maxAhead?: number
  /**
   * Maximum bytes of a stream's results that wait to be read. Each task in progress counts with the size of the results
   * so far; one task may always run. Arrays count with the memory that they keep in use. Default: a quarter of the memory
   * that this process may use.
   */
  readonly maxBufferedBytes?: number
  /**
   * How often to repeat a task whose worker was lost while the task ran (`ERR_WORKER_LOST`). Default 0. A task that throws
   * or exceeds `timeoutMs` is never repeated. The progress counts repetitions.
   */
  readonly retries?: number
  /**
   * Milliseconds that one task may run, not counting its wait for a worker and the import of its module. A task that runs
   * longer fails with `ERR_TIMEOUT`, and its worker is killed and replaced. Default: no limit. The backend
   * `'serial'` can't stop a task that blocks the thread.
   */
  readonly timeoutMs?: number
  /**
   * Milliseconds that tasks in progress have to end by themselves after their run was aborted, was left or has failed;
   * their `taskSignal()` aborts. Then their worker is killed and replaced. Default 1000.
   */
  readonly graceMs?: number
  /**
   * What a run does while `maxQueue` tasks wait. `'wait'` (default) starts it when there is room; until then its input is
   * not read. `'reject'` fails at once with `ERR_QUEUE_FULL`.
   */
  readonly whenFull?: 'wait' | 'reject'
  /** Show a progress bar on stderr, or an occasional line if stderr is not a terminal. Default false. */
  readonly progress?: boolean
}

/** Options of `run`. */
export interface RunOptions extends Omit<RunDefaults, 'maxAhead' | 'maxBufferedBytes'> {
  /**
   * What happens when a task fails. `'stop'` (default) ends the run with the task's error. `'collect'` continues, and each
   * result is a {@link Settled}. Failures of the run itself always end it: an input that throws, `signal`, workers that
   * can't start.
   */
  readonly onError?: 'stop' | 'collect'
  /** When it aborts, the run fails with the signal's reason; tasks in progress see it through `taskSignal()`. */
  readonly signal?: AbortSignal
  /**
   * Called with the run's progress at most ten times a second and at its end, in the caller's AsyncLocalStorage context.
   * If it throws, or returns a promise that rejects while the run is in progress, the run fails with that error.
   */
  readonly onProgress?: (progress: RunProgress) => unknown
  /** Name of the run in its progress and in `stats(name)`. */
  readonly name?: string
  /**
   * Runs of a higher priority get workers first; tasks in progress are not interrupted. Any finite number, default 0.
   */
  readonly priority?: number
}

/** Options of `stream`, `map` and `starmap`. */
export interface StreamOptions
  extends RunOptions, Pick<RunDefaults, 'maxAhead' | 'maxBufferedBytes'> {
  /** `'input'` (default) yields results in the order of the tasks, `'completion'` as they finish. */
  readonly order?: Order
}

/** A result under `onError: 'collect'`, as of `Promise.allSettled`, with the index of its task. */
export type Settled<R> =
  | { readonly status: 'fulfilled'; readonly index: number; readonly value: R }
  | { readonly status: 'rejected'; readonly index: number; readonly reason: unknown }

/** The options of one run in full. */
export interface RunSettings {
  readonly preDispatch: number | undefined
  readonly chunkSize: number | undefined
  readonly maxAhead: number | undefined
  readonly maxBufferedBytes: number
  readonly retries: number
  readonly timeoutMs: number | undefined
  readonly graceMs: number
  readonly whenFull: 'wait' | 'reject'
  readonly progress: boolean
  readonly collects: boolean
  readonly signal: AbortSignal | undefined
  readonly onProgress: ((progress: RunProgress) => unknown) | undefined
  readonly name: string | undefined
  readonly priority: number
}

/** Task numbers of a worker wrap: it holds fewer at a time. */
const mostChunk = 10_000

const sharedTypes: OptionTypes<Omit<RunDefaults, 'maxAhead' | 'maxBufferedBytes'>> = {
  preDispatch: wholeNumber(1),
  chunkSize: wholeNumber(1, mostChunk),
  retries: wholeNumber(0),
  timeoutMs: milliseconds(1),
  graceMs: milliseconds(0),
  whenFull: oneOf('wait', 'reject'),
  progress: boolean,
}

/** All options that a Parallel may set for its runs, and how each is checked. */
export const runDefaultTypes: OptionTypes<RunDefaults> = {
  ...sharedTypes,
  maxAhead: wholeNumber(1),
  maxBufferedBytes: byteCount(1),
}

const ownTypes: OptionTypes<Omit<RunOptions, keyof RunDefaults>> = {
  onError: oneOf('stop', 'collect'),
  signal: abortSignal,
  onProgress: callback,
  name: string,
  priority: [Number.isFinite, 'a finite number'],
}
const runTypes: OptionTypes<RunOptions> = { ...sharedTypes, ...ownTypes }
const streamTypes: OptionTypes<StreamOptions> = {
  order: oneOf('input', 'completion'),
  ...runDefaultTypes,
  ...ownTypes,
}
const runHint = hintFor(runTypes)
const streamHint = hintFor(streamTypes)

/** Completes the options of runs that a Parallel sets, which were checked. */
export function completeRunDefaults(options: RunDefaults): RunSettings {
  const usual = {
    preDispatch: undefined,
    chunkSize: undefined,
    maxAhead: undefined,
    maxBufferedBytes: quarterOfMemory(),
    retries: 0,
    timeoutMs: undefined,
    graceMs: 1000,
    whenFull: 'wait' as const,
    progress: false,
    collects: false,
    signal: undefined,
    onProgress: undefined,
    name: undefined,
    priority: 0,
  }
  return override(options, usual)
}

/**
 * Checks the options of a `run`, and completes them.
 *
 * @param defaults - what the Parallel sets
 * @throws TypeError for a wrong type or an unknown option
 * @throws OneCopyError `ERR_OPTION` for a number out of its range
 */
export function completeRunOptions(
  options: RunOptions | undefined,
  defaults: RunSettings,
): RunSettings {
  if (options === undefined) return defaults
  requireOptions('A run', options, runTypes, runHint)
  return override(options, defaults)
}

/**
 * Checks the options of a stream, and completes them.
 *
 * @throws as {@link completeRunOptions}
 */
export function completeStreamOptions(
  options: StreamOptions,
  defaults: RunSettings,
): RunSettings & { readonly order: Order } {
  requireOptions('A stream', options, streamTypes, streamHint)
  return { ...override(options, defaults), order: options.order ?? 'input' }
}

function override(options: StreamOptions, defaults: RunSettings): RunSettings {
  return {
    preDispatch: options.preDispatch ?? defaults.preDispatch,
    chunkSize: options.chunkSize ?? defaults.chunkSize,
    maxAhead: options.maxAhead ?? defaults.maxAhead,
    maxBufferedBytes: options.maxBufferedBytes ?? defaults.maxBufferedBytes,
    retries: options.retries ?? defaults.retries,
    timeoutMs: options.timeoutMs ?? defaults.timeoutMs,
    graceMs: options.graceMs ?? defaults.graceMs,
    whenFull: options.whenFull ?? defaults.whenFull,
    progress: options.progress ?? defaults.progress,
    collects: options.onError === 'collect',
    signal: options.signal,
    onProgress: options.onProgress,
    name: options.name,
    priority: options.priority ?? 0,
  }
}

/** A part of what the machine has, or of what the control group leaves of it. */
function quarterOfMemory(): number {
  const limit = process.constrainedMemory()
  const memory = limit > 0 ? Math.min(limit, totalmem()) : totalmem()
  return Math.floor(memory / 4)
}

/** Options of runs and streams: window, order, limits, failures, progress. */

import { totalmem } from 'node:os'
import {
  boolean,
  callback,
  oneOf,
  type OptionTypes,
  requireOptions,
  signal as abortSignal,
  string,
  wholeNumber,
} from '../../options.ts'
import { hintFor } from './foreign-options.ts'
import type { RunProgress } from './run-progress.ts'

/** In which order a stream gives its results. */
export type Order = 'input' | 'completion'

/** Options of runs that a {@link Parallel} may set for all of its runs. */
export interface RunDefaults {
  /**
   * Most tasks that are taken from the input and not finished. Default: two messages of about 4 ms for each worker.
   */
  readonly preDispatch?: number
  /**
   * Tasks that a worker gets in one message: `chunksize` of Python's Pool. Default: as many as run in about 4 ms,
   * by measurement, so that slow tasks go one by one. What waits behind a slow task is still taken over by
   * a worker that has nothing to do.
   */
  readonly chunkSize?: number
  /**
   * Results of a stream that may wait for their reader, tasks in progress included; a full window stops the
   * run. Default: 2 × workers + 2, or what all workers finish in about 8 ms, if that is more; of large
   * results as many as take 48 MB, and one more than there are workers in any case.
   */
  readonly maxAhead?: number
  /**
   * Bytes of a stream's results that may wait for their reader. Tasks in progress count with the size of the
   * results so far; one task may run whatever it gives. Arrays count with the memory that they hold. Default: a
   * quarter of the memory that this process may use.
   */
  readonly maxBufferedBytes?: number
  /**
   * How often to run a task again whose worker was lost while it ran (`ERR_WORKER_LOST`). Default 0. A task that throws
   * or takes too long is never run again. Reruns are counted in progress and `stats()`.
   */
  readonly retries?: number
  /**
   * Milliseconds that one task may run, its waiting and the import of its module not counted. A task that runs
   * longer fails with `ERR_TIMEOUT`, and its worker is killed and replaced. Default: no limit. The backend
   * `'serial'` can't stop a task that blocks the thread.
   */
  readonly timeoutMs?: number
  /**
   * Milliseconds that tasks in progress have to end after their run was aborted, left or has failed; `taskSignal()`
   * tells them. After that their worker is killed and replaced. Default 1000.
   */
  readonly graceMs?: number
  /**
   * What a run does while `maxQueue` tasks wait: `'wait'` (default) begins when there is room, and reads nothing of its
   * input before; `'reject'` fails at once with `ERR_QUEUE_FULL`.
   */
  readonly whenFull?: 'wait' | 'reject'
  /** Show a bar on stderr, or a line now and then where stderr is no terminal. Default false. */
  readonly progress?: boolean
}

/** Options of `run`. */
export interface RunOptions extends Omit<RunDefaults, 'maxAhead' | 'maxBufferedBytes'> {
  /**
   * What a task that fails does: `'stop'` (default) ends the run with its error; `'collect'` goes on, and
   * every result is {@link Settled}. What isn't one task's failure ends the run all the same: an input that
   * throws, `signal`, workers that can't start.
   */
  readonly onError?: 'stop' | 'collect'
  /** Ends the run with the signal's reason; tasks in progress see it by `taskSignal()`. */
  readonly signal?: AbortSignal
  /**
   * Called with the run's progress at most ten times a second, and at its end, in the caller's context
   * (AsyncLocalStorage). What it throws ends the run.
   */
  readonly onProgress?: (progress: RunProgress) => void
  /** What progress and `stats(name)` call the run. */
  readonly name?: string
  /**
   * Runs of a higher priority get workers first; tasks in progress are not interrupted. Any finite number, default 0.
   */
  readonly priority?: number
}

/** Options of `stream`, `map` and `starmap`. */
export interface StreamOptions
  extends RunOptions, Pick<RunDefaults, 'maxAhead' | 'maxBufferedBytes'> {
  /** `'input'` (default) gives results in the order of the tasks, `'completion'` as they finish. */
  readonly order?: Order
}

/** A result under `onError: 'collect'`, as of `Promise.allSettled`, and whose it is. */
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
  readonly onProgress: ((progress: RunProgress) => void) | undefined
  readonly name: string | undefined
  readonly priority: number
}

/** Task numbers of a worker wrap: it holds fewer at a time. */
const mostChunk = 10_000

const sharedTypes: OptionTypes<Omit<RunDefaults, 'maxAhead' | 'maxBufferedBytes'>> = {
  preDispatch: wholeNumber(1),
  chunkSize: wholeNumber(1, mostChunk),
  retries: wholeNumber(0),
  timeoutMs: wholeNumber(1),
  graceMs: wholeNumber(0),
  whenFull: oneOf('wait', 'reject'),
  progress: boolean,
}

/** All options that a Parallel may set for its runs, and how each is checked. */
export const runDefaultTypes: OptionTypes<RunDefaults> = {
  ...sharedTypes,
  maxAhead: wholeNumber(1),
  maxBufferedBytes: wholeNumber(1),
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

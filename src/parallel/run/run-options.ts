/** Options of runs and streams: window, order, limits, failures, progress. */

import { totalmem } from 'node:os'
import { OneCopyError, show } from '../../errors.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import { optionalCount } from './option-checks.ts'
import type { RunProgress } from './run-progress.ts'

/** In which order a stream gives its results. */
export type Order = 'input' | 'completion'

/** Options of runs that a {@link Parallel} may set for all of its runs. */
export interface RunDefaults {
  /**
   * Tasks that may be taken from the input and not finished. Default: as many as keep every worker supplied,
   * two messages of about 4 ms each.
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
   * How often a task is run again whose worker was lost in it (`ERR_WORKER_LOST`). Default 0. A task that throws
   * or takes too long is never run again. Reruns are counted in progress and `stats()`.
   */
  readonly retries?: number
  /**
   * Milliseconds that one task may run, its waiting and the import of its module not counted. A task that runs
   * longer fails with `ERR_TIMEOUT`, and its worker is killed and replaced. Default: no limit. The backend
   * `'serial'` can't stop a task that never lets go of the thread.
   */
  readonly timeoutMs?: number
  /**
   * Milliseconds that tasks in progress may take to let go when their run has been aborted, left or
   * has failed: they see it by `taskSignal()`. Then their worker is killed and replaced. Default 1000.
   */
  readonly graceMs?: number
  /** Shows a bar on stderr, or a line now and then where that is no terminal. Default false. */
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
   * Told how far the run is, at most ten times a second, and at its end; called in the context
   * (AsyncLocalStorage) of the caller. What it throws ends the run.
   */
  readonly onProgress?: (progress: RunProgress) => void
  /** What progress and `stats(name)` call the run. */
  readonly name?: string
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
  readonly progress: boolean
  readonly collects: boolean
  readonly signal: AbortSignal | undefined
  readonly onProgress: ((progress: RunProgress) => void) | undefined
  readonly name: string | undefined
}

const sharedNames: OptionNames<Omit<RunDefaults, 'maxAhead' | 'maxBufferedBytes'>> = {
  preDispatch: true,
  chunkSize: true,
  retries: true,
  timeoutMs: true,
  graceMs: true,
  progress: true,
}

/** Names of all options that a Parallel may set for its runs. */
export const runDefaultNames: OptionNames<RunDefaults> = {
  ...sharedNames,
  maxAhead: true,
  maxBufferedBytes: true,
}

const ownNames = { onError: true, signal: true, onProgress: true, name: true }
const runNames: OptionNames<RunOptions> = { ...sharedNames, ...ownNames }
const streamNames: OptionNames<StreamOptions> = { order: true, ...runDefaultNames, ...ownNames }

/**
 * Checks the options of runs that a Parallel sets.
 *
 * @throws TypeError for a wrong type
 * @throws OneCopyError `ERR_OPTION` for a number out of its range
 */
export function completeRunDefaults(options: RunDefaults): RunSettings {
  return {
    ...overrideDefaults(options, {
      preDispatch: undefined,
      chunkSize: undefined,
      maxAhead: undefined,
      maxBufferedBytes: quarterOfMemory(),
      retries: 0,
      timeoutMs: undefined,
      graceMs: 1000,
      progress: false,
    }),
    collects: false,
    signal: undefined,
    onProgress: undefined,
    name: undefined,
  }
}

/**
 * Checks the options of a `run`.
 *
 * @param defaults - what the Parallel sets
 * @throws as {@link completeRunDefaults}; TypeError for an unknown option
 */
export function completeRunOptions(
  options: RunOptions | undefined,
  defaults: RunSettings,
): RunSettings {
  if (options === undefined) return defaults
  requireKnown('A run', options, runNames)
  return override(options, defaults)
}

/**
 * Checks the options of a stream.
 *
 * @throws as {@link completeRunOptions}
 */
export function completeStreamOptions(
  options: StreamOptions,
  defaults: RunSettings,
): RunSettings & { readonly order: Order } {
  requireKnown('A stream', options, streamNames)
  const { order = 'input' } = options
  if (order !== 'input' && order !== 'completion') {
    throw new TypeError(`Expected \`order\` to be 'input' or 'completion', got ${show(order)}.`)
  }
  return { ...override(options, defaults), order }
}

function override(options: StreamOptions, defaults: RunSettings): RunSettings {
  const { onError = 'stop', signal, onProgress, name } = options
  if (onError !== 'stop' && onError !== 'collect') {
    throw new TypeError(`Expected \`onError\` to be 'stop' or 'collect', got ${show(onError)}.`)
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`Expected \`signal\` to be an AbortSignal, got ${show(signal)}.`)
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw new TypeError(`Expected \`onProgress\` to be a function, got ${show(onProgress)}.`)
  }
  if (name !== undefined && typeof name !== 'string') {
    throw new TypeError(`Expected \`name\` to be a string, got ${show(name)}.`)
  }
  const collects = onError === 'collect'
  return { ...overrideDefaults(options, defaults), collects, signal, onProgress, name }
}

type Defaults = Omit<RunSettings, 'collects' | 'signal' | 'onProgress' | 'name'>

function overrideDefaults(options: RunDefaults, defaults: Defaults): Defaults {
  const { progress = defaults.progress } = options
  if (typeof progress !== 'boolean') {
    throw new TypeError(`Expected \`progress\` to be a boolean, got ${show(progress)}.`)
  }
  const count = (name: Exclude<keyof Defaults, 'progress'>, least: number): number | undefined =>
    optionalCount(name, options[name], least) ?? defaults[name]
  return {
    preDispatch: count('preDispatch', 1),
    chunkSize: requireFinite('chunkSize', count('chunkSize', 1)),
    maxAhead: count('maxAhead', 1),
    maxBufferedBytes: count('maxBufferedBytes', 1)!,
    retries: count('retries', 0)!,
    timeoutMs: count('timeoutMs', 1),
    graceMs: count('graceMs', 0)!,
    progress,
  }
}

/** A message has an end. */
function requireFinite(name: string, value: number | undefined): number | undefined {
  if (value === undefined || value <= mostChunk) return value
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`${name}\` to be at most ${mostChunk}, got ${value}.`,
    { details: { [name]: value } },
  )
}

/** Task numbers of a worker wrap: it holds fewer at a time. */
const mostChunk = 10_000

/** A part of what the machine has, or of what the control group leaves of it. */
function quarterOfMemory(): number {
  const limit = process.constrainedMemory()
  const memory = limit > 0 ? Math.min(limit, totalmem()) : totalmem()
  return Math.floor(memory / 4)
}

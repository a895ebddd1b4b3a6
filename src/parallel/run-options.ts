/** Options of runs and streams: order, window, and what a failure does. */

import { show } from '../errors.ts'
import { optionalCount, requireKnown } from './option-checks.ts'

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
   * Results of a stream that may wait for their reader; a full window stops the run. Default: 2 × workers + 2,
   * or what all workers finish in about 8 ms, if that is more.
   */
  readonly maxAhead?: number
}

/** {@link RunDefaults} in full. */
export interface RunSettings {
  readonly preDispatch: number | undefined
  readonly maxAhead: number | undefined
}

/** Names of all options that a Parallel may set for its runs. */
export const runDefaultNames = ['preDispatch', 'maxAhead'] as const

/** Options of a stream. */
export interface StreamOptions {
  /** `'input'` (default) gives results in the order of the tasks, `'completion'` as they finish. */
  readonly order?: Order
  /** Results that may wait for the reader; default: the option of the Parallel. */
  readonly maxAhead?: number
}

/**
 * Checks the options of runs that a Parallel sets.
 *
 * @throws TypeError for a wrong type
 * @throws OneCopyError `ERR_OPTION` for a number out of its range
 */
export function completeRunDefaults(options: RunDefaults): RunSettings {
  return {
    preDispatch: optionalCount('preDispatch', options.preDispatch, 1),
    maxAhead: optionalCount('maxAhead', options.maxAhead, 1),
  }
}

/**
 * Checks the options of a stream.
 *
 * @throws as {@link completeRunDefaults}; TypeError for an unknown option
 */
export function completeStreamOptions(options: StreamOptions): {
  order: Order
  maxAhead: number | undefined
} {
  requireKnown('A stream', options, ['order', 'maxAhead'])
  const { order = 'input' } = options
  if (order !== 'input' && order !== 'completion') {
    throw new TypeError(`Expected \`order\` to be 'input' or 'completion', got ${show(order)}.`)
  }
  return { order, maxAhead: optionalCount('maxAhead', options.maxAhead, 1) }
}

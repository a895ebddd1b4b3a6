/** The options of a Parallel: those of its workers and those of its runs. */

import { requireKnown } from './option-checks.ts'
import {
  completePoolOptions,
  type PoolOptions,
  poolOptionNames,
  type PoolSettings,
} from './pool-options.ts'
import {
  completeRunDefaults,
  type RunDefaults,
  runDefaultNames,
  type RunSettings,
} from './run-options.ts'

/** Options of {@link Parallel}. */
export interface ParallelOptions extends PoolOptions, RunDefaults {}

/** Options in full. */
export interface ParallelSettings extends PoolSettings, RunSettings {}

/**
 * Checks options and completes them.
 *
 * @throws TypeError for a wrong type or an unknown option
 * @throws OneCopyError `ERR_OPTION` for a number out of its range
 */
export function completeOptions(options: ParallelOptions): ParallelSettings {
  requireKnown('Parallel', options, [...poolOptionNames, ...runDefaultNames])
  return { ...completePoolOptions(options), ...completeRunDefaults(options) }
}

/** Options of a Parallel: of its workers and of its runs. */

import { boolean, oneOf, type OptionTypes, requireOptions } from '../../options.ts'
import type { Captures } from '../functions/bundles/bundler.ts'
import {
  completePoolOptions,
  type PoolOptions,
  poolOptionTypes,
  type PoolSettings,
} from './pool-options.ts'
import { hintFor } from '../run/foreign-options.ts'
import {
  completeRunDefaults,
  type RunDefaults,
  runDefaultTypes,
  type RunSettings,
} from '../run/run-options.ts'

/** Options of {@link Parallel}. */
export interface ParallelOptions extends PoolOptions, RunDefaults {
  /**
   * What to do with variables that a task's function has captured. `'auto'` (default) sends their values at the time when
   * a run takes its first task of the function. `'error'` refuses such a function and names the variables. Imports and
   * exports of modules are not captures.
   */
  readonly captures?: Captures
  /**
   * Record the memory of each run; `parallel.memory()` returns the report. Default false. Recording takes about 2 % of a
   * core.
   */
  readonly monitor?: boolean
}

/** Options in full. */
export interface ParallelSettings extends PoolSettings, RunSettings {
  readonly captures: Captures
  readonly monitor: boolean
}

/**
 * Checks options and completes them.
 *
 * @throws TypeError for a wrong type or an unknown option
 * @throws OneCopyError `ERR_OPTION` for a number out of its range
 */
export function completeOptions(options: ParallelOptions): ParallelSettings {
  requireOptions('Parallel', options, types, hint)
  return {
    ...completePoolOptions(options),
    ...completeRunDefaults(options),
    captures: options.captures ?? 'auto',
    monitor: options.monitor ?? false,
  }
}

const types: OptionTypes<ParallelOptions> = {
  ...poolOptionTypes,
  ...runDefaultTypes,
  captures: oneOf('auto', 'error'),
  monitor: boolean,
}

const hint = hintFor(types)

/** Options of a Parallel: of its workers and of its runs. */

import { show } from '../../errors.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import type { Captures } from '../functions/bundles/bundler.ts'
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
} from '../run/run-options.ts'

/** Options of {@link Parallel}. */
export interface ParallelOptions extends PoolOptions, RunDefaults {
  /**
   * What becomes of variables that a task's function has captured: `'auto'` (default) sends their values
   * along, as they are when a run takes its first task of the function; `'error'` refuses such a function and names
   * them. What modules export is no capture.
   */
  readonly captures?: Captures
  /**
   * Whether the memory of each run is watched; `parallel.memory()` gives the report. Default false. Takes
   * about 2 % of a core.
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
  requireKnown('Parallel', options, names)
  return {
    ...completePoolOptions(options),
    ...completeRunDefaults(options),
    captures: requireCaptures(options.captures),
    monitor: requireMonitor(options.monitor),
  }
}

const names: OptionNames<ParallelOptions> = {
  ...poolOptionNames,
  ...runDefaultNames,
  captures: true,
  monitor: true,
}

function requireMonitor(asked: unknown = false): boolean {
  if (typeof asked === 'boolean') return asked
  throw new TypeError(`Expected \`monitor\` to be true or false, got ${show(asked)}.`)
}

function requireCaptures(asked: ParallelOptions['captures'] = 'auto'): Captures {
  if (asked === 'auto' || asked === 'error') return asked
  throw new TypeError(`Expected \`captures\` to be 'auto' or 'error', got ${show(asked)}.`)
}

/** The checked options of `onecopy fit`. */

import type { InputTask } from '../input/input.ts'
import type { TableFlags } from '../input/table-flags.ts'

/** The options of a fit, complete and checked one by one. */
export interface FitRequest {
  readonly file: string
  /** Name of a column, or in a .npy file its number. */
  readonly target: string
  /** Undefined: classes where the target has only texts, else numbers. */
  readonly task?: InputTask | undefined
  readonly folds: number
  /** Negative: counted down from the number of cores, as by Parallel. Undefined: as many as there are cores, or none where the table is small. */
  readonly workers: number | undefined
  readonly backend: 'threads' | 'processes' | undefined
  readonly seed: number
  readonly table: TableFlags
}

/** Where the work is done; `'serial'`: in the process of the command, without workers. */
export interface FitWorkers {
  readonly workers: number
  readonly backend: 'threads' | 'processes' | 'serial'
}

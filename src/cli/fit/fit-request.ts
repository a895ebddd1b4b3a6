/** What `onecopy fit` is asked for. */

import type { TableFlags } from '../input/table-flags.ts'

/** The options of a fit, complete and checked one by one. */
export interface FitRequest {
  readonly file: string
  /** Name of a column, or in a .npy file its number. */
  readonly target: string
  readonly folds: number
  readonly workers: number
  readonly backend: 'threads' | 'processes'
  readonly seed: number
  readonly table: TableFlags
}

/** The checked options of `onecopy fit`. */

import type { AutoPreset } from '../../learn/index.ts'
import type { InputTask } from '../input/input.ts'
import type { TableFlags } from '../input/table-flags.ts'

/** The options of a fit, checked one by one; undefined where they were left out. */
export interface FitRequest {
  readonly file: string
  /** Name of a column, or in a .npy file its number; so are `weights` and `groups`. */
  readonly target: string
  readonly weights?: string | undefined
  readonly groups?: string | undefined
  /** Default: classes where the target has only texts, else numbers. */
  readonly task?: InputTask | undefined
  /** Default: 5, that of the configuration, or as many as the preset has. */
  readonly folds?: number | undefined
  /** Default: 0, or that of the configuration. */
  readonly seed?: number | undefined
  /** Name of a metric. Default: `rmse` or `accuracy`, or that of the configuration. */
  readonly scorer?: string | undefined
  /** How much is tried of learners that are chosen automatically. Default: a few fixed ones. */
  readonly preset?: AutoPreset | undefined
  /** Milliseconds from the start of the command until the ensemble is fitted. Default: no limit. */
  readonly timeLimitMs?: number | undefined
  /** Bytes that the process may hold. Default: no limit. */
  readonly memoryLimit?: number | undefined
  /** Names of learners. Default: those of the command. */
  readonly learners?: readonly string[] | undefined
  /** Path of a file that describes the ensemble. */
  readonly config?: string | undefined
  /** Path of a file with rows that are only predicted and scored. */
  readonly test?: string | undefined
  /** Path of the page that shows the results. */
  readonly report?: string | undefined
  /** Path of the model file. */
  readonly save?: string | undefined
  /** Negative: counted down from the number of cores, as by Parallel. Default: as many as there are cores, or none where the table is small. */
  readonly workers?: number | undefined
  readonly backend?: 'threads' | 'processes' | undefined
  readonly table: TableFlags
}

/** What a fit runs with: the options, completed by the configuration and the input. */
export interface FitSettings {
  readonly folds: number
  readonly seed: number
  readonly scorer: string
  readonly workers: number
  /** `'serial'`: in the process of the command, without workers. */
  readonly backend: 'threads' | 'processes' | 'serial'
}

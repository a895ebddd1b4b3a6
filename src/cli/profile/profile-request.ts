/** The options of `onecopy profile`. */

import type { Budget } from '../../monitor/index.ts'

/** The options of a profile, complete and checked one by one. */
export interface ProfileRequest {
  /** The command and its arguments; empty when a running process is watched. */
  readonly command: readonly string[]
  /** The process to watch instead of a command. */
  readonly attach: number | undefined
  readonly intervalMs: number
  /** The files to write. */
  readonly out: readonly string[]
  readonly budgets: readonly Budget[]
  /** The port of the live page, 0 for any; `undefined` for no page. */
  readonly livePort: number | undefined
  /** Whether only failures are printed. */
  readonly quiet: boolean
}

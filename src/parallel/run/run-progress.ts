/** The progress of a run, as `onProgress` receives it. */

import { show } from '../../errors.ts'

/** The argument of `onProgress`. */
export interface RunProgress {
  /** The run's name, if it has one. */
  readonly name: string | undefined
  /** Tasks finished, failed ones included. */
  readonly done: number
  /** Total number of tasks; undefined while the input may have more. */
  readonly total: number | undefined
  /** Tasks that failed. */
  readonly failed: number
  /** How often a task was run again because its worker was lost. */
  readonly retried: number
  /** Tasks that are running. */
  readonly running: number
  /** Tasks taken from the input that no worker has started. */
  readonly waiting: number
  /** Results that wait to be read. */
  readonly buffered: number
  /** Milliseconds since the run began. */
  readonly elapsedMs: number
  /** Tasks finished per second, over about the last ten seconds. */
  readonly rate: number
  /** Milliseconds that the remaining tasks will take at this rate; undefined while it is unknown. */
  readonly remainingMs: number | undefined
  /** Whether the run is over; true only in the last call. */
  readonly isOver: boolean
}

/** Reports the progress of a run. */
export interface RunObserver {
  /** Notes that counts have changed. */
  touch(): void
  /** Reports the end of the run. */
  end(): void
  /** Stops reporting. */
  close(): void
}

/** Warns of an async `onProgress` that rejected when its run could no longer fail. */
export function warnOfLateFailure(error: unknown): void {
  const reason = error instanceof Error ? String(error) : show(error)
  process.emitWarning(`onProgress rejected after its run had ended: ${reason}.`, {
    type: 'OneCopyWarning',
    code: 'ONECOPY_PROGRESS_FAILED',
  })
}

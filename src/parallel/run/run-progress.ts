/** The progress of a run, as `onProgress` receives it. */

/** What `onProgress` is told. */
export interface RunProgress {
  /** The run's name, if it has one. */
  readonly name: string | undefined
  /** Tasks finished, failed ones included. */
  readonly done: number
  /** Tasks in all; undefined while the input may have more. */
  readonly total: number | undefined
  /** Tasks that failed. */
  readonly failed: number
  /** How often a task was run again because its worker was lost. */
  readonly retried: number
  /** Tasks that workers are in. */
  readonly running: number
  /** Tasks taken from the input that no worker has started. */
  readonly waiting: number
  /** Results that wait for their reader. */
  readonly buffered: number
  /** Milliseconds since the run began. */
  readonly elapsedMs: number
  /** Tasks finished a second, over the last ten seconds or so. */
  readonly rate: number
  /** Milliseconds that the rest will take at this rate; undefined while that can't be said. */
  readonly remainingMs: number | undefined
  /** Whether the run is over: the last call. */
  readonly isOver: boolean
}

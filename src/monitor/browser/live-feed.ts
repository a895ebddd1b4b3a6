/** The data that the server sends to the live page. */

/** Memory in KiB, the unit of the kernel, or `null` where it could not be read. */
export type Kibibytes = number | null

/** Data of the first event, `run`: title, budgets, and the run so far. */
export interface LiveRun extends LiveFeed {
  readonly title: string
  readonly budgets: readonly LiveBudget[]
}

/** A limit; without a phase it holds for the whole run. */
export type LiveBudget = readonly [limit: Kibibytes & number, phase: string | null]

/**
 * Data of the event `more`: the samples since the last event. Times are milliseconds after the
 * start of the run.
 */
export interface LiveFeed {
  readonly durationMs: number
  readonly samples: number
  readonly times: readonly number[]
  readonly hard: readonly Kibibytes[]
  /** The most hard memory since the sample before. */
  readonly high: readonly Kibibytes[]
  readonly shared: readonly Kibibytes[]
  readonly cache: readonly Kibibytes[]
  readonly rss: readonly Kibibytes[]
  /** Cores that the tree kept busy in the second before, in hundredths. */
  readonly cpu: readonly (number | null)[]
  /** Tasks of a `Parallel` finished per second; `null` when there is none. */
  readonly tasks: readonly (number | null)[] | null
  /** The largest processes; the private memory of all others is what `hard` has beyond them. */
  readonly processes: readonly LiveProcess[]
  /** How many processes are alive. */
  readonly living: number
  readonly phases: readonly LivePhase[]
  readonly peak: { readonly hard: Kibibytes; readonly ms: number }
  readonly limit: Kibibytes
}

/** `isBand`: tinted, as in the picture; bands never overlap, whichever process marked them. */
export type LivePhase = readonly [name: string, startMs: number, endMs: number, isBand: boolean]

/** A process of a feed. */
export interface LiveProcess {
  /** Distinguishes it from a later process with the same pid. */
  readonly id: string
  readonly pid: number
  readonly name: string
  readonly startMs: number
  /** Index into the times at which its values begin. */
  readonly first: number
  /** Private memory at each of the times. */
  readonly own: readonly Kibibytes[]
  readonly rss: Kibibytes
  /** Cores that it keeps busy, in hundredths. */
  readonly cpu: number | null
  readonly threads: number | null
  readonly isAlive: boolean
  /** When the last sample saw it. */
  readonly endMs: number
}

/** Data of the event `end`, the last: how the command ended. */
export interface LiveEnding {
  readonly exitCode?: number
  readonly signal?: string
  readonly oomKilled?: boolean
}

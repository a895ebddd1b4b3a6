/** Decides when a run may start if the queue is limited. */

import { OneCopyError } from '../../errors.ts'
import type { Run } from '../run/run.ts'
import type { RunSettings } from '../run/run-options.ts'

/** Runs of one priority that have not started, and the function that starts each. */
interface Level {
  readonly priority: number
  readonly runs: Map<Run, () => void>
}

/** Starts runs while fewer than `limit` tasks wait for a worker; the others wait in order. */
export class Admission {
  readonly #limit: number
  readonly #places: number
  readonly #admitted = new Set<Run>()
  /** The highest priority first; none is empty. */
  readonly #levels: Level[] = []
  #isPaused = false

  /**
   * @param limit - tasks that may wait
   * @param places - tasks that may be in progress at a time
   */
  constructor(limit: number, places: number) {
    this.#limit = limit
    this.#places = places
  }

  /**
   * Refuses a run that must not wait.
   *
   * @throws OneCopyError `ERR_QUEUE_FULL`
   */
  require({ whenFull }: RunSettings): void {
    if (whenFull === 'wait' || this.#limit === Infinity) return
    if (this.#levels.length === 0 && !this.#isFull()) return
    throw new OneCopyError(
      'ERR_QUEUE_FULL',
      `The run was not started: as many tasks wait as \`maxQueue\` allows (${this.#limit}). Start it later, allow more, or let it wait by whenFull: 'wait'.`,
      { details: { maxQueue: this.#limit } },
    )
  }

  /** Calls `begin` when there is room for the run. */
  enter(run: Run, begin: () => void): void {
    if (this.#limit === Infinity) return begin()
    const { priority } = run.settings
    let at = 0
    while (at < this.#levels.length && this.#levels[at]!.priority > priority) at++
    if (this.#levels[at]?.priority !== priority)
      this.#levels.splice(at, 0, { priority, runs: new Map() })
    this.#levels[at]!.runs.set(run, begin)
    this.admit()
  }

  /** Removes a run that has ended. */
  remove(run: Run): void {
    if (this.#limit === Infinity) return
    if (!this.#admitted.delete(run)) this.#forget(run)
    this.admit()
  }

  /** Starts runs while there is room. Call it when tasks have finished. */
  admit(): void {
    while (!this.#isPaused && this.#levels.length > 0 && !this.#isFull()) {
      const [[run, begin]] = this.#levels[0]!.runs as unknown as [[Run, () => void]]
      this.#forget(run)
      this.#admitted.add(run)
      begin()
    }
  }

  /** Starts no run until `resume` is called. */
  pause(): void {
    this.#isPaused = true
  }

  /** Starts runs again. */
  resume(): void {
    this.#isPaused = false
    this.admit()
  }

  #forget(run: Run): void {
    const at = this.#levels.findIndex(({ runs }) => runs.delete(run))
    if (at >= 0 && this.#levels[at]!.runs.size === 0) this.#levels.splice(at, 1)
  }

  #isFull(): boolean {
    let waiting = -this.#places
    for (const run of this.#admitted) {
      waiting += run.pending
      if (waiting >= this.#limit) return true
    }
    return false
  }
}

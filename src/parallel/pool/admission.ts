/** Decides when a run may start if the queue is limited. */

import { OneCopyError } from '../../errors.ts'
import type { Run } from '../run/run.ts'
import type { RunSettings } from '../run/run-options.ts'

/** Runs of one priority that have not begun, and what begins them. */
interface Level {
  readonly priority: number
  readonly runs: Map<Run, () => void>
}

/** Lets runs begin while fewer tasks than `limit` wait for a worker; the others wait for their turn. */
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
   * Refuses a run that does not want to wait.
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

  /** The run is over. */
  remove(run: Run): void {
    if (this.#limit === Infinity) return
    if (!this.#admitted.delete(run)) this.#forget(run)
    this.admit()
  }

  /** Lets runs begin while there is room; to be called when tasks were finished. */
  admit(): void {
    while (!this.#isPaused && this.#levels.length > 0 && !this.#isFull()) {
      const [[run, begin]] = this.#levels[0]!.runs as unknown as [[Run, () => void]]
      this.#forget(run)
      this.#admitted.add(run)
      begin()
    }
  }

  /** Lets no run begin, until `resume` is called. */
  pause(): void {
    this.#isPaused = true
  }

  /** Runs may begin again. */
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

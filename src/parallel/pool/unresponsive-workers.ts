/** Finds workers that neither start nor run what they were sent. */

import { longestMs } from '../machine/keep-alive.ts'
import type { PoolWorker } from '../pool-worker/pool-worker.ts'

/** How often it looks, unless the limit is shorter. */
const usualPeriodMs = 1000

/**
 * Watches for workers that have been silent for longer than `startTimeoutMs`: they start, or run their initializer, or
 * have tasks and begin none.
 */
export class UnresponsiveWorkers {
  readonly #workers: () => readonly PoolWorker[]
  readonly #limitMs: number
  readonly #report: (worker: PoolWorker) => void
  /** Those that were late at the last look. */
  #late: readonly PoolWorker[] = []
  #timer: NodeJS.Timeout | undefined

  /**
   * @param workers - those of the pool
   * @param limitMs - how long a worker may be silent
   * @param report - called with each worker that was silent for longer
   */
  constructor(
    workers: () => readonly PoolWorker[],
    limitMs: number,
    report: (worker: PoolWorker) => void,
  ) {
    this.#workers = workers
    this.#limitMs = limitMs
    this.#report = report
  }

  /** A worker was started. */
  begin(): void {
    if (this.#timer !== undefined || this.#limitMs > longestMs) return
    const period = Math.max(10, Math.min(usualPeriodMs, this.#limitMs / 4))
    this.#timer = setInterval(() => this.#look(), period).unref()
  }

  /** There are no workers any more. */
  end(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#late = []
  }

  #look(): void {
    const workers = this.#workers()
    if (workers.length === 0) return this.end()
    const late = workers.filter((worker) => worker.silentMs > this.#limitMs)
    // Twice in a row: where this thread was blocked, what a worker sent may still wait to be read.
    const before = this.#late
    this.#late = late.filter((worker) => !before.includes(worker))
    for (const worker of late) if (before.includes(worker)) this.#report(worker)
  }
}

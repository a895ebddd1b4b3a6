/** Ends tasks that run longer than their run allows. */

import { OneCopyError } from '../../errors.ts'
import { longestMs } from '../machine/keep-alive.ts'
import { killLater } from './kill-after-grace.ts'
import type { PoolWorker } from '../pool-worker/pool-worker.ts'
import type { Job } from '../run/job.ts'
import type { Run } from '../run/run.ts'

/**
 * Watches the tasks of runs with a time limit. Workers stamp the start of each task into memory that they share,
 * so that only running time counts, and nothing is sent to tell it.
 */
export class Deadlines {
  readonly #workers: () => Iterable<PoolWorker>
  readonly #runs = new Set<Run>()
  #dueAt = 0
  #timer: NodeJS.Timeout | undefined

  /** @param workers - those of the pool */
  constructor(workers: () => Iterable<PoolWorker>) {
    this.#workers = workers
  }

  /** Watches a run, if it has a limit. */
  add(run: Run): void {
    const { timeoutMs = Infinity } = run.settings
    if (timeoutMs > longestMs) return
    this.#runs.add(run)
    // No task of the run is due before its limit from now on.
    if (this.#timer === undefined || performance.now() + timeoutMs < this.#dueAt)
      this.#checkIn(timeoutMs)
  }

  /** The run is over. */
  delete(run: Run): void {
    if (this.#runs.size === 0 || !this.#runs.delete(run) || this.#runs.size > 0) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #checkIn(ms: number): void {
    clearTimeout(this.#timer)
    this.#dueAt = performance.now() + ms
    this.#timer = setTimeout(() => this.#check(), ms).unref()
  }

  /** Ends what is too late, and comes again when the next task could be. */
  #check(): void {
    this.#timer = undefined
    let dueMs = longestMs
    for (const worker of this.#workers()) {
      for (const { job, ms } of worker.running) {
        const limit = job.run.settings.timeoutMs
        if (limit === undefined) continue
        // The stamp has whole milliseconds: one more, so that none is ended early.
        const leftMs = limit + 1 - ms
        if (leftMs > 0) dueMs = Math.min(dueMs, leftMs)
        else if (!worker.expire(job, lateError(job, worker))) killLater(worker, job)
      }
    }
    // A task that starts just after this look is due no sooner than the shortest limit.
    for (const { settings } of this.#runs) dueMs = Math.min(dueMs, settings.timeoutMs!)
    if (this.#runs.size > 0) this.#checkIn(dueMs)
  }
}

function lateError({ run, index, task }: Job, { label, concurrency }: PoolWorker): OneCopyError {
  const { name } = task.callee
  const { timeoutMs } = run.settings
  return new OneCopyError(
    'ERR_TIMEOUT',
    `Task ${index} (\`${name}\`) ran longer than \`timeoutMs\` allows, ${timeoutMs} ms, and was ended ${concurrency === 1 ? `with its worker (${label})` : `on ${label}`}. Allow more, or give the task less to do.`,
    { details: { task: { index, name, worker: label }, timeoutMs } },
  )
}

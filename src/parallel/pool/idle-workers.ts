/** Stops idle workers, and measures the memory of busy ones. */

import type { PoolWorker } from '../pool-worker/pool-worker.ts'

/** How often to check, unless the limit is shorter. */
const usualPeriodMs = 1000

/** The workers to check. */
export interface WatchedWorkers {
  readonly workers: readonly PoolWorker[]
  readonly retiring: ReadonlySet<PoolWorker>
  /** Whether they run in this thread, where none is stopped. */
  readonly isLocal: boolean
}

/**
 * Stops workers that have been idle for too long, and records the memory of busy processes, for the error about a
 * process that the kernel kills.
 */
export class IdleWorkers {
  readonly #watched: WatchedWorkers
  readonly #idleTimeoutMs: number
  readonly #minWorkers: number
  #timer: NodeJS.Timeout | undefined

  /** @param minWorkers - how many workers to keep, however long they are idle */
  constructor(watched: WatchedWorkers, idleTimeoutMs: number, minWorkers: number) {
    this.#watched = watched
    this.#minWorkers = minWorkers
    this.#idleTimeoutMs = watched.isLocal ? Infinity : idleTimeoutMs
  }

  /** Starts checking, when a worker has started. */
  begin(): void {
    const isNeeded = this.#idleTimeoutMs < Infinity || this.#watched.workers[0]?.pid !== undefined
    if (!isNeeded || this.#timer !== undefined) return
    const period = Math.max(10, Math.min(usualPeriodMs, this.#idleTimeoutMs / 2))
    this.#timer = setInterval(() => this.#look(), period).unref()
  }

  /** Stops checking, when there are no workers. */
  end(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    const { workers, retiring } = this.#watched
    const now = performance.now()
    const idle = workers.filter(({ stage, size, idleSince }) => {
      return stage === 'ready' && size === 0 && now - idleSince >= this.#idleTimeoutMs
    })
    for (const worker of idle.slice(0, Math.max(0, workers.length - this.#minWorkers)))
      worker.retire()
    if (workers.length + retiring.size === 0) this.end()
    const busy = [...workers, ...retiring].filter((worker) => worker.size > 0)
    if (busy.every((worker) => worker.pid === undefined)) return
    // No run fails without these figures; an error only says less about memory.
    measure(busy).catch(() => {})
  }
}

/**
 * Records the memory of processes. A process that has ended has no figures.
 *
 * @throws whatever keeps the monitor from being loaded, or `/proc` from being read
 */
async function measure(workers: readonly PoolWorker[]): Promise<void> {
  // Loaded on first use: most programs end earlier, or have no processes.
  const { sampleTree } = await import('../../monitor/index.ts')
  for (const worker of workers) {
    const [sample] =
      worker.pid === undefined ? [] : sampleTree(worker.pid, { children: false }).processes
    if (sample?.anonymous !== undefined) worker.noteMemory(sample.anonymous)
  }
}

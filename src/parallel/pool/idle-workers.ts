/** Looks after workers: their memory, and who has nothing to do. */

import type { PoolWorker } from './pool-worker.ts'

/** How often it looks, unless workers leave sooner. */
const usualPeriodMs = 1000

/** The workers to look after. */
export interface Household {
  readonly workers: readonly PoolWorker[]
  readonly leaving: ReadonlySet<PoolWorker>
  /** Whether they run in this very thread, where none can leave. */
  readonly isLocal: boolean
}

/**
 * While there are workers, sends those home that have had nothing to do for long, and notes how much memory
 * busy processes hold: what the error says of one that the kernel kills for it.
 */
export class IdleWorkers {
  readonly #household: Household
  readonly #idleTimeoutMs: number
  readonly #minWorkers: number
  #timer: NodeJS.Timeout | undefined

  /** @param minWorkers - how many stay, however long they are idle */
  constructor(household: Household, idleTimeoutMs: number, minWorkers: number) {
    this.#household = household
    this.#minWorkers = minWorkers
    this.#idleTimeoutMs = household.isLocal ? Infinity : idleTimeoutMs
  }

  /** A worker was started. */
  begin(): void {
    const isNeeded = this.#idleTimeoutMs < Infinity || this.#household.workers[0]?.pid !== undefined
    if (!isNeeded || this.#timer !== undefined) return
    const period = Math.max(10, Math.min(usualPeriodMs, this.#idleTimeoutMs / 2))
    this.#timer = setInterval(() => this.#look(), period).unref()
  }

  /** There are no workers any more. */
  end(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    const { workers, leaving } = this.#household
    const now = performance.now()
    const idle = workers.filter(({ stage, size, idleSince }) => {
      return stage === 'ready' && size === 0 && now - idleSince >= this.#idleTimeoutMs
    })
    for (const worker of idle.slice(0, Math.max(0, workers.length - this.#minWorkers)))
      worker.retire()
    if (workers.length + leaving.size === 0) this.end()
    const busy = [...workers, ...leaving].filter((worker) => worker.size > 0)
    if (busy.some((worker) => worker.pid !== undefined)) void measure(busy)
  }
}

/** Never rejects: `sampleTree` gives no figures for a process that is gone. */
async function measure(workers: readonly PoolWorker[]): Promise<void> {
  // Loaded on first use: most programs end before, or have no processes.
  const { sampleTree } = await import('../../monitor/index.ts')
  for (const worker of workers) {
    const [sample] =
      worker.pid === undefined ? [] : sampleTree(worker.pid, { children: false }).processes
    if (sample?.anonymous !== undefined) worker.noteMemory(sample.anonymous)
  }
}

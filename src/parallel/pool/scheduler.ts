/** Decides which worker gets which tasks, and when. */

import { AsyncLocalStorage } from 'node:async_hooks'
import { SpinWait, isQuick } from '../machine/spin-wait.ts'
import { sharedMs } from '../machine/clock.ts'
import { fairShare, type JobSource, takeBatch } from './batch-size.ts'
import type { PoolWorker } from '../pool-worker/pool-worker.ts'
import { PriorityQueue } from '../tasks/priority-queue.ts'
import type { Job, Run } from '../run/run.ts'
import type { RunTimes } from '../run/run-times.ts'

/** A worker that is silent for so long may be in a slow task: others take what waits behind it. */
const patienceMs = 10

/** A worker that begins nothing for so long may be stuck: others take all that it has. */
const stuckMs = 3000

/** Calls a function in no run's context: what a pool does for one run must not see another's. */
const outside = AsyncLocalStorage.snapshot()

/** The workers that a scheduler gives tasks to. */
export interface WorkerSet {
  /** Workers that run. */
  readonly workers: readonly PoolWorker[]
  /** Workers that finish what they have, and get no more. */
  readonly leaving: ReadonlySet<PoolWorker>
  /** How many there may be. */
  readonly size: number
  /** How many tasks a worker may be in at a time. */
  readonly concurrency: number
  /** Whether tasks run in this very thread: then nothing is gained by sending several at once. */
  readonly isLocal: boolean
  /** Tasks that a new worker may be given. */
  readonly capacity: number
  /** Starts one more. */
  start(): PoolWorker
}

/**
 * Gives tasks of several runs to workers: runs of the highest priority in turn, a worker with nothing to do first. A worker has
 * one message in work and one waiting, sized by the measured time of the tasks in it.
 */
export class Scheduler {
  readonly #workerSet: WorkerSet
  readonly #times: RunTimes
  /** Runs that have something to take. */
  readonly #runs = new PriorityQueue<Run>((run) => run.settings.priority)
  /** Tasks that were taken and came back, or did not fit. */
  readonly #waiting = new PriorityQueue<Job>((job) => job.run.settings.priority)
  readonly #awake = new SpinWait()
  /** When it last began to give tasks to workers, by `sharedMs`. */
  dispatchMs = 0
  #isDue = false
  #patience: NodeJS.Timeout | undefined

  readonly #source: JobSource = {
    next: () => this.#next(),
    putBack: (job) => this.#waiting.unshift(job),
  }

  constructor(workerSet: WorkerSet, times: RunTimes) {
    this.#workerSet = workerSet
    this.#times = times
  }

  /** A run has tasks, or room for their results, again. */
  wake(run: Run): void {
    if (run.isClosed || run.isQueued) return
    run.isQueued = true
    this.#runs.push(run)
    this.dispatchSoon()
  }

  /** Whether there may be tasks for a worker. */
  get hasWork(): boolean {
    return this.#waiting.length + this.#runs.length > 0
  }

  /** Takes back tasks that their worker never started; they go first. */
  giveBack(jobs: readonly Job[]): void {
    for (const job of jobs.toReversed()) {
      if (job.run.isClosed) job.run.drop(job)
      else this.#waiting.unshift(job)
    }
    this.dispatchSoon()
  }

  /** Takes back tasks of a lower priority that no worker has started; those of a run that begins go before them. */
  makeWay(priority: number): void {
    for (const worker of [...this.#workerSet.workers, ...this.#workerSet.leaving]) {
      if (worker.hasUnstartedBelow(priority)) this.giveBack(worker.takeBack())
    }
  }

  /** Drops the unstarted tasks of runs that are over. */
  sweep(): void {
    for (const worker of [...this.#workerSet.workers, ...this.#workerSet.leaving]) {
      if (worker.hasStoppedJobs()) this.giveBack(worker.takeBack())
    }
    this.giveBack(this.#waiting.takeAll())
  }

  /** A worker has results, so perhaps room for more tasks. */
  onProgress(): void {
    if (this.#workerSet.workers.every((worker) => worker.messages === 0)) this.#awake.answer()
    this.dispatchSoon()
  }

  /**
   * Dispatches when all that is going on now is done: what users submit in answer to results then shares
   * messages.
   */
  dispatchSoon(): void {
    if (this.#isDue) return
    this.#isDue = true
    queueMicrotask(() => process.nextTick(outside, this.#dispatchNow))
  }

  readonly #dispatchNow = (): void => {
    this.#isDue = false
    this.dispatchMs = sharedMs()
    const share = this.#share()
    for (;;) {
      const place = this.#findPlace()
      if (place === undefined) {
        this.#prepareNext()
        break
      }
      const { capacity } = place === 'new' ? this.#workerSet : place
      const isFree = place === 'new' || place.size < this.#workerSet.concurrency
      const jobs = this.#collect(share, capacity, isFree ? 0 : place.messages)
      if (jobs.length === 0) break
      const worker = place === 'new' ? this.#workerSet.start() : place
      worker.send(jobs)
      if (isQuick(jobs.length, this.#times.expected(jobs[0]!.task.callee.id))) this.#awake.expect()
    }
    this.#watch()
  }

  /** While all workers are busy, the arguments of the next task can be copied, if that takes long. */
  #prepareNext(): void {
    if (this.#workerSet.isLocal || this.#waiting.length > 0 || !this.#runs.peek()?.preparesLong)
      return
    const job = this.#next()
    if (job !== undefined) this.#waiting.unshift(job)
  }

  /** A worker with nothing to do, else a new one, else one that can have a message waiting. */
  #findPlace(): PoolWorker | 'new' | undefined {
    const { workers, leaving, size, concurrency, isLocal } = this.#workerSet
    // Those that leave are busy too: their successors start meanwhile, and wait for their turn.
    const isFull = leaving.size > 0 && countBusy(workers) + countBusy(leaving) >= size
    if (!isFull) {
      const idle = workers.find(isAvailable)
      if (idle !== undefined) return idle
      if (workers.length < size) return 'new'
      // Where all of them are stuck, one may still go on.
      if (workers.every((worker) => worker.isSlow && worker.messages === 0)) return workers[0]
    }
    const other = this.#findPartlyBusy()
    if (other !== undefined || isLocal) return other
    return workers.find((worker) => worker.messages <= concurrency && !worker.isSlow)
  }

  /** Of the workers that could be in more tasks the one with the fewest. */
  #findPartlyBusy(): PoolWorker | undefined {
    const { workers, concurrency } = this.#workerSet
    let least: PoolWorker | undefined
    for (const worker of concurrency === 1 ? [] : workers) {
      if (worker.isSlow || worker.size >= (least?.size ?? concurrency)) continue
      least = worker
    }
    return least
  }

  /** Each worker's part of what there is to do. */
  #share(): number {
    const { isLocal, size, concurrency } = this.#workerSet
    return isLocal ? 1 : fairShare(this.#waiting.length, this.#runs, size * concurrency)
  }

  #collect(share: number, capacity: number, before: number): Job[] {
    const jobs = takeBatch(this.#source, this.#times, { share, capacity, before })
    this.#runs.rotate()
    return jobs
  }

  #next(): Job | undefined {
    for (;;) {
      const job = this.#waiting.peek()
      const run = this.#runs.peek()
      if (job !== undefined && !(run && run.settings.priority > job.run.settings.priority)) {
        this.#waiting.shift()
        if (!job.run.isClosed) return job
        job.run.drop(job)
      } else if (run === undefined) return undefined
      else {
        const taken = run.take()
        if (taken !== undefined) return taken
        // Its input may have begun another run meanwhile, of a higher priority.
        this.#runs.drop(run)
        run.isQueued = false
      }
    }
  }

  /**
   * Once in a while, while a worker is idle, takes what waits in another's queue behind a slow task, or all that
   * a stuck worker has.
   */
  #watch(): void {
    if (this.#patience !== undefined || !this.#hasIdle()) return
    const dueMs = this.#rescueMs()
    if (dueMs === Infinity) return
    this.#patience = setTimeout(
      () => {
        this.#patience = undefined
        if (this.#hasIdle() && this.#waiting.length === 0) this.#rescue()
        this.#watch()
      },
      Math.max(patienceMs, dueMs),
    ).unref()
  }

  #hasIdle(): boolean {
    const { workers, size } = this.#workerSet
    return workers.length < size || workers.some(isAvailable) || this.#hasFreePart()
  }

  #hasFreePart(): boolean {
    const { workers, concurrency } = this.#workerSet
    if (concurrency === 1) return false
    return workers.some(({ isSlow, size, unstarted }) => {
      return !isSlow && unstarted === 0 && size < concurrency
    })
  }

  /** In how many ms a worker's tasks may be taken back at the soonest; infinite where there are none to take. */
  #rescueMs(): number {
    const { workers, leaving } = this.#workerSet
    let dueMs = Infinity
    for (const worker of workers) {
      if (worker.unstarted === 0) continue
      if (worker.size > 1) return 0
      dueMs = Math.min(dueMs, stuckMs - worker.silentMs)
    }
    for (const worker of leaving) {
      if (worker.unstarted === 0 || !this.#mayLose(worker)) continue
      if (worker.size > 1) return 0
      dueMs = Math.min(dueMs, stuckMs - worker.silentMs)
    }
    return dueMs
  }

  #rescue(): void {
    for (const worker of [...this.#workerSet.workers, ...this.#workerSet.leaving]) {
      const isStuck = worker.silentMs >= stuckMs
      const jobs = (worker.size > 1 || isStuck) && this.#mayLose(worker) ? worker.takeBack() : []
      if (jobs.length === 0) continue
      // One that is only starting gets one of them again.
      worker.isSlow = isStuck || worker.size > 0
      this.giveBack(jobs)
    }
  }

  /** One that starts only for its last tasks does some of them, unless a worker that is ready can. */
  #mayLose(worker: PoolWorker): boolean {
    const { workers, leaving } = this.#workerSet
    if (worker.stage === 'ready' || !leaving.has(worker)) return true
    return (
      worker.silentMs >= stuckMs &&
      workers.some((other) => other.stage === 'ready' && isAvailable(other))
    )
  }
}

/** A worker that has nothing to do, and is not known to be stuck. */
function isAvailable(worker: PoolWorker): boolean {
  return worker.messages === 0 && !worker.isSlow
}

function countBusy(workers: Iterable<PoolWorker>): number {
  let count = 0
  for (const worker of workers) if (worker.messages > 0) count++
  return count
}

/** Decides which worker gets which tasks, and when. */

import { AsyncLocalStorage } from 'node:async_hooks'
import { SpinWait, isQuick } from '../machine/spin-wait.ts'
import { sharedMs } from '../machine/clock.ts'
import { fairShare, type JobSource, takeBatch } from './batch-size.ts'
import type { PoolWorker } from '../pool-worker/pool-worker.ts'
import { PriorityQueue } from '../tasks/priority-queue.ts'
import type { Job } from '../run/job.ts'
import type { Run } from '../run/run.ts'
import type { RunTimes } from '../run/run-times.ts'

/** A worker without a message for this long may run a slow task: idle workers take the tasks behind it. */
const slowMs = 10

/** A worker that starts nothing for this long may be stuck: idle workers take all its tasks. */
const stuckMs = 3000

/** Calls a function outside the async context of any run, which must not reach another run. */
const outside = AsyncLocalStorage.snapshot()

/** The workers that a scheduler gives tasks to. */
export interface WorkerSet {
  /** Workers that get tasks. */
  readonly workers: readonly PoolWorker[]
  /** Workers that finish their tasks and get no more. */
  readonly retiring: ReadonlySet<PoolWorker>
  /** The largest number of workers. */
  readonly size: number
  /** How many tasks a worker may run at a time. */
  readonly concurrency: number
  /** Whether tasks run in this thread, where batches gain nothing. */
  readonly isLocal: boolean
  /** How many tasks a new worker may get before it is replaced. */
  readonly capacity: number
  /** Starts a worker. */
  start(): PoolWorker
}

/**
 * Gives tasks of several runs to workers: runs of the highest priority in turn, a worker with nothing to do first. A worker has
 * one message in work and one waiting, sized by the measured time of the tasks in it.
 */
export class Scheduler {
  readonly #workerSet: WorkerSet
  readonly #times: RunTimes
  /** Runs that may have tasks to take. */
  readonly #runs = new PriorityQueue<Run>((run) => run.settings.priority)
  /** Tasks that were taken from a run and wait for a worker again. */
  readonly #waiting = new PriorityQueue<Job>((job) => job.run.settings.priority)
  readonly #spinWait = new SpinWait((maxMicros) => this.#poll(maxMicros))
  /** When it last began to give tasks to workers, by `sharedMs`. */
  dispatchMs = 0
  #isDue = false
  #slowTimer: NodeJS.Timeout | undefined

  readonly #source: JobSource = {
    next: () => this.#next(),
    putBack: (job) => this.#waiting.unshift(job),
  }

  constructor(workerSet: WorkerSet, times: RunTimes) {
    this.#workerSet = workerSet
    this.#times = times
  }

  /** Queues a run that has tasks, or room for their results, again. */
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

  /** Puts tasks that their worker has not started before all others. */
  giveBack(jobs: readonly Job[]): void {
    for (const job of jobs.toReversed()) {
      if (job.run.isClosed) job.run.drop(job)
      else this.#waiting.unshift(job)
    }
    this.dispatchSoon()
  }

  /** Takes back tasks of a lower priority that no worker has started, so that a new run goes first. */
  takeBackBelow(priority: number): void {
    for (const worker of [...this.#workerSet.workers, ...this.#workerSet.retiring]) {
      if (worker.hasUnstartedBelow(priority)) this.giveBack(worker.takeBack())
    }
  }

  /** Drops the unstarted tasks of runs that have ended. */
  dropClosedRuns(): void {
    for (const worker of [...this.#workerSet.workers, ...this.#workerSet.retiring]) {
      if (worker.hasStoppedJobs()) this.giveBack(worker.takeBack())
    }
    this.giveBack(this.#waiting.takeAll())
  }

  /** Notes that a worker has started: it may run what another is stuck with. */
  onReady(): void {
    this.#watchSlowWorkers()
  }

  /** Notes that a worker has finished tasks and may have room for more. */
  onProgress(): void {
    if (this.#workerSet.workers.every((worker) => worker.messages === 0)) this.#spinWait.answer()
    this.dispatchSoon()
  }

  /**
   * Dispatches after the current microtasks, so that tasks which a user submits on receiving results share
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
      if (isQuick(jobs.length, this.#times.expected(jobs[0]!.task.callee.id)))
        this.#spinWait.expect()
    }
    this.#watchSlowWorkers()
  }

  /** Waits for a message of each worker that has tasks, without sleeping. */
  #poll(maxMicros: number): void {
    const busy = this.#workerSet.workers.filter((worker) => worker.messages > 0)
    for (const worker of busy) worker.poll(Math.floor(maxMicros / busy.length))
  }

  /** Copies the arguments of the next task while all workers are busy, if that takes long. */
  #prepareNext(): void {
    if (this.#workerSet.isLocal || this.#waiting.length > 0 || !this.#runs.peek()?.preparesLong)
      return
    const job = this.#next()
    if (job !== undefined) this.#waiting.unshift(job)
  }

  /** Finds an idle worker, else room for a new one, else a worker with room for a waiting message. */
  #findPlace(): PoolWorker | 'new' | undefined {
    const { workers, size, concurrency, isLocal } = this.#workerSet
    const isFull = this.#isFull()
    if (!isFull) {
      const idle = workers.find(isAvailable)
      if (idle !== undefined) return idle
      if (workers.length < size) return 'new'
      // Where all of them are stuck, one may still go on.
      if (workers.every((worker) => worker.isSlow && worker.messages === 0)) return workers[0]
    }
    const candidates = isFull ? workers.filter(isBusy) : workers
    const other = this.#findPartlyBusy(candidates)
    if (other !== undefined || isLocal) return other
    return candidates.find((worker) => worker.messages <= concurrency && !worker.isSlow)
  }

  /** Finds the worker with the fewest tasks among those that could run more. */
  #findPartlyBusy(workers: readonly PoolWorker[]): PoolWorker | undefined {
    const { concurrency } = this.#workerSet
    let least: PoolWorker | undefined
    for (const worker of concurrency === 1 ? [] : workers) {
      if (worker.isSlow || worker.size >= (least?.size ?? concurrency)) continue
      least = worker
    }
    return least
  }

  /**
   * Whether as many workers have tasks as may run at a time. Those that retire are among them: their successors start
   * meanwhile, but get no tasks yet.
   */
  #isFull(): boolean {
    const { workers, retiring, size } = this.#workerSet
    return retiring.size > 0 && countBusy(workers) + countBusy(retiring) >= size
  }

  /** Computes each worker's share of the pending tasks. */
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
        // Reading its input may have started another run of a higher priority.
        this.#runs.drop(run)
        run.isQueued = false
      }
    }
  }

  /**
   * Checks, while a worker is idle, for tasks that wait behind a slow task or on a stuck worker, and takes them back.
   */
  #watchSlowWorkers(): void {
    if (this.#slowTimer !== undefined || !this.#hasIdle()) return
    const dueMs = this.#takeBackDueMs()
    if (dueMs === Infinity) return
    this.#slowTimer = setTimeout(
      () => {
        this.#slowTimer = undefined
        const isPlaced = this.#waiting.length === 0 || this.#isFull()
        if (isPlaced && this.#hasIdle()) this.#takeBackFromSlow()
        this.#watchSlowWorkers()
      },
      Math.max(slowMs, dueMs),
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

  /** In how many ms tasks may be taken back from a worker at the earliest; Infinity if there are none. */
  #takeBackDueMs(): number {
    const { workers, retiring } = this.#workerSet
    const isFull = this.#isFull()
    let dueMs = Infinity
    for (const worker of [...workers, ...retiring]) {
      if (worker.unstarted === 0 || !this.#mayLose(worker)) continue
      if (worker.size > 1 && !isFull && !this.#startsForItsLast(worker)) return 0
      dueMs = Math.min(dueMs, stuckMs - worker.silentMs)
    }
    return dueMs
  }

  #takeBackFromSlow(): void {
    const isFull = this.#isFull()
    for (const worker of [...this.#workerSet.workers, ...this.#workerSet.retiring]) {
      const isStuck = worker.silentMs >= stuckMs
      // No other worker may run what waits behind a slow task while as many as may be are busy.
      const isSlow = worker.size > 1 && !isFull && !this.#startsForItsLast(worker)
      const jobs = (isSlow || isStuck) && this.#mayLose(worker) ? worker.takeBack() : []
      if (jobs.length === 0) continue
      // One that is only starting gets one of them again.
      worker.isSlow = isStuck || worker.size > 0
      this.giveBack(jobs)
    }
  }

  /** One that starts only for its last tasks does some of them, unless a worker that is ready can. */
  #mayLose(worker: PoolWorker): boolean {
    const { workers } = this.#workerSet
    return (
      !this.#startsForItsLast(worker) ||
      workers.some((other) => other.stage === 'ready' && isAvailable(other))
    )
  }

  #startsForItsLast(worker: PoolWorker): boolean {
    return worker.stage !== 'ready' && this.#workerSet.retiring.has(worker)
  }
}

/** A worker that has nothing to do, and is not known to be stuck. */
function isAvailable(worker: PoolWorker): boolean {
  return worker.messages === 0 && !worker.isSlow
}

function isBusy({ messages }: PoolWorker): boolean {
  return messages > 0
}

function countBusy(workers: Iterable<PoolWorker>): number {
  let count = 0
  for (const worker of workers) if (isBusy(worker)) count++
  return count
}

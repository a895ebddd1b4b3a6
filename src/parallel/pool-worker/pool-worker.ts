/** A worker as the pool sees it. */

import type { OneCopyError } from '../../errors.ts'
import type { BackendWorker, WorkerExit } from '../protocol/backend.ts'
import type { FromWorker } from '../protocol/messages.ts'
import type { Job } from '../run/job.ts'
import type { RunTimes } from '../run/run-times.ts'
import { FailedTasks } from './failed-tasks.ts'
import { type ResultSender, settleResults } from './settle-results.ts'
import { TaskSender } from './task-sender.ts'
import type { UnsettledTasks } from './unsettled-tasks.ts'
import {
  decodeThrown,
  type Stage,
  WorkerConnection,
  type WorkerSettings,
} from './worker-connection.ts'
import { lostWorker, noteTask, type WorkerEnd } from './worker-errors.ts'

/** How long a worker may take to exit before it is killed. */
const graceMs = 250

/** Events of a pool's workers. */
export interface PoolWorkerEvents {
  /** The worker has started. `outgrown`: its private bytes, if these exceed its limit before any task. */
  onReady(worker: PoolWorker, outgrown: number | undefined): void
  /** Results have arrived, so there may be room for more tasks. */
  onProgress(worker: PoolWorker): void
  /** It has got its first task, or finished its last one. */
  onBusy(isBusy: boolean): void
  /** Output was printed: by `job`, or between tasks. */
  onOutput(worker: PoolWorker, printed: readonly [1 | 2, Uint8Array], job: Job | undefined): void
  /** The initializer threw `error`; the worker runs no task. */
  onUninitialized(worker: PoolWorker, error: unknown): void
  /** Its private memory exceeds the limit: it gets no more tasks. */
  onOutgrown(worker: PoolWorker, bytes: number, last: Job | undefined): void
  /** It gets no more tasks and will end. `unstarted`: its tasks that no worker has started. */
  onRetire(worker: PoolWorker, unstarted: Job[]): void
  /** Tasks that it has not started were taken back; it continues. */
  onGiveBack(unstarted: Job[]): void
  /** It has ended. `unstarted`: tasks to run on another worker. */
  onLost(worker: PoolWorker, end: WorkerEnd, unstarted: Job[]): void
}

/** What a worker of a pool is made of. */
export interface PoolWorkerSettings extends WorkerSettings {
  /** Number of tasks after which it is replaced. */
  readonly maxTasks: number
}

/** One worker of a pool and the tasks that it has. */
export class PoolWorker {
  readonly #connection: WorkerConnection
  readonly #worker: BackendWorker
  readonly #events: PoolWorkerEvents
  readonly #times: RunTimes
  readonly #tasks: UnsettledTasks
  readonly #failed = new FailedTasks()
  readonly #sender: TaskSender
  readonly #resultSender: ResultSender
  #isRetiring = false
  /** Whether `onBusy` was last called with true. */
  #isBusy = false
  #killTimer: NodeJS.Timeout | undefined
  /** Tasks that it may still be given. */
  #capacity: number
  #lastJob: Job | undefined
  /** Whether the pool has asked it to end, or killed it. */
  isEnding = false
  /** What its end did to its tasks: `'failed'` if any failed, else `'retried'` if any runs again. */
  endedTasks: 'failed' | 'retried' | undefined
  /** Since when it has had no task, by `performance.now()`. */
  idleSince = performance.now()
  /** Whether tasks were taken back from it because it was slow; false again after its next result or `available`. */
  isSlow = false

  constructor(settings: PoolWorkerSettings, times: RunTimes, events: PoolWorkerEvents) {
    this.#times = times
    this.#events = events
    this.#capacity = settings.maxTasks
    this.#connection = new WorkerConnection(settings, {
      onMessage: (message) => this.#handle(message),
      onExit: (exit) => this.#end(exit),
    })
    this.#worker = this.#connection.worker
    this.#tasks = this.#connection.tasks
    this.#sender = new TaskSender(this.#worker, this.#tasks)
    const { label, pid } = this.#worker
    this.#resultSender = { label, pid, tasks: this.#tasks, failed: this.#failed }
  }

  /** What error texts call it. */
  get label(): string {
    return this.#worker.label
  }

  /** The process whose memory is this worker's alone, if it has one. */
  get pid(): number | undefined {
    return this.#worker.pid
  }

  /** Whether it is starting, initializing or ready. */
  get stage(): Stage {
    return this.#connection.stage
  }

  /** How many more tasks it may be given. */
  get capacity(): number {
    return this.#capacity
  }

  /** Notes how many private bytes it was seen to hold. */
  noteMemory(bytes: number): void {
    this.#connection.noteMemory(bytes)
  }

  /** The last task whose result came. */
  get lastJob(): Job | undefined {
    return this.#lastJob
  }

  /** Tasks that it has, running or not. */
  get size(): number {
    return this.#tasks.size
  }

  /** Tasks that it has not started. */
  get unstarted(): number {
    return this.#tasks.unstarted
  }

  /**
   * For how many milliseconds no message has come although it should start, run its initializer or begin a task. 0
   * while it runs a task, has none, or is ending.
   */
  get silentMs(): number {
    if (this.isEnding) return 0
    const isExpected = this.isSlow || this.unstarted > 0
    if (this.stage === 'ready' && (!isExpected || this.#tasks.running.length > 0)) return 0
    return this.#connection.silentMs
  }

  /** Messages with tasks that it has not finished. */
  get messages(): number {
    return this.#tasks.messages
  }

  /** The tasks that it runs and that have not failed yet, and for how many ms it has run them. */
  get running(): { readonly job: Job; readonly ms: number }[] {
    return this.#tasks.running.filter(({ job }) => !this.#failed.has(job))
  }

  /** How many tasks it may run at a time. */
  get concurrency(): number {
    return this.#worker.claims.concurrency
  }

  /** Whether it is running this task. */
  isIn(job: Job): boolean {
    return (
      job !== this.#failed.killedFor && this.#tasks.running.some((running) => running.job === job)
    )
  }

  /** Sends tasks, no more than it has `capacity` for; those that can't be sent fail. */
  send(jobs: readonly Job[]): void {
    this.#capacity -= jobs.length
    if (this.stage === 'ready' && this.size === 0 && !this.isSlow) this.#connection.awaitMessage()
    this.#sender.send(jobs)
    if (this.#tasks.size > 0) this.#setBusy(true)
    if (this.#capacity > 0) return
    this.#startRetiring([])
    if (this.#tasks.size === 0) this.close()
  }

  /** Waits for a message of it without sleeping, where that is possible, and handles it. */
  poll(maxMicros: number): void {
    this.#worker.poll?.(maxMicros)
  }

  /** Takes back what the worker has not started. */
  takeBack(): Job[] {
    const jobs = this.#tasks.takeBack()
    this.#capacity += jobs.length
    if (jobs.length > 0 && this.#tasks.size === 0) this.#noteIdle()
    return jobs
  }

  /** Whether it has a task of a run that has ended. */
  hasStoppedJobs(): boolean {
    return this.#tasks.hasStopped()
  }

  /** Whether it has not started a task of a run of a lower priority. */
  hasUnstartedBelow(priority: number): boolean {
    return this.unstarted > 0 && this.#tasks.hasUnstartedBelow(priority)
  }

  /** Aborts the `taskSignal()` of a task that it is running. */
  abort(job: Job): void {
    this.#worker.claims.abort(job.number)
    try {
      this.#worker.post(['abort'])
    } catch {
      // A worker that takes no messages is ending.
    }
  }

  /** Whether killing the worker because of `job` would lose other tasks of runs that continue. */
  holdsOthers(job: Job): boolean {
    return this.#tasks.holdsOthers(job)
  }

  /**
   * Fails one running task, as `evict` does. If the worker is running others too, it is not killed: the task's
   * `taskSignal()` is aborted instead.
   *
   * @returns whether the task has ended for the pool; false when the worker is still in it
   */
  expire(job: Job, error: unknown): boolean {
    const isAlone = this.#tasks.running.every((running) => running.job === job)
    if (isAlone || !this.isIn(job)) {
      this.evict(job, error)
      return true
    }
    this.#failed.add(job)
    noteTask(error, job, this.label)
    this.abort(job)
    job.run.failEarly(job, error)
    return false
  }

  /** Gives it no more tasks, because it will be killed for one that it is running. */
  stopGiving(): void {
    if (this.concurrency > 1) this.#startRetiring(this.takeBack())
  }

  /**
   * Fails one task that it has, because of a time limit or the end of its run, whatever that takes:
   *
   * - A task that it has not started is taken out, and the worker goes on.
   * - For a running task the worker is killed, without notice to the task. The tasks behind it, also those of other
   *   runs, run on other workers; the pool starts another worker if it needs one.
   * - A finished task is not affected: its result is on its way and counts.
   *
   * In the first two cases `error` is passed to `Run.fail` before this returns, with a note on task and worker, and
   * the run gets nothing else for this task.
   *
   * @param job - a task that was given to this worker
   * @param error - what the task is to fail with
   * @returns whether the task fails: false when it has finished, or the worker no longer has it
   */
  evict(job: Job, error: unknown): boolean {
    if (!this.#has(job)) return false
    const hasFailed = this.#failed.has(job)
    const unstarted = this.takeBack() // it starts no other task after this
    const at = unstarted.indexOf(job)
    if (at >= 0) unstarted.splice(at, 1)
    else if (this.#tasks.isFinished(job)) {
      this.#events.onGiveBack(unstarted)
      return false
    } else this.#failed.killFor(job)
    noteTask(error, job, this.label)
    if (this.#failed.killedFor === undefined) this.#events.onGiveBack(unstarted)
    else {
      this.#tasks.forgetMessages() // so that it no longer counts as busy
      this.isEnding = true
      this.#startRetiring(unstarted)
      this.#worker.kill()
    }
    if (!hasFailed) job.run.fail(job, error)
    return true
  }

  /** Ends the worker once its running tasks have finished; takes back those that it has not started. */
  retire(): void {
    this.#startRetiring(this.takeBack())
    if (this.#tasks.size === 0) this.close()
  }

  /**
   * Kills a worker that does not respond, and takes back the tasks that it has not started.
   *
   * @returns whether it was killed: false when it has started a task meanwhile
   */
  killUnresponsive(): boolean {
    const unstarted = this.takeBack()
    if (this.#tasks.size > 0) {
      this.#events.onGiveBack(unstarted)
      return false
    }
    this.isEnding = true
    this.#startRetiring(unstarted)
    this.#worker.kill()
    return true
  }

  /** Asks the worker to exit, and kills it if that takes longer than the grace period. */
  close(): void {
    if (this.isEnding) return
    this.isEnding = true
    try {
      this.#worker.post(['close'])
    } catch {
      this.#worker.kill()
    }
    this.#killTimer ??= setTimeout(() => this.#worker.kill(), graceMs).unref()
  }

  #has(job: Job): boolean {
    return this.#tasks.find(job.number) === job && job !== this.#failed.killedFor
  }

  #startRetiring(unstarted: Job[]): void {
    if (this.#isRetiring) return this.#events.onGiveBack(unstarted)
    this.#isRetiring = true
    this.#events.onRetire(this, unstarted)
  }

  /** Tells the worker to drop a function that no task refers to any more. */
  forget(id: number): void {
    this.#sender.forget(id)
  }

  #handle(message: FromWorker): void {
    switch (message[0]) {
      case 'ready':
        this.idleSince = performance.now()
        return this.#events.onReady(this, message[2])
      case 'initialized':
        this.idleSince = performance.now()
        return
      case 'uninitialized':
        return this.#events.onUninitialized(this, decodeThrown(message[1]))
      case 'available':
        this.isSlow = false
        return this.#events.onProgress(this)
      case 'output':
        return this.#events.onOutput(this, [message[1], message[3]], this.#tasks.find(message[2]))
      case 'outgrown':
        this.#events.onOutgrown(this, message[1], this.#lastJob)
        return this.retire()
      case 'uncaught':
        return // `onExit` follows, and reports it
      case 'results':
        return this.#settle(message)
    }
  }

  #settle(message: Extract<FromWorker, readonly ['results', ...unknown[]]>): void {
    const [, first, , holds] = message
    this.isSlow = false
    const last = settleResults(message, this.#resultSender, this.#times)
    if (last === undefined) return this.#connection.cutOff()
    this.#lastJob = last
    if (holds) this.#worker.post(['received', first])
    if (this.#tasks.size === 0) this.#noteIdle()
    this.#events.onProgress(this)
  }

  /** Notes that it has no tasks. */
  #noteIdle(): void {
    this.idleSince = performance.now()
    this.#setBusy(false)
    if (this.#isRetiring) this.close()
  }

  /** Calls `onBusy` only for changes: a run that fails may take tasks back in between. */
  #setBusy(isBusy: boolean): void {
    if (isBusy === this.#isBusy) return
    this.#isBusy = isBusy
    this.#events.onBusy(isBusy)
  }

  #end(exit: WorkerExit): void {
    clearTimeout(this.#killTimer)
    const end = this.#connection.conclude(exit, this.#failed.killedFor)
    const unstarted: Job[] = []
    for (const { job, isStarted, isFinished } of this.#tasks.drain()) {
      if (this.#failed.has(job)) {
        job.run.drop(job)
        continue
      }
      const isOver = job.run.isClosed
      const explain = (): OneCopyError => lostWorker(job, end, this.label, isFinished)
      if (!isStarted || job.run.lose(job, explain)) unstarted.push(job)
      if (!isStarted || isOver || this.endedTasks === 'failed') continue
      this.endedTasks = unstarted.at(-1) === job ? 'retried' : 'failed'
    }
    this.#setBusy(false)
    this.#events.onLost(this, end, unstarted)
  }
}

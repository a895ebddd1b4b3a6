/** A worker as the pool sees it. */

import type { OneCopyError } from '../../errors.ts'
import type { BackendWorker, WorkerExit } from '../protocol/backend.ts'
import type { FromWorker } from '../protocol/messages.ts'
import type { Job } from '../run/run.ts'
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

/** How long a worker may take to end by itself. */
const graceMs = 250

/** What a pool is told about its workers. */
export interface PoolWorkerEvents {
  /** The worker is up; its private bytes if it holds more than it may, before any task. */
  onReady(worker: PoolWorker, outgrown: number | undefined): void
  /** It has results, so perhaps room for more tasks. */
  onProgress(worker: PoolWorker): void
  /** It has begun to be busy, or has nothing to do any more. */
  onBusy(isBusy: boolean): void
  /** Lines were printed, by that task or between tasks. */
  onOutput(worker: PoolWorker, printed: readonly [1 | 2, Uint8Array], job: Job | undefined): void
  /** The initializer threw `error`; the worker runs no task. */
  onUninitialized(worker: PoolWorker, error: unknown): void
  /** It holds more memory of its own than it may, and takes no more tasks. */
  onOutgrown(worker: PoolWorker, bytes: number, last: Job | undefined): void
  /** It will end and takes no more tasks; `unstarted` are tasks that it never touched. */
  onLeave(worker: PoolWorker, unstarted: Job[]): void
  /** Tasks that it never touched come back; it goes on. */
  onGiveBack(unstarted: Job[]): void
  /** It has ended; `unstarted` are tasks that it never touched. */
  onLost(worker: PoolWorker, end: WorkerEnd, unstarted: Job[]): void
}

/** What a worker of a pool is made of. */
export interface PoolWorkerSettings extends WorkerSettings {
  /** How many tasks it may be given. */
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
  #isLeaving = false
  /** Whether the pool was told that it is busy. */
  #isBusy = false
  #killTimer: NodeJS.Timeout | undefined
  /** Tasks that it may still be given. */
  #capacity: number
  #lastJob: Job | undefined
  /** It was told to end. */
  isDismissed = false
  /** What its end did to its tasks: one failed by it, or else one runs again. */
  endedTasks: 'failed' | 'retried' | undefined
  /** When it had nothing to do any more, by `performance.now()`. */
  idleSince = performance.now()
  /** Tasks were taken back from it because it was slow; cleared when it has results, or says that it has room. */
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

  /** How far it has come. */
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
   * How long nothing has been heard of it although it should start, run its initializer or begin a task. 0 while it
   * runs a task, has none, or ends.
   */
  get silentMs(): number {
    if (this.isDismissed) return 0
    const isExpected = this.isSlow || this.unstarted > 0
    if (this.stage === 'ready' && (!isExpected || this.#tasks.running.length > 0)) return 0
    return this.#connection.silentMs
  }

  /** Messages on their way or in work. */
  get messages(): number {
    return this.#tasks.messages
  }

  /** The tasks that it is in and that can still fail, and for how many ms already. */
  get running(): { readonly job: Job; readonly ms: number }[] {
    return this.#tasks.running.filter(({ job }) => !this.#failed.has(job))
  }

  /** Tasks that it may be in at a time. */
  get concurrency(): number {
    return this.#worker.claims.concurrency
  }

  /** Whether it is in this task. */
  isIn(job: Job): boolean {
    return job !== this.#failed.blamed && this.#tasks.running.some((running) => running.job === job)
  }

  /** Sends tasks, no more than it has `capacity` for; those that can't be sent fail. */
  send(jobs: readonly Job[]): void {
    this.#capacity -= jobs.length
    if (this.stage === 'ready' && this.size === 0 && !this.isSlow) this.#connection.awaitMessage()
    this.#sender.send(jobs)
    if (this.#tasks.size > 0) this.#setBusy(true)
    if (this.#capacity > 0) return
    this.#leave([])
    if (this.#tasks.size === 0) this.close()
  }

  /** Takes back what the worker has not started. */
  takeBack(): Job[] {
    const jobs = this.#tasks.takeBack()
    this.#capacity += jobs.length
    if (jobs.length > 0 && this.#tasks.size === 0) this.#rest()
    return jobs
  }

  /** Whether it has a task of a run that is over. */
  hasStoppedJobs(): boolean {
    return this.#tasks.hasStopped()
  }

  /** Whether it has not started a task of a run of a lower priority. */
  hasUnstartedBelow(priority: number): boolean {
    return this.unstarted > 0 && this.#tasks.hasUnstartedBelow(priority)
  }

  /** Asks the task that it is in to let go. */
  abort(job: Job): void {
    this.#worker.claims.abort(job.number)
    try {
      this.#worker.post(['abort'])
    } catch {
      // A worker that can't be told is ending.
    }
  }

  /** Whether tasks of runs that go on would be lost with the worker, beside `job`, which it is in. */
  holdsOthers(job: Job): boolean {
    return this.#tasks.holdsOthers(job)
  }

  /**
   * Fails one task that it is in, as `evict` does, but does not end the worker when it is in others: the task is asked to
   * end.
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

  /** Gives it no more tasks: it will be ended because of one that it is in. */
  stopGiving(): void {
    if (this.concurrency > 1) this.#leave(this.takeBack())
  }

  /**
   * Fails one task that it has, because of a time limit or the end of its run, whatever that takes:
   *
   * - A task that it has not started is taken out, and the worker goes on.
   * - A task that it is in ends with the worker, at once and without a word to the task. Tasks behind it, of
   *   other runs too, are given back and run elsewhere; the pool starts another worker when it needs one.
   * - A task that has finished is left alone: its result is on the way and counts.
   *
   * In the first two cases `error` is given to the task's run (`Run.fail`) before this returns, with a note
   * on task and worker, and nothing else will come for this task.
   *
   * @param job - a task that was given to this worker
   * @param error - what the task is to fail with
   * @returns whether the task fails: false when it has finished, or is not the worker's any more
   */
  evict(job: Job, error: unknown): boolean {
    if (!this.#has(job)) return false
    const hasFailed = this.#failed.has(job)
    const unstarted = this.takeBack() // from now on it starts no other task
    const at = unstarted.indexOf(job)
    if (at >= 0) unstarted.splice(at, 1)
    else if (this.#tasks.isFinished(job)) {
      this.#events.onGiveBack(unstarted)
      return false
    } else this.#failed.blame(job)
    noteTask(error, job, this.label)
    if (this.#failed.blamed === undefined) this.#events.onGiveBack(unstarted)
    else {
      this.#tasks.forgetMessages() // it is busy no more
      this.isDismissed = true
      this.#leave(unstarted)
      this.#worker.kill()
    }
    if (!hasFailed) job.run.fail(job, error)
    return true
  }

  /** Lets the worker end when it has finished what it is in; what it has not started comes back. */
  retire(): void {
    this.#leave(this.takeBack())
    if (this.#tasks.size === 0) this.close()
  }

  /**
   * Ends a worker that does not respond; what it has not started comes back.
   *
   * @returns whether it was ended: false when it has begun a task after all
   */
  killUnresponsive(): boolean {
    const unstarted = this.takeBack()
    if (this.#tasks.size > 0) {
      this.#events.onGiveBack(unstarted)
      return false
    }
    this.isDismissed = true
    this.#leave(unstarted)
    this.#worker.kill()
    return true
  }

  /** Asks the worker to end by itself, and ends it when that takes too long. */
  close(): void {
    if (this.isDismissed) return
    this.isDismissed = true
    try {
      this.#worker.post(['close'])
    } catch {
      this.#worker.kill()
    }
    this.#killTimer ??= setTimeout(() => this.#worker.kill(), graceMs).unref()
  }

  #has(job: Job): boolean {
    return this.#tasks.find(job.number) === job && job !== this.#failed.blamed
  }

  #leave(unstarted: Job[]): void {
    if (this.#isLeaving) return this.#events.onGiveBack(unstarted)
    this.#isLeaving = true
    this.#events.onLeave(this, unstarted)
  }

  /** A function that nobody can call any more. */
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
        return // its end, which follows, says so
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
    if (this.#tasks.size === 0) this.#rest()
    this.#events.onProgress(this)
  }

  /** It has nothing to do any more. */
  #rest(): void {
    this.idleSince = performance.now()
    this.#setBusy(false)
    if (this.#isLeaving) this.close()
  }

  /** Each is told once, however many ways lead there: a run that fails takes the rest back in between. */
  #setBusy(isBusy: boolean): void {
    if (isBusy === this.#isBusy) return
    this.#isBusy = isBusy
    this.#events.onBusy(isBusy)
  }

  #end(exit: WorkerExit): void {
    clearTimeout(this.#killTimer)
    const end = this.#connection.conclude(exit, this.#failed.blamed)
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

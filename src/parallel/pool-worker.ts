/** A worker as the pool sees it. */

import type { Backend, BackendWorker, WorkerEvents, WorkerExit, WorkerLaunch } from './backend.ts'
import { OneCopyError } from '../errors.ts'
import { countOomKills } from './cgroup.ts'
import { isBefore, taskAfter } from './claims.ts'
import { sharedMs } from './clock.ts'
import { deadWorker } from './dead-worker.ts'
import { ToldFunctions } from './functions/known.ts'
import { restoreStack } from './functions/original-place.ts'
import type { Shipment } from './functions/shipments.ts'
import { lostWorker, type MemoryNote, noteTask, type WorkerEnd } from './lost.ts'
import {
  calling,
  failed,
  type Form,
  type FromWorker,
  marked,
  plain,
  type ToWorker,
  type WorkerSetup,
} from './messages.ts'
import { decode } from './payload/decode.ts'
import { Parcel } from './payload/parcel.ts'
import { Queue } from './queue.ts'
import type { Job } from './run.ts'
import type { RunTimes } from './run-times.ts'

/** What a result takes in a message: form, value, milliseconds. */
const resultLength = 3

/** How long a worker may take to end by itself. */
const graceMs = 250

/** What a pool is told about its workers. */
export interface PoolWorkerEvents {
  /** The worker is up. */
  onReady(worker: PoolWorker): void
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

/** What a worker is made of. */
export interface PoolWorkerSettings {
  readonly backend: Backend
  readonly setup: WorkerSetup
  readonly launch: WorkerLaunch
  /** What it is told before its first task. */
  readonly initialize: ToWorker | undefined
  /** How many tasks it may be given. */
  readonly maxTasks: number
}

/** How far a worker has come. */
type Stage = 'starting' | 'initializing' | 'ready'

/** One worker of a pool and the tasks that it has. */
export class PoolWorker {
  readonly #worker: BackendWorker
  readonly #events: PoolWorkerEvents
  readonly #times: RunTimes
  /** Tasks sent and not settled, in their order. */
  readonly #jobs = new Queue<Job>()
  /** How many unsettled tasks each message on its way still has. */
  readonly #messages = new Queue<{ tasks: number }>()
  /** Functions that the worker knows. */
  readonly #functions = new ToldFunctions()
  /** What nobody caught in the worker, which it sent just before its end. */
  #uncaught: { error: unknown } | undefined
  /** The task for whose sake it was ended. */
  #blamed: Job | undefined
  #isLeaving = false
  /** Whether the pool was told that it is busy. */
  #isBusy = false
  #killTimer: NodeJS.Timeout | undefined
  readonly #hasInitializer: boolean
  /** Tasks that it may still be given. */
  #capacity: number
  #lastJob: Job | undefined
  readonly #oomKills: number | undefined
  #memory: MemoryNote = {}
  stage: Stage = 'starting'
  /** It was told to end. */
  isDismissed = false
  /** It ended in the middle of tasks. */
  wasBusy = false
  /** When it had nothing to do any more, by `performance.now()`. */
  idleSince = performance.now()
  /** Tasks were taken back from it because it was slow; cleared when it has results. */
  isSlow = false

  constructor(settings: PoolWorkerSettings, times: RunTimes, events: PoolWorkerEvents) {
    const { backend, setup, launch, initialize, maxTasks } = settings
    this.#times = times
    this.#events = events
    this.#capacity = maxTasks
    this.#hasInitializer = initialize !== undefined
    const workerEvents: WorkerEvents = {
      onMessage: (message) => this.#receive(message),
      onExit: (exit) => this.#end(exit),
    }
    try {
      this.#worker = backend.start(setup, workerEvents, launch)
    } catch (error) {
      this.#worker = deadWorker(error, workerEvents)
    }
    this.#oomKills = this.pid === undefined ? undefined : countOomKills()
    if (initialize !== undefined) this.#worker.post(initialize)
  }

  /** What error texts call it. */
  get label(): string {
    return this.#worker.label
  }

  /** The process whose memory is this worker's alone, if it has one. */
  get pid(): number | undefined {
    return this.#worker.pid
  }

  /** How many more tasks it may be given. */
  get capacity(): number {
    return this.#capacity
  }

  /** Notes how many private bytes it was seen to hold. */
  noteMemory(bytes: number): void {
    this.#memory = { ...this.#memory, lastSeen: bytes }
  }

  /** Tasks that it has, running or not. */
  get size(): number {
    return this.#jobs.length
  }

  /** Messages on their way or in work. */
  get messages(): number {
    return this.#messages.length
  }

  /** The task that it is in, and for how many ms already; undefined between tasks. */
  get running(): { job: Job; ms: number } | undefined {
    const { task, ms = 0 } = this.#worker.claims.running ?? {}
    const job = this.#find(task)
    return job === undefined || job === this.#blamed ? undefined : { job, ms }
  }

  /** Sends tasks, no more than it has `capacity` for; those that can't be sent fail. */
  send(jobs: readonly Job[]): void {
    this.#capacity -= jobs.length
    if (!this.#post(jobs)) {
      // One of them can't be cloned: sent one by one, that one fails alone.
      for (const job of jobs) this.#post([job])
    }
    if (this.#jobs.length > 0) this.#setBusy(true)
    if (this.#capacity > 0) return
    this.#leave([])
    if (this.#jobs.length === 0) this.close()
  }

  /** Takes back what the worker has not started. */
  takeBack(): Job[] {
    let count = this.#worker.claims.takeBack()
    if (count === 0) return []
    const jobs = this.#jobs.popMany(count)
    this.#capacity += count
    while (count > 0) {
      const message = this.#messages.last()!
      const taken = Math.min(count, message.tasks)
      message.tasks -= taken
      count -= taken
      if (message.tasks === 0) this.#messages.popMany(1)
    }
    if (this.#jobs.length === 0) this.#rest()
    return jobs
  }

  /** Whether it has a task of a run that is over. */
  hasStoppedJobs(): boolean {
    for (const { run } of this.#jobs) if (run.isClosed) return true
    return false
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

  /** Whether finished results of runs that go on wait in the worker behind `job`, which it is in. */
  holdsBack(job: Job): boolean {
    for (const other of this.#jobs) {
      if (other === job) return false
      if (!other.run.isClosed) return true
    }
    return false
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
    const unstarted = this.takeBack() // from now on it starts no other task
    const at = unstarted.indexOf(job)
    if (at >= 0) unstarted.splice(at, 1)
    else if (isBefore(job.number, this.#worker.claims.state.unfinished)) {
      this.#events.onGiveBack(unstarted)
      return false
    } else this.#blamed = job
    noteTask(error, job, this.label)
    if (this.#blamed === undefined) this.#events.onGiveBack(unstarted)
    else {
      this.#messages.popMany(this.#messages.length) // it is busy no more
      this.isDismissed = true
      this.#leave(unstarted)
      this.#worker.kill()
    }
    job.run.fail(job, error)
    return true
  }

  /** Lets the worker end when it has finished what it is in; what it has not started comes back. */
  retire(): void {
    this.#leave(this.takeBack())
    if (this.#jobs.length === 0) this.close()
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
    return this.#find(job.number) === job && job !== this.#blamed
  }

  #find(number: number | undefined): Job | undefined {
    for (const job of this.#jobs) if (job.number === number) return job
    return undefined
  }

  #leave(unstarted: Job[]): void {
    if (this.#isLeaving) return this.#events.onGiveBack(unstarted)
    this.#isLeaving = true
    this.#events.onLeave(this, unstarted)
  }

  /** A function that nobody can call any more. */
  forget(id: number): void {
    if (this.#functions.drop(id)) this.#worker.post(['forget', [id]])
  }

  /** Returns false when nothing was sent, since something in it can't be cloned. */
  #post(jobs: readonly Job[]): boolean {
    const { claims } = this.#worker
    const first = claims.offer(jobs.length)
    const told = new Set<Shipment>()
    const calls: unknown[] = []
    let isEager = false
    for (const { run, task, encoded, fn, others } of jobs) {
      if (!this.#functions.has(fn)) told.add(fn)
      for (const other of others) if (!this.#functions.has(other)) told.add(other)
      const args = encoded?.value ?? task.args
      if (others.length > 0) calls.push(fn.id, calling, [others.map(({ id }) => id), args])
      else calls.push(fn.id, encoded?.marked ? marked : plain, args)
      isEager ||= run.mayKill
    }
    const functions = [...told].flatMap(({ id, sent }) => [id, sent])
    const forgotten = this.#functions.add(told)
    try {
      this.#worker.post(['run', first, functions, calls, forgotten, isEager])
    } catch (cause) {
      for (const { id } of told) this.#functions.drop(id)
      claims.withdraw(jobs.length)
      if (jobs.length === 1) this.#refuse(jobs[0]!, cause)
      return false
    }
    for (const [i, job] of jobs.entries()) {
      job.number = taskAfter(first, i)
      this.#jobs.push(job)
    }
    this.#messages.push({ tasks: jobs.length })
    return true
  }

  #refuse(job: Job, cause: unknown): void {
    const error = new OneCopyError(
      'ERR_UNSENDABLE',
      `The arguments of task ${job.index} (\`${job.task.callee.name}\`) can't be sent: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
    noteTask(error, job, this.label)
    job.run.fail(job, error)
  }

  #receive(message: FromWorker): void {
    switch (message[0]) {
      case 'ready':
        this.idleSince = performance.now()
        this.#memory = { ...this.#memory, heapLimit: message[1] }
        this.stage = this.#hasInitializer ? 'initializing' : 'ready'
        return this.#events.onReady(this)
      case 'initialized':
        this.stage = 'ready'
        this.idleSince = performance.now()
        return
      case 'uninitialized':
        return this.#events.onUninitialized(this, decode(message[1]))
      case 'output':
        return this.#events.onOutput(this, [message[1], message[3]], this.#find(message[2]))
      case 'outgrown':
        this.noteMemory(message[1])
        this.#events.onOutgrown(this, message[1], this.#lastJob)
        return this.retire()
      case 'uncaught':
        this.#uncaught = { error: decode(message[1]) }
        restoreStack(this.#uncaught.error)
        return
      case 'results':
        return this.#settle(message)
    }
  }

  #settle([, first, results, holds, startMs]: Extract<
    FromWorker,
    readonly ['results', ...unknown[]]
  >): void {
    const arrivedMs = sharedMs()
    let taskMs = startMs
    this.isSlow = false
    const count = results.length / resultLength
    let endMs = performance.now()
    for (let i = 1; i < count; i++) endMs -= results[i * resultLength + 2] as number
    for (let i = 0; i < count; i++) {
      const job = this.#jobs.shift()!
      const at = i * resultLength
      const ms = results[at + 2] as number
      this.#times.record(job, ms, taskMs, arrivedMs)
      taskMs += ms
      // Tasks of one message ran one after the other.
      if (i > 0) endMs += ms
      const { run, index, task } = job
      run.watch?.add({ index, name: task.callee.name }, this, endMs, ms)
      this.#settleJob(job, [results[at] as Form, results[at + 1]], holds)
      this.#lastJob = job
      const message = this.#messages.peek()
      if (message !== undefined && --message.tasks === 0) this.#messages.shift()
    }
    if (holds) this.#worker.post(['received', taskAfter(first, count - 1)])
    if (this.#jobs.length === 0) this.#rest()
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

  #settleJob(job: Job, [form, value]: readonly [Form, unknown], holds: boolean): void {
    if (job === this.#blamed) return
    try {
      if (form === marked && holds)
        return job.run.succeed(job, new Parcel(value, job.encoded?.kept ?? []))
      const decoded = form === plain ? value : decode(value)
      if (form !== failed) return job.run.succeed(job, decoded)
      restoreStack(decoded)
      noteTask(decoded, job, this.label)
      job.run.fail(job, decoded)
    } catch (error) {
      noteTask(error, job, this.label)
      job.run.fail(job, error)
    }
  }

  #end(exit: WorkerExit): void {
    clearTimeout(this.#killTimer)
    const isOomKill =
      exit.signal === 'SIGKILL' &&
      this.#oomKills !== undefined &&
      countOomKills() !== this.#oomKills
    const end: WorkerEnd = {
      ...exit,
      ...(this.#uncaught === undefined ? {} : { error: this.#uncaught.error }),
      memory: { ...this.#memory, isOomKill },
      ...(this.#blamed && { blamed: this.#blamed }),
    }
    const { unclaimed, unfinished } = this.#worker.claims.state
    const unstarted: Job[] = []
    this.wasBusy = this.#jobs.length > 0
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      if (job === this.#blamed) continue
      if (isBefore(job.number, unclaimed)) {
        const isFinished = isBefore(job.number, unfinished)
        const explain = (): OneCopyError => lostWorker(job, end, this.label, isFinished)
        if (job.run.lose(job, explain)) unstarted.push(job)
      } else unstarted.push(job)
    }
    this.#setBusy(false)
    this.#events.onLost(this, end, unstarted)
  }
}

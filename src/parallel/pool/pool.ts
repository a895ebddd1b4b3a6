/** Starts, keeps, replaces and ends the workers of a Parallel. */

import { collectEagerly, freeScratch } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import { checkRunStart } from './check-run-start.ts'
import { abandon } from './kill-after-grace.ts'
import { shareOfCores } from '../machine/cores.ts'
import { Admission } from './admission.ts'
import { Deadlines } from './deadlines.ts'
import { FunctionCache } from '../functions/bundles/function-cache.ts'
import { FailedStarts } from './failed-starts.ts'
import { Initializer } from './initializer.ts'
import { KeepAlive } from '../machine/keep-alive.ts'
import {
  failedInitializer,
  failedStart,
  isUncaught,
  lateInitializer,
  lateStart,
  lostInitializer,
  warnEnded,
  warnFewer,
  warnOutgrown,
  warnTooLarge,
  warnUnresponsive,
  type WorkerEnd,
} from '../pool-worker/worker-errors.ts'
import type { ArrayRules } from '../payload/encode-arrays.ts'
import { SharedCopies } from '../payload/shared-copies.ts'
import type { ParallelSettings } from './parallel-options.ts'
import { PoolWorker, type PoolWorkerEvents } from '../pool-worker/pool-worker.ts'
import { print } from './printer.ts'
import type { Job } from '../run/job.ts'
import { Run, type RunOwner } from '../run/run.ts'
import { ProgressBar } from '../run/progress-bar.ts'
import type { RunSettings } from '../run/run-options.ts'
import { type RunMemory, RunWatch } from '../run/run-memory.ts'
import { Reporter } from './reporter.ts'
import type { RunStats } from '../run/run-stats.ts'
import { RunTimes } from '../run/run-times.ts'
import { type WorkerSet, Scheduler } from './scheduler.ts'
import type { Sink } from '../run/sink.ts'
import type { Tasks } from '../tasks/task-source.ts'
import { IdleWorkers } from './idle-workers.ts'
import { UnresponsiveWorkers } from './unresponsive-workers.ts'

/** The workers of one Parallel, and the runs on them. */
export class Pool implements WorkerSet, PoolWorkerEvents, RunOwner {
  readonly workers: PoolWorker[] = []
  readonly retiring = new Set<PoolWorker>()
  readonly rules: Omit<ArrayRules, 'share'>
  readonly copies = new SharedCopies()
  readonly functions: FunctionCache
  readonly #settings: ParallelSettings
  readonly #times = new RunTimes()
  readonly #scheduler = new Scheduler(this, this.#times)
  readonly #admission: Admission
  readonly #deadlines = new Deadlines(() => this.#all())
  readonly #runs = new Set<Run>()
  readonly #keepAlive = new KeepAlive()
  readonly #initializer: Initializer | undefined
  readonly #endEagerGc: (() => void) | undefined
  readonly #failedStarts = new FailedStarts(() => this.#scheduler.dispatchSoon())
  readonly #idleWorkers: IdleWorkers
  readonly #unresponsiveWorkers: UnresponsiveWorkers
  #hasWarned = false
  /** Whether any run has had a priority other than 0. */
  #hasPriorities = false
  #lastNumber = 0
  #closing: Promise<void> | undefined
  #onEmpty: (() => void) | undefined
  #watch: RunWatch | undefined

  constructor(settings: ParallelSettings) {
    this.#settings = settings
    this.#admission = new Admission(settings.maxQueue, settings.workers * settings.concurrency)
    this.rules = {
      shareFromBytes: settings.shareFromBytes,
      sameProcess: settings.backend.sameProcess,
    }
    this.functions = new FunctionCache(this.rules, this.copies, settings.captures, (id) => {
      for (const worker of [...this.workers, ...this.retiring]) worker.forget(id)
    })
    this.#initializer = settings.initializer && new Initializer(settings.initializer)
    if (settings.eagerGc) this.#endEagerGc = collectEagerly()
    this.#idleWorkers = new IdleWorkers(this, settings.idleTimeoutMs, settings.minWorkers)
    this.#unresponsiveWorkers = new UnresponsiveWorkers(
      () => this.#all(),
      settings.startTimeoutMs,
      (worker) => this.#endUnresponsive(worker),
    )
    if (settings.minWorkers > 0) this.#startEarly()
  }

  get size(): number {
    return this.#failedStarts.isPaused ? Math.max(1, this.workers.length) : this.#settings.workers
  }

  get concurrency(): number {
    return this.#settings.concurrency
  }

  get places(): number {
    return this.#settings.workers * this.concurrency
  }

  get isLocal(): boolean {
    return this.#settings.backend.sameThread
  }

  /**
   * Starts a run.
   *
   * @param settings - its options in full
   * @throws OneCopyError `ERR_CLOSED`; `ERR_FUNCTION`, `ERR_UNSENDABLE` for the initializer; `ERR_FUNCTION` when it
   *   starts because a worker loads a file; TypeError when `tasks` can't be iterated
   */
  run(tasks: Tasks, sink: Sink, settings: RunSettings = this.#settings): Run {
    if (this.#closing !== undefined) throw closedError('The run was not started')
    this.#admission.require(settings)
    const start = checkRunStart(tasks, this.functions)
    this.#initializer?.prepare(this.rules, this.copies, this.functions, start)
    this.#startMinimum()
    const run = new Run(tasks, sink, this, settings, start)
    if (this.#settings.monitor) this.#watch = run.watch = new RunWatch()
    this.#runs.add(run)
    if (settings.progress || settings.onProgress !== undefined) this.#observe(run, sink)
    this.#deadlines.add(run)
    run.listen()
    if (!run.isClosed) this.#admission.enter(run, () => this.#beginWatched(run))
    return run
  }

  /** The memory of the run that started last, once it has ended; undefined without a monitor. */
  memory(): Promise<RunMemory> | undefined {
    return this.#watch?.memory
  }

  /** How many tasks a new worker may get before it is replaced. */
  get capacity(): number {
    return this.isLocal ? Infinity : this.#settings.maxTasksPerWorker
  }

  /** Starts a worker. */
  start(): PoolWorker {
    const { backend, launch, kernelThreads, shareFromBytes, maxMemoryPerWorker, eagerGc } =
      this.#settings
    const setup = {
      worker: ++this.#lastNumber,
      concurrency: this.concurrency,
      cores: shareOfCores(this.#settings.workers),
      kernelThreads,
      shareFromBytes,
      maxMemory: maxMemoryPerWorker === Infinity ? null : maxMemoryPerWorker,
      eagerGc,
      sendsOutput: true,
    }
    const initialize = this.#initializer?.prepare(this.rules, this.copies, this.functions)
    const settings = { backend, setup, launch, initialize, maxTasks: this.capacity }
    const worker = new PoolWorker(settings, this.#times, this)
    this.workers.push(worker)
    this.#idleWorkers.begin()
    this.#unresponsiveWorkers.begin()
    return worker
  }

  /** When tasks were last sent to workers, by `sharedMs`. */
  get dispatchMs(): number {
    return this.#scheduler.dispatchMs
  }

  /** The times of all tasks so far, or those of the runs with one name. */
  stats(name?: string): RunStats {
    return this.#times.stats(name)
  }

  /** Fails all runs in progress and ends all workers; resolves when they have ended. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  onRoom(run: Run): void {
    if (run.hasBegun) this.#scheduler.wake(run)
  }

  onClose(run: Run, isEarly: boolean): void {
    run.watch?.end()
    this.#runs.delete(run)
    this.#deadlines.delete(run)
    this.#admission.remove(run)
    if (!isEarly) return
    this.#scheduler.dropClosedRuns()
    abandon(run, this.#all())
  }

  onReady({ label }: PoolWorker, outgrown: number | undefined): void {
    this.#failedStarts.endSeries()
    this.#scheduler.onReady()
    if (outgrown === undefined || this.#hasWarned) return
    this.#hasWarned = true
    warnTooLarge(label, outgrown, this.#settings.maxMemoryPerWorker)
  }

  onProgress(): void {
    this.#admission.admit()
    this.#scheduler.onProgress()
  }

  onBusy(isBusy: boolean): void {
    if (isBusy) this.#keepAlive.hold()
    else this.#keepAlive.release()
  }

  onRetire(worker: PoolWorker, unstarted: Job[]): void {
    this.workers.splice(this.workers.indexOf(worker), 1)
    this.retiring.add(worker)
    this.#scheduler.giveBack(unstarted)
    if (worker.size > 0) this.#startSuccessor()
  }

  /**
   * Starts the next worker while others finish their last tasks, in which they may be stuck. Where there is none for the
   * next task, workers that are ending don't count.
   */
  #startSuccessor(): void {
    const finishing = [...this.retiring].filter(({ isEnding }) => !isEnding).length
    const count = this.workers.length === 0 ? finishing : this.retiring.size
    if (finishing > 0 && count <= this.size && this.#scheduler.hasWork) this.start()
  }

  onOutput(worker: PoolWorker, printed: readonly [1 | 2, Uint8Array], job: Job | undefined): void {
    try {
      print(this.#settings.output, printed, worker.label, job)
    } catch (error) {
      if (job === undefined && this.#runs.size === 0) throw error
      for (const run of job === undefined ? this.#runs : [job.run]) run.stop({ error })
    }
  }

  onUninitialized(worker: PoolWorker, error: unknown): void {
    this.#failAll(failedInitializer(this.#initializer!.name, worker.label, error))
    worker.retire()
  }

  onOutgrown(worker: PoolWorker, bytes: number, last: Job | undefined): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    warnOutgrown(worker.label, bytes, this.#settings.maxMemoryPerWorker, last)
  }

  onGiveBack(unstarted: Job[]): void {
    this.#scheduler.giveBack(unstarted)
  }

  onLost(worker: PoolWorker, end: WorkerEnd, unstarted: Job[]): void {
    if (!this.retiring.delete(worker)) this.workers.splice(this.workers.indexOf(worker), 1)
    this.#checkEnd(worker, end)
    if (this.#closing !== undefined) {
      for (const job of unstarted) job.run.drop(job)
      if (this.workers.length + this.retiring.size === 0) this.#onEmpty?.()
      return
    }
    this.#scheduler.giveBack(unstarted)
    // A worker that has run no task may have ended for a reason that ends the next one, too.
    if (worker.lastJob !== undefined) {
      this.#startMinimum()
      if (this.workers.length === 0) this.#startSuccessor()
    }
    this.#admission.admit()
  }

  /** Starts `minWorkers` before the first run. */
  #startEarly(): void {
    const { initializer } = this.#settings
    try {
      const start = checkRunStart(initializer === undefined ? [] : [initializer], this.functions)
      this.#initializer?.prepare(this.rules, this.copies, this.functions, start)
      this.#startMinimum()
    } catch {
      // The first run fails with the reason: an initializer that can't be sent, a pool that is made in a task's module.
    }
  }

  #startMinimum(): void {
    while (this.workers.length < this.#settings.minWorkers) this.start()
  }

  /** Reports an unexpected end, unless a task has failed because of it. */
  #checkEnd(worker: PoolWorker, end: WorkerEnd): void {
    const { stage, label, isEnding, endedTasks } = worker
    if (isEnding) {
      // What a finished task left behind may fail while its worker is being closed.
      if (isUncaught(end) && endedTasks !== 'failed' && stage !== 'starting')
        warnEnded(end, label, worker.lastJob)
    } else if (stage === 'initializing') {
      this.#failAll(lostInitializer(this.#initializer!.name, end, label))
    } else if (stage === 'starting' && this.#failedStarts.add()) {
      this.#endFailedStarts(end, label)
    } else if (stage === 'ready' && endedTasks !== 'failed') {
      if (endedTasks === undefined || isUncaught(end)) warnEnded(end, label, worker.lastJob)
    }
  }

  /** Fails all runs when no worker can start; with other workers they continue. */
  #endFailedStarts(end: WorkerEnd, label: string): void {
    const count = this.workers.filter(isReady).length
    if (count > 0) {
      if (!this.#failedStarts.isReported) warnFewer(end, label, count)
      this.#failedStarts.isReported = true
      return this.#failedStarts.pause()
    }
    this.#failedStarts.endSeries()
    this.#failAll(failedStart(end, label))
  }

  #endUnresponsive(worker: PoolWorker): void {
    const { stage, label } = worker
    const { startTimeoutMs } = this.#settings
    if (!worker.killUnresponsive()) return
    if (this.#runs.size > 0 && stage === 'initializing')
      this.#failAll(lateInitializer(this.#initializer!.name, label, startTimeoutMs))
    else if (this.#runs.size > 0 && stage === 'starting' && !this.workers.some(isReady))
      this.#failAll(lateStart(label, startTimeoutMs))
    else warnUnresponsive(label, stage, startTimeoutMs)
  }

  #beginWatched(run: Run): void {
    if (run.watch === undefined) this.#begin(run)
    else
      run.watch.begun.then(
        () => this.#begin(run),
        (error: unknown) => run.stop({ error }),
      )
  }

  #begin(run: Run): void {
    run.hasBegun = true
    if (run.isClosed) return
    const { priority } = run.settings
    this.#hasPriorities ||= priority !== 0
    if (this.#hasPriorities) this.#scheduler.takeBackBelow(priority)
    // The first worker starts while the first function is looked up, which takes about as long.
    if (this.workers.length === 0 && (run.total ?? 0) > 0) this.start()
    this.#scheduler.wake(run)
  }

  #observe(run: Run, sink: Sink): void {
    const bar = run.settings.progress ? new ProgressBar() : undefined
    const place = { workers: () => this.workers, buffered: () => sink.buffered }
    run.reporter = new Reporter(run, place, (progress) => {
      bar?.show(progress)
      run.tell(progress)
    })
  }

  /** All workers, those that retire included. */
  #all(): PoolWorker[] {
    return [...this.workers, ...this.retiring]
  }

  async #close(): Promise<void> {
    this.#failAll(closedError('The run was ended before its last result'))
    this.#keepAlive.hold()
    const empty = Promise.withResolvers<void>()
    this.#onEmpty = empty.resolve
    for (const worker of this.#all()) worker.close()
    if (this.workers.length + this.retiring.size > 0) await empty.promise
    this.#keepAlive.close()
    this.#endEagerGc?.()
    this.#idleWorkers.end()
    this.#failedStarts.close()
    this.#unresponsiveWorkers.end()
    this.copies.close()
    this.#initializer?.close()
    freeScratch()
    this.#scheduler.dispatchSoon() // drops what still waits
  }

  #failAll(error: OneCopyError): void {
    // Runs that wait fail too, so that none starts in place of another.
    this.#admission.pause()
    for (const run of this.#runs) run.stop({ error })
    this.#admission.resume()
  }
}

function isReady({ stage }: PoolWorker): boolean {
  return stage === 'ready'
}

function closedError(what: string): OneCopyError {
  return new OneCopyError(
    'ERR_CLOSED',
    `${what}: this Parallel is closed. Make a new one, or close it after its last run.`,
  )
}

/** Monitors the memory of a process tree from its own thread. */

import { Worker } from 'node:worker_threads'
import { OneCopyError } from '../../errors.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import { packageModule } from '../../package-file.ts'
import { makeMark } from '../marks/mark.ts'
import type { PhaseDetails } from '../marks/mark-file.ts'
import {
  requireInterval,
  requireName,
  requirePid,
  requirePssBudget,
} from '../marks/check-arguments.ts'
import { hasProc } from '../proc/proc-files.ts'
import { publishHeap } from '../marks/publish-heap.ts'
import type { HeapPublisher } from '../marks/publish-heap.ts'
import { RunRecorder } from '../record/recorder.ts'
import { noticeWatch } from '../marks/watched-variable.ts'
import type { MemoryReport } from '../report/report.ts'
import type { CommandEnding, RunData } from '../record/run-data.ts'
import { EarlyWatch } from './early-watch.ts'
import { sampleTree } from '../sampling/sample.ts'
import type { TreeSample } from '../sampling/sample.ts'
import { HandoverLock } from './handover-lock.ts'
import type {
  SamplerAnswer,
  SamplerData,
  SamplerMark,
  SamplerRequest,
  SamplerSample,
  SamplerTask,
} from './sampler-worker.ts'

/** What to watch, and how closely. */
export interface MonitorOptions {
  /** Where the tree starts, default this process. */
  readonly pid?: number
  /** Milliseconds between samples, default 100. */
  readonly intervalMs?: number
  /** Whether descendants belong to the tree, default true. */
  readonly children?: boolean
  /**
   * The share of one core that reading PSS and USS may take, default 0.02; 0 reads none. A process
   * stalls while its PSS is read, so large processes are read rarely. If one reading takes more than
   * 25 ms, there are no more.
   */
  readonly pssBudget?: number
}

/**
 * Starts watching a process and its descendants. The first sample is taken before this returns.
 * On a system without /proc (macOS) the report has phases and times, but no figures.
 *
 * @throws TypeError when an option has the wrong type
 * @throws OneCopyError `ERR_OPTION` when the interval is out of range, `ERR_SYSTEM` when there is
 *   no such process
 *
 * @example
 * ```ts
 * const monitor = startMonitor()
 * await work()
 * const { start, peak } = await monitor.stop()
 * // A figure is undefined on a system that does not show it.
 * console.log(`${(peak.hard ?? NaN) - (start.hard ?? NaN)} bytes more than before`)
 * ```
 */
export function startMonitor(options: MonitorOptions = {}): MemoryMonitor {
  requireKnown('startMonitor', options, names)
  const pid = requirePid(options.pid ?? process.pid)
  const intervalMs = requireInterval(options.intervalMs ?? 100)
  const children = options.children ?? true
  const pssBudget = requirePssBudget(options.pssBudget ?? 0.02)
  const start = sampleTree(pid, { children })
  if (hasProc() && start.processes.length === 0) {
    throw new OneCopyError(
      'ERR_SYSTEM',
      `Expected \`pid\` to be a living process, but there is no process ${pid}.`,
      { details: { pid } },
    )
  }
  const turn = new HandoverLock().state
  return new MemoryMonitor({ pid, intervalMs, children, pssBudget, start, turn })
}

const names: OptionNames<MonitorOptions> = {
  pid: true,
  intervalMs: true,
  children: true,
  pssBudget: true,
}

/** A running watch. Whoever starts it must stop it. */
export class MemoryMonitor {
  readonly #task: SamplerTask
  #worker: Worker | undefined
  readonly #waiting: PromiseWithResolvers<SamplerAnswer>[] = []
  readonly #blind: RunRecorder
  readonly #heap: HeapPublisher
  readonly #endNotice: () => void
  /** Watches in this thread, as far as its event loop is free, until the other thread is up. */
  #early: EarlyWatch | undefined
  #failure: OneCopyError | undefined
  #report: Promise<MemoryReport> | undefined

  /** @internal use {@link startMonitor} */
  constructor(task: SamplerTask) {
    this.#task = task
    this.#blind = new RunRecorder(task.start)
    this.#heap = publishHeap()
    this.#endNotice = noticeWatch()
    if (!hasProc()) return
    this.#early = new EarlyWatch(task, (earlier) => this.#worker?.postMessage({ earlier }))
    this.#worker = this.#startWorker({ ...task, ...this.#early.watch.found })
  }

  /**
   * Takes a sample now and adds it to the report.
   *
   * @throws OneCopyError `ERR_MONITOR` when the monitor was stopped, or its thread failed
   */
  async sample(): Promise<TreeSample> {
    return this.#take('sample')
  }

  /** @internal Takes a sample in the monitor's own thread, which has come up when this resolves. */
  async settle(): Promise<void> {
    if (this.#worker) await this.#ask<SamplerSample>('sample')
  }

  /**
   * Begins a phase of the run. It ends the previous phase of this thread, and lasts until the next
   * mark or the stop. The report combines phases with the same name. Resolves when a sample of the
   * start has been taken, so a phase that is shorter than the interval has figures too. Other
   * processes of the tree mark their own phases with {@link mark}.
   *
   * @param details - plain data to keep with the phase, at most 8 KB as JSON
   * @throws TypeError when the name is not a string, or the details are not plain data
   * @throws OneCopyError `ERR_MONITOR` when the monitor was stopped, or its thread failed
   */
  async mark(name: string, details?: PhaseDetails): Promise<void> {
    requireName(name)
    this.#requireRunning()
    await this.#take({ mark: makeMark(name, details) })
  }

  /**
   * Returns the report so far. The watch continues, and no sample is taken.
   *
   * @param options - `sinceMs`: only samples after this many milliseconds from the start, and the
   *   processes in them; the peak, the phases and the shared memory are always those of the whole
   *   run
   * @throws OneCopyError `ERR_MONITOR` when the monitor was stopped, or its thread failed
   */
  async report(options: { readonly sinceMs?: number } = {}): Promise<MemoryReport> {
    requireKnown('MemoryMonitor.report', options, { sinceMs: true })
    this.#requireRunning()
    const { sinceMs = -1 } = options
    if (this.#early && !this.#early.isOver) {
      return await makeReport(this.#early.watch.recorder.data(sinceMs))
    }
    if (!this.#worker) return await makeReport(this.#blind.data(sinceMs))
    return await makeReport((await this.#ask<SamplerData>({ sinceMs })).data)
  }

  /**
   * Takes a last sample and ends the watch. Later calls return the same report.
   *
   * @param ending - how the watched command ended (`exitCode`, `signal`), for the report and its
   *   verdict; `minorFaults`: its page faults, which bound the memory of a very short command
   * @throws OneCopyError `ERR_MONITOR` when the monitor's thread failed
   */
  stop(ending: CommandEnding = {}): Promise<MemoryReport> {
    this.#report ??= this.#stop(ending)
    return this.#report
  }

  /** Stops the watch and discards the report. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  async #take(request: 'sample' | SamplerMark): Promise<TreeSample> {
    this.#requireRunning()
    const early = this.#early?.take(request)
    if (early) return early
    if (!this.#worker) return this.#takeBlind(request)
    return (await this.#ask<SamplerSample>(request)).sample
  }

  #requireRunning(): void {
    if (this.#report) throw new OneCopyError('ERR_MONITOR', 'The monitor has already been stopped.')
  }

  /** Without /proc a run has phases and times, but no figures. */
  #takeBlind(request: 'sample' | SamplerMark): TreeSample {
    const sample = { ...this.#task.start, epochMs: performance.timeOrigin + performance.now() }
    this.#blind.add(sample)
    if (typeof request !== 'string') this.#blind.mark(request.mark)
    return sample
  }

  async #stop(ending: CommandEnding): Promise<MemoryReport> {
    this.#heap.update()
    try {
      return await makeReport(await this.#lastData(ending))
    } finally {
      this.#heap[Symbol.dispose]()
      this.#endNotice()
    }
  }

  async #lastData(ending: CommandEnding): Promise<RunData> {
    if (this.#failure) throw this.#failure
    const early = this.#early
    if (early?.take('sample')) {
      this.#endEarly()
      void this.#worker?.terminate() // it has nothing to tell yet
      return early.watch.recorder.data(-1, ending)
    }
    if (this.#worker) return (await this.#ask<SamplerData>({ ending })).data
    this.#takeBlind('sample')
    return this.#blind.data(-1, ending)
  }

  #endEarly(): void {
    this.#early?.close()
    this.#early = undefined
  }

  /** The thread keeps the process running only while a request waits for its answer. */
  async #ask<Answer extends SamplerAnswer>(request: SamplerRequest): Promise<Answer> {
    if (this.#failure) throw this.#failure
    const waiting = Promise.withResolvers<SamplerAnswer>()
    this.#waiting.push(waiting)
    this.#worker?.ref()
    this.#worker?.postMessage(request)
    return (await waiting.promise) as Answer
  }

  #startWorker(task: SamplerTask): Worker {
    const worker = new Worker(packageModule('monitor/watch/sampler-worker'), {
      name: 'onecopy monitor',
      workerData: task,
      execArgv: [],
      // Its memory is part of what it measures.
      resourceLimits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 },
    })
    worker.on('message', (answer: SamplerAnswer) => {
      if (answer === 'ready') return this.#endEarly()
      this.#waiting.shift()?.resolve(answer)
      if (this.#waiting.length === 0) worker.unref()
    })
    worker.on('error', (cause) => {
      this.#fail(
        `The monitor's thread failed: ${cause instanceof Error ? cause.message : cause}`,
        cause,
      )
    })
    worker.on('exit', () => this.#fail("The monitor's thread ended unexpectedly."))
    worker.unref() // now: listening for messages has made it count again
    return worker
  }

  #fail(message: string, cause?: unknown): void {
    this.#failure ??= new OneCopyError('ERR_MONITOR', message, { cause })
    this.#endEarly()
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#failure)
  }
}

/** What draws and describes is loaded on use, so that a program starts quickly. */
async function makeReport(data: RunData): Promise<MemoryReport> {
  const { MemoryReport } = await import('../report/report.ts')
  return new MemoryReport(data)
}

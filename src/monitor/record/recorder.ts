/** Records the samples of a run in bounded memory. */

import { GrowingColumn } from './growing-column.ts'
import { LateCorrections } from './late-corrections.ts'
import type { Correction } from './late-corrections.ts'
import { IsolateRecord } from './isolate-record.ts'
import { msAfter } from './ms-after.ts'
import { PeakKeeper } from './peak-keeper.ts'
import { PhaseKeeper } from './phase-keeper.ts'
import type { PhaseStart } from './phase-keeper.ts'
import { firstAtOrAfter } from './phase-peaks.ts'
import { ProcessRecord } from './process-record.ts'
import type { CommandEnding, Ending, Phase, RunData, SegmentLine, TotalFigure } from './run-data.ts'
import { totalFigures } from './run-data.ts'
import type { TreeSample } from '../sampling/sample.ts'
import { largestPage } from '../proc/page-size.ts'
import { procFiles } from '../proc/proc-files.ts'
import { processKey } from '../proc/tree.ts'
import { keepExtremes } from './downsample.ts'
import { TaskCounter } from './task-counter.ts'
import { treeFigures } from './tree-figures.ts'
import { OomWatch } from './oom-watch.ts'

/** Limits of what a recorder keeps. */
interface RecorderOptions {
  /** Samples. Above that every other one is dropped, but none that shows a peak. */
  readonly samples?: number
  /** Values of all processes and isolates together. Above that samples are dropped, too. */
  readonly values?: number
  /** Ended processes. Above that the smallest are counted, but not kept. */
  readonly endedProcesses?: number
}

/**
 * Follows the samples of a tree for a report. With the default limits a tree of 6 processes takes
 * about 10 MB, however long it is watched, and one of hundreds about 40 MB.
 */
export class RunRecorder {
  readonly #startEpochMs: number
  readonly #peaks: PeakKeeper
  readonly #maxSamples: number
  readonly #maxValues: number
  readonly #maxEnded: number
  readonly #times = new GrowingColumn(Float64Array)
  readonly #total = new Map<TotalFigure, GrowingColumn>(
    totalFigures.map((figure) => [figure, new GrowingColumn(Float64Array)]),
  )
  #processes = new Map<string, ProcessRecord>()
  readonly #segments = new Map<string, SegmentLine>()
  #isolates = new Map<string, IsolateRecord>()
  readonly #phases = new PhaseKeeper()
  readonly #oom: OomWatch
  readonly #corrections = new LateCorrections()
  /** CPU time of processes that have ended. */
  #endedCpuMs = 0
  readonly #tasks = new TaskCounter()
  #alive = new Map<string, ProcessRecord>()
  #limit: number | undefined
  #root: ProcessRecord | undefined
  /** How many samples saw the memory of any process. */
  #seen = 0
  #pinned = new Set<number>()
  #forgotten = 0

  /** @param start - the first sample; it is added */
  constructor(start: TreeSample, options: RecorderOptions = {}) {
    this.#startEpochMs = start.epochMs
    this.#peaks = new PeakKeeper(start)
    this.#maxSamples = options.samples ?? 40_000
    this.#maxValues = options.values ?? 1_000_000
    this.#maxEnded = options.endedProcesses ?? 500
    this.#oom = new OomWatch(start.cgroup?.oomKills)
    this.#keep(start, start.hard)
  }

  /** Adds the next sample. */
  add(sample: TreeSample): void {
    this.#keep(sample, this.#peaks.add(sample))
  }

  #keep(sample: TreeSample, hardPeak: number | undefined): void {
    const ms = msAfter(this.#startEpochMs, sample.epochMs)
    // Two samples at one moment would make a line that has no slope.
    if (ms <= (this.#times.last ?? -1)) return
    const number = this.#times.length
    this.#times.push(ms)
    if (sample.processes.some(({ anonymous }) => anonymous !== undefined)) this.#seen++
    this.#addProcesses(sample, number, ms)
    const { anonymous, shmem, fileBacked, hard, hardRange } = sample
    const bounds = hardRange && { hardLeast: hardRange.least, hardMost: hardRange.most }
    const totals = { anonymous, shmem, fileBacked, hard, ...bounds, hardPeak }
    const tasks = this.#tasks.add(sample)
    const figures = { ...totals, ...treeFigures(sample, this.#endedCpuMs), tasks }
    for (const [figure, column] of this.#total) column.push(figures[figure])
    for (const correction of this.#corrections.add(sample, number)) this.#correct(correction)
    this.#limit = sample.cgroup?.limit ?? this.#limit
    this.#addSegments(sample, ms)
    this.#root ??= this.#processes.values().next().value
    if (this.#isFull()) this.#downsample()
    if (this.#processes.size > sample.processes.length + this.#maxEnded) this.#forget(ms)
    if (this.#isolates.size > maxIsolates) this.#forgetIsolates()
  }

  #addProcesses(sample: TreeSample, number: number, ms: number): void {
    const before = this.#alive
    this.#alive = new Map()
    for (const process of sample.processes) {
      const key = processKey(process)
      const record = this.#processes.get(key) ?? new ProcessRecord(process, number, ms)
      this.#processes.set(key, record)
      this.#alive.set(key, record)
      record.add(process, number, ms)
      for (const heap of process.isolates ?? []) {
        const thread = `${key}:${heap.thread}`
        const isolate =
          this.#isolates.get(thread) ?? new IsolateRecord(process.pid, heap, number, ms)
        this.#isolates.set(thread, isolate)
        isolate.add(heap, number, ms)
      }
    }
    const gone = [...before].flatMap(([key, record]) => (this.#alive.has(key) ? [] : [record]))
    for (const { last } of gone) this.#endedCpuMs += last.cpuMs
    this.#oom.add(sample.cgroup?.oomKills, gone, ms)
  }

  /** Lowers a sample that counted pages of forks more than once. */
  #correct({ number, sample, bytes }: Correction): void {
    this.#peaks.lower(sample, bytes)
    const { anonymous = 0, hard = 0 } = sample
    const lower = (figure: TotalFigure, from: number): void =>
      this.#total.get(figure)!.scale(number, (from - bytes) / from)
    lower('anonymous', anonymous)
    lower('hard', hard)
    lower('hardPeak', hard)
    lower('hardMost', sample.hardRange!.most)
    const forked = sample.processes.filter(({ counted }) => counted !== undefined)
    const counted = forked.reduce((sum, { counted = 0 }) => sum + counted, 0)
    for (const process of forked) {
      const record = this.#processes.get(processKey(process))
      record?.scale(number, Math.max(0, counted - bytes) / counted)
    }
  }

  /**
   * Begins a phase, which ends the last one of the same thread. Call it after {@link add} with a
   * sample of that moment, so that the phase has figures however short it is.
   *
   * @param epochMs - when it began, in milliseconds since 1970; default is the last sample
   */
  mark(phase: PhaseStart, epochMs?: number): void {
    const last = this.#times.last ?? 0
    const ms = msAfter(this.#startEpochMs, epochMs ?? this.lastEpochMs)
    // A sample taken for a mark shows the memory of the phase before it.
    const isBorder = ms <= last && last - ms < borderMs
    this.#pinned.add(this.#times.length - 1)
    this.#phases.mark(phase, isBorder ? last : ms)
  }

  /**
   * Lets a phase begin with the last sample, which has the memory of the phase before it. Its mark was recorded already,
   * but whoever made it has waited for the sample.
   */
  postpone(phase: PhaseStart): void {
    this.#pinned.add(this.#times.length - 1)
    this.#phases.postpone(phase, this.#times.last ?? 0)
  }

  /** When the last sample was taken, in milliseconds since 1970. */
  get lastEpochMs(): number {
    return this.#startEpochMs + (this.#times.last ?? 0)
  }

  /** Whether a process was seen in this run. */
  hasSeen(pid: number): boolean {
    for (const { last } of this.#processes.values()) if (last.pid === pid) return true
    return false
  }

  /**
   * Returns everything recorded so far; more samples can be added later.
   *
   * @param sinceMs - only samples after that moment, and the processes that they saw; the figures
   *   of the whole run, its phases and its shared memory are always there
   * @param ending - how the watched command ended, if known
   */
  data(sinceMs = -1, { minorFaults, ...ending }: CommandEnding = {}): RunData {
    const { startEpochMs, samples, start, peak, unreadable } = this.#peaks.report()
    const endMs = this.#times.last ?? 0
    const from = sinceMs < 0 ? 0 : firstAtOrAfter(this.#times.values(), sinceMs + 0.05)
    return {
      command: this.#root?.name,
      startEpochMs,
      durationMs: endMs,
      samples,
      times: this.#times.values(from),
      total: Object.fromEntries(
        [...this.#total].flatMap(([figure, column]) =>
          column.isEmpty ? [] : [[figure, column.values(from)]],
        ),
      ),
      processes: [...this.#processes.values()]
        .filter((record) => record.endMs > sinceMs)
        .map((record) => record.line(from)),
      otherProcesses: this.#forgotten,
      isolates: [...this.#isolates.values()]
        .filter((record) => record.endMs > sinceMs)
        .map((record) => record.line(from)),
      segments: [...this.#segments.values()],
      phases: this.#phases.phases(endMs, (phase) => this.#endOf(phase)),
      unreadable,
      start,
      peak,
      ...this.#bound(minorFaults),
      ...(this.#limit === undefined ? {} : { limit: this.#limit }),
      ...this.#ending(ending),
    }
  }

  /** The upper bound of the memory of a run that ended before a second sample. */
  #bound(told: number | undefined): { readonly atMost?: number } {
    const faults = told ?? this.#root?.last.faultsOfLife
    if (faults === undefined || this.#seen > 1) return {}
    return { atMost: faults * largestPage(procFiles) }
  }

  /** When the thread that a phase belongs to was last seen; `undefined` outside the tree. */
  #endOf({ pid, thread = 0 }: Omit<Phase, 'endMs'>): number | undefined {
    let found: { readonly endMs: number } | undefined
    for (const [key, record] of this.#processes) {
      if (record.last.pid !== pid) continue
      found = (thread === 0 ? undefined : this.#isolates.get(`${key}:${thread}`)) ?? record
    }
    return found?.endMs
  }

  /** How the run ended, as far as it is known. */
  #ending(told: Ending): { readonly ending?: Ending } {
    const seen = this.#root?.line().ending
    const { killed } = this.#oom
    const ending = { ...seen, ...told, ...(killed ? { oomKilled: true, killed } : {}) }
    return Object.keys(ending).length > 0 ? { ending } : {}
  }

  #addSegments(sample: TreeSample, ms: number): void {
    for (const { id, name, bytes } of sample.segments) {
      const before = this.#segments.get(id)
      const holders = sample.processes.filter((process) =>
        process.segments?.some((segment) => segment.id === id),
      ).length
      this.#segments.set(id, {
        name,
        startMs: before?.startMs ?? ms,
        endMs: ms,
        peakBytes: Math.max(bytes, before?.peakBytes ?? 0),
        holders: Math.max(holders, before?.holders ?? 0),
      })
    }
    const excess = this.#segments.size - maxSegments
    if (excess <= 0) return
    const smallest = [...this.#segments].sort(([, a], [, b]) => a.peakBytes - b.peakBytes)
    for (const [id] of smallest.slice(0, excess)) this.#segments.delete(id)
  }

  #isFull(): boolean {
    const { length } = this.#times
    if (length > this.#maxSamples) return true
    let values = 0
    for (const record of this.#processes.values()) values += record.length
    for (const record of this.#isolates.values()) values += record.length
    return values > this.#maxValues && length > leastSamples
  }

  /**
   * Halves the number of samples; the lowest and highest of every four stay, and those of the last
   * marks.
   */
  #downsample(): void {
    this.#corrections.forget()
    this.#pinned = new Set([...this.#pinned].slice(-Math.floor(this.#times.length / 4)))
    const kept = keepExtremes({
      low: this.#total.get('hard')!.values(),
      high: this.#total.get('hardPeak')!.values(),
      bucketOf: (sample) => Math.floor(sample / 4),
      isPinned: (sample) => this.#pinned.has(sample),
    })
    this.#times.keep(kept)
    for (const column of this.#total.values()) column.keep(kept)
    for (const record of this.#processes.values()) record.keep(kept)
    for (const record of this.#isolates.values()) record.keep(kept)
    const numbers = new Map([...kept].map((sample, number) => [sample, number]))
    this.#pinned = new Set([...this.#pinned].flatMap((sample) => numbers.get(sample) ?? []))
  }

  /** Drops the smaller half of the processes that have ended. */
  #forget(ms: number): void {
    const ended = [...this.#processes]
      .filter(([, record]) => record.endMs < ms)
      .sort(([, a], [, b]) => a.size - b.size)
    const gone = ended.slice(0, Math.ceil(ended.length / 2))
    for (const [key, record] of gone) {
      this.#processes.delete(key)
      this.#phases.leave(record.last.pid, record.endMs)
    }
    this.#forgotten += gone.length
  }

  #forgetIsolates(): void {
    const sorted = [...this.#isolates].sort(([, a], [, b]) => b.endMs - a.endMs)
    this.#isolates = new Map(sorted.slice(0, maxIsolates / 2))
  }
}

/** The least number of samples to keep, however many processes there are. */
const leastSamples = 100

/** A sample this soon after a mark counts as the moment of the mark. */
const borderMs = 20

/** Isolates to keep. Above that the half that ended first is dropped. */
const maxIsolates = 1000

/** Pieces of shared memory to keep. Above that the smallest are dropped. */
const maxSegments = 200

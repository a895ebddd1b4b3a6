/** Keeps the samples of a run in memory that has a bound. */

import { GrowingColumn } from './growing-column.ts'
import { PeakKeeper } from './peaks.ts'
import { firstAtOrAfter } from './phases.ts'
import { ProcessRecord } from './process-record.ts'
import type { NameOf } from './process-record.ts'
import type { Phase, RunData, SegmentLine, TotalFigure } from './run-data.ts'
import { totalFigures } from './run-data.ts'
import type { TreeSample } from './sample.ts'
import { keepExtremes } from './thin.ts'

/** How much a recorder keeps, and what it calls it. */
interface RecorderOptions {
  /** Samples; when there are more, every other one goes, but none that shows a peak. */
  readonly samples?: number
  /** Processes that have ended; beyond that the smallest are only counted. */
  readonly endedProcesses?: number
  /** What to call a process; default is its short name. */
  readonly nameOf?: NameOf
}

/**
 * Follows the samples of a tree for a report. With the default limits a tree of 6 processes takes
 * about 10 MB, however long it is watched.
 */
export class RunRecorder {
  readonly #startMs: number
  readonly #peaks: PeakKeeper
  readonly #maxSamples: number
  readonly #maxEnded: number
  readonly #nameOf: NameOf
  readonly #times = new GrowingColumn(Float64Array)
  readonly #total = new Map<TotalFigure, GrowingColumn>(
    totalFigures.map((figure) => [figure, new GrowingColumn(Float64Array)]),
  )
  #processes = new Map<string, ProcessRecord>()
  readonly #segments = new Map<string, SegmentLine>()
  readonly #phases: Phase[] = []
  readonly #open = new Map<number | undefined, Omit<Phase, 'endMs'>>()
  #root: ProcessRecord | undefined
  #pinned = new Set<number>()
  #forgotten = 0

  /** @param start - the first sample, which is taken in */
  constructor(start: TreeSample, options: RecorderOptions = {}) {
    this.#startMs = start.atMs
    this.#peaks = new PeakKeeper(start)
    this.#maxSamples = options.samples ?? 40_000
    this.#maxEnded = options.endedProcesses ?? 500
    this.#nameOf = options.nameOf ?? (({ name }) => name)
    this.#keep(start, start.hard)
  }

  /** Takes the next sample in. */
  add(sample: TreeSample): void {
    this.#keep(sample, this.#peaks.add(sample))
  }

  #keep(sample: TreeSample, hardPeak: number | undefined): void {
    // A tenth of a millisecond is enough, and short to write.
    const ms = Math.round(10 * (sample.atMs - this.#startMs)) / 10
    // Two samples at one moment would make a line that has no slope.
    if (ms <= (this.#times.last ?? -1)) return
    const number = this.#times.length
    this.#times.push(ms)
    const totals = { ...sample, hardPeak, rss: sumOfRss(sample) }
    for (const [figure, column] of this.#total) column.push(totals[figure])
    for (const process of sample.processes) {
      const key = `${process.pid}:${process.startTime}`
      const record =
        this.#processes.get(key) ?? new ProcessRecord(process, number, ms, this.#nameOf)
      this.#processes.set(key, record)
      record.add(process, number, ms)
    }
    this.#addSegments(sample, ms)
    this.#root ??= this.#processes.values().next().value
    if (this.#times.length > this.#maxSamples) this.#thin()
    if (this.#processes.size > sample.processes.length + this.#maxEnded) this.#forget(ms)
  }

  /**
   * Begins a phase, which ends the last one of the same process. Call it after {@link add} with a
   * sample of that moment, so that the phase has figures however short it is.
   */
  mark(name: string, pid?: number): void {
    const startMs = this.#times.last ?? 0
    this.#pinned.add(this.#times.length - 1)
    this.#endPhase(pid, startMs)
    this.#open.set(pid, { name, startMs, pid, level: 0 })
  }

  /**
   * Everything until now; the recorder can go on.
   *
   * @param sinceMs - only samples after that moment, and the processes that they saw; the figures
   *   of the whole run, its phases and its shared memory are there in any case
   */
  data(sinceMs = -1): RunData {
    const { startMs, samples, start, peak, unreadable } = this.#peaks.report()
    const endMs = this.#times.last ?? 0
    const from = sinceMs < 0 ? 0 : firstAtOrAfter(this.#times.values(), sinceMs + 0.05)
    return {
      command: this.#root?.name,
      startMs,
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
      segments: [...this.#segments.values()],
      phases: [
        ...this.#phases,
        ...[...this.#open.values()].map((phase) => ({ ...phase, endMs })),
      ].sort((a, b) => a.startMs - b.startMs),
      unreadable,
      start,
      peak,
    }
  }

  #endPhase(pid: number | undefined, endMs: number): void {
    const phase = this.#open.get(pid)
    if (phase) this.#phases.push({ ...phase, endMs })
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

  /** Halves the number of samples; the lowest and highest of every four stay. */
  #thin(): void {
    const kept = keepExtremes({
      low: this.#total.get('hard')!.values(),
      high: this.#total.get('hardPeak')!.values(),
      bucketOf: (sample) => Math.floor(sample / 4),
      isPinned: (sample) => this.#pinned.has(sample),
    })
    this.#times.keep(kept)
    for (const column of this.#total.values()) column.keep(kept)
    for (const record of this.#processes.values()) record.keep(kept)
    const numbers = new Map([...kept].map((sample, number) => [sample, number]))
    this.#pinned = new Set([...this.#pinned].flatMap((sample) => numbers.get(sample) ?? []))
  }

  /** Lets the smaller half of the processes go that have ended. */
  #forget(ms: number): void {
    const ended = [...this.#processes]
      .filter(([, record]) => record.endMs < ms)
      .sort(([, a], [, b]) => a.size - b.size)
    const gone = ended.slice(0, Math.ceil(ended.length / 2))
    for (const [key] of gone) this.#processes.delete(key)
    this.#forgotten += gone.length
  }
}

/** A run that makes more shared memory than this forgets the smallest. */
const maxSegments = 200

function sumOfRss({ processes }: TreeSample): number | undefined {
  let sum: number | undefined
  for (const { anonymous, shmem, fileBacked } of processes) {
    if (anonymous === undefined) continue
    sum = (sum ?? 0) + anonymous + (shmem ?? 0) + (fileBacked ?? 0)
  }
  return sum
}

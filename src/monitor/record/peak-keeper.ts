/** Computes a run's peak memory, including spikes between samples. */

import type { TreeSample } from '../sampling/sample.ts'
import { larger, rssOf } from '../proc/totals.ts'
import type { MemoryTotals } from '../proc/totals.ts'
import { processKey } from '../proc/tree.ts'
import { isBound } from '../proc/range.ts'
import { msAfter } from './ms-after.ts'

/**
 * The largest figures of a run, in bytes. Each kind has its own peak, at its own moment; `hard` is
 * the largest sum of anonymous and shmem at one moment.
 */
export interface MemoryPeak extends MemoryTotals {
  /** When `hard` was largest, in milliseconds after the start of the run. */
  readonly atMs: number
  /** The part of `hard` that rose and fell between two samples, as VmHWM shows. */
  readonly spike: number
  /**
   * Whether `hard` is only an upper bound: forks shared memory that the kernel did not divide in time.
   * It is exact to 2 % otherwise.
   */
  readonly isBound?: boolean
}

/** The peaks of the samples of a run. */
export interface RunPeaks {
  /** Milliseconds since 1970. */
  readonly startEpochMs: number
  /** The tree at the start, to separate the memory of the work from what was there before. */
  readonly start: MemoryTotals
  readonly peak: MemoryPeak
  /** How many samples were taken. */
  readonly samples: number
  /** Processes whose figures are missing in part or whole: the peaks are lower bounds then. */
  readonly unreadable: readonly number[]
}

/** A sample for which only bounds are known. */
interface Doubtful {
  readonly sample: TreeSample
  readonly spike: number
  likely: number
  most: number
}

/** Follows the samples of one tree and keeps their peaks. */
export class PeakKeeper {
  readonly #start: TreeSample
  readonly #unreadable = new Set<number>()
  #last: TreeSample
  #peak: MemoryPeak
  /** The highest sample that is only an upper bound, if it is higher than all that are known. */
  #doubtful: Doubtful | undefined
  #samples = 0

  /** @param start - the sample that everything later is measured from */
  constructor(start: TreeSample) {
    this.#start = start
    this.#last = start
    this.#peak = { ...totalsOf(start), atMs: 0, spike: 0 }
    this.add(start)
  }

  /**
   * Takes the next sample in.
   *
   * @returns the most hard memory since the sample before, as far as the kernel tells
   */
  add(sample: TreeSample): number | undefined {
    this.#samples++
    for (const pid of sample.unreadable) this.#unreadable.add(pid)
    this.#raise(sample, this.#msOf(sample))
    const spike = largestSpike(this.#last, sample)
    if (spike.bytes > 0) this.#raiseSpike(sample, spike)
    this.#last = sample
    return larger(sample.hard, plus(spike.beside.hard, spike.bytes))
  }

  /** Lowers a sample that was estimated too high. */
  lower(sample: TreeSample, bytes: number): void {
    if (this.#doubtful?.sample !== sample) return
    this.#doubtful.likely -= bytes
    this.#doubtful.most -= bytes
  }

  /** The peaks so far. */
  report(): RunPeaks {
    return {
      startEpochMs: this.#start.epochMs,
      start: totalsOf(this.#start),
      peak: this.#highest(),
      samples: this.#samples,
      unreadable: [...this.#unreadable],
    }
  }

  #highest(): MemoryPeak {
    const bound = this.#doubtful
    // A figure that is as good as the bound says more.
    if (!bound || bound.likely <= 1.02 * (this.#peak.hard ?? 0)) return this.#peak
    const { sample, most, spike } = bound
    return { ...this.#peak, hard: most, atMs: this.#msOf(sample), spike, isBound: true }
  }

  #msOf({ epochMs }: TreeSample): number {
    return Math.max(0, msAfter(this.#start.epochMs, epochMs))
  }

  /** Dates a spike at the larger one of the two samples around it. */
  #raiseSpike(sample: TreeSample, { bytes, beside }: { bytes: number; beside: TreeSample }): void {
    const [before, after] = [this.#last.hard ?? 0, sample.hard ?? 0]
    const higher = before > after ? this.#last : sample
    const spike = Math.max(0, (beside.hard ?? 0) + bytes - (higher.hard ?? 0))
    this.#raise(beside, this.#msOf(higher), { bytes, spike })
  }

  #raise(sample: TreeSample, atMs: number, more = { bytes: 0, spike: 0 }): void {
    const peak = this.#peak
    const hard = plus(sample.hard, more.bytes)
    const { hardRange } = sample
    const isDoubtful = hardRange !== undefined && isBound(hardRange)
    if (isDoubtful && (hard ?? 0) > (this.#doubtful?.likely ?? 0)) {
      const most = hardRange.most + more.bytes
      this.#doubtful = { sample, spike: more.spike, likely: hard!, most }
    }
    const isHigher = !isDoubtful && (hard ?? -1) > (peak.hard ?? -1)
    this.#peak = {
      anonymous: larger(
        peak.anonymous,
        isDoubtful ? undefined : plus(sample.anonymous, more.bytes),
      ),
      shmem: larger(peak.shmem, sample.shmem),
      fileBacked: larger(peak.fileBacked, sample.fileBacked),
      hard: isHigher ? hard : peak.hard,
      atMs: isHigher ? atMs : peak.atMs,
      spike: isHigher ? more.spike : peak.spike,
    }
  }
}

/**
 * Finds the largest rise and fall of one process between two samples. The kernel keeps the peak
 * of a process (VmHWM) for all kinds of memory together; when it grew past both samples, the
 * surplus counts as anonymous memory, less what mapping segments of the tree can explain, since
 * those are counted already. It is added to the sample in which the process was larger.
 */
function largestSpike(last: TreeSample, next: TreeSample): { bytes: number; beside: TreeSample } {
  const before = new Map(last.processes.map((process) => [processKey(process), process]))
  const segments = Math.max(last.shmem ?? 0, next.shmem ?? 0)
  let largest = { bytes: 0, beside: next }
  for (const process of next.processes) {
    const earlier = before.get(processKey(process))
    const peak = process.peakRss ?? 0
    if (peak <= (earlier?.peakRss ?? 0)) continue
    const mapped = Math.max(earlier?.shmem ?? 0, process.shmem ?? 0)
    // A fork is born with the peak of its parent.
    if (!earlier && process.counted !== undefined) continue
    const [was, is] = [earlier ? rssOf(earlier) : 0, rssOf(process)]
    const bytes = peak - Math.max(was, is) - Math.max(0, segments - mapped)
    if (bytes > largest.bytes) largest = { bytes, beside: was > is ? last : next }
  }
  return largest
}

function totalsOf({ anonymous, shmem, fileBacked, hard }: MemoryTotals): MemoryTotals {
  return { anonymous, shmem, fileBacked, hard }
}

function plus(bytes: number | undefined, more: number): number | undefined {
  return bytes === undefined ? undefined : bytes + more
}

/** Turns samples into peaks, also of what no sample saw. */

import type { ProcessSample, TreeSample } from '../sampling/sample.ts'
import type { MemoryTotals } from '../proc/totals.ts'
import { processKey } from '../proc/tree.ts'

/**
 * The largest figures of a run, in bytes. Each kind has its own peak, so they need not have come
 * at the same moment; `hard` is the largest sum of anonymous and shmem at one moment.
 */
export interface MemoryPeak extends MemoryTotals {
  /** When `hard` was largest, in milliseconds since 1970. */
  readonly atMs: number
  /** The part of `hard` that rose and fell between two samples and that VmHWM gave away. */
  readonly spike: number
}

/** What the samples of a run come to. */
export interface RunPeaks {
  readonly startMs: number
  /** The tree as it was at the start, to tell a job's memory from what was there before. */
  readonly start: MemoryTotals
  readonly peak: MemoryPeak
  /** How many samples were taken. */
  readonly samples: number
  /** Processes whose figures are missing in part or whole: the peaks are lower bounds then. */
  readonly unreadable: readonly number[]
}

/** Follows the samples of one tree and keeps their peaks. */
export class PeakKeeper {
  readonly #start: TreeSample
  readonly #unreadable = new Set<number>()
  #last: TreeSample
  #peak: MemoryPeak
  #samples = 0

  /** @param start - the sample that everything later is measured from */
  constructor(start: TreeSample) {
    this.#start = start
    this.#last = start
    this.#peak = { ...totalsOf(start), atMs: start.atMs, spike: 0 }
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
    this.#raise(sample, sample, 0)
    const spike = largestSpike(this.#last, sample)
    if (spike.bytes > 0) this.#raise(spike.beside, sample, spike.bytes)
    this.#last = sample
    return larger(sample.hard, plus(spike.beside.hard, spike.bytes))
  }

  /** The peaks so far. */
  report(): RunPeaks {
    return {
      startMs: this.#start.atMs,
      start: totalsOf(this.#start),
      peak: this.#peak,
      samples: this.#samples,
      unreadable: [...this.#unreadable],
    }
  }

  #raise(totals: MemoryTotals, { atMs }: TreeSample, spike: number): void {
    const peak = this.#peak
    const hard = plus(totals.hard, spike)
    this.#peak = {
      anonymous: larger(peak.anonymous, plus(totals.anonymous, spike)),
      shmem: larger(peak.shmem, totals.shmem),
      fileBacked: larger(peak.fileBacked, totals.fileBacked),
      hard: larger(peak.hard, hard),
      ...((hard ?? 0) > (peak.hard ?? 0)
        ? { atMs, spike }
        : { atMs: peak.atMs, spike: peak.spike }),
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
    const [was, is] = [earlier ? rssOf(earlier) : 0, rssOf(process)]
    const bytes = peak - Math.max(was, is) - Math.max(0, segments - mapped)
    if (bytes > largest.bytes) largest = { bytes, beside: was > is ? last : next }
  }
  return largest
}

function rssOf({ anonymous, shmem, fileBacked }: ProcessSample): number {
  return (anonymous ?? 0) + (shmem ?? 0) + (fileBacked ?? 0)
}

function totalsOf({ anonymous, shmem, fileBacked, hard }: MemoryTotals): MemoryTotals {
  return { anonymous, shmem, fileBacked, hard }
}

function plus(bytes: number | undefined, more: number): number | undefined {
  return bytes === undefined ? undefined : bytes + more
}

function larger(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a
}

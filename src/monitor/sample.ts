/** One look at the memory of a tree of processes. */

import { requirePid } from './options.ts'
import { parseSmapsRollup, parseStatus } from './proc.ts'
import type { ProcessStat, Rollup, StatusMemory } from './proc.ts'
import { procFiles } from './proc-files.ts'
import type { ProcFiles } from './proc-files.ts'
import { distinct, SegmentFinder } from './segments.ts'
import type { Segment } from './segments.ts'
import { totalMemory } from './totals.ts'
import type { MemoryTotals } from './totals.ts'
import { processKey, ProcessTree, readStat } from './tree.ts'

/** One process at one moment; all sizes in bytes, `undefined` where nothing could be read. */
export interface ProcessSample extends ProcessStat, StatusMemory {
  /** Shared memory that it holds open, mapped or not. */
  readonly segments: readonly Segment[] | undefined
  /** Its proportional and unique set size; only when `pss` was asked for. */
  readonly rollup?: Rollup
}

/** A tree of processes at one moment; all sizes in bytes. */
export interface TreeSample extends MemoryTotals {
  /** Milliseconds since 1970. */
  readonly atMs: number
  /** Living processes, parents before their children; none when the tree has ended. */
  readonly processes: readonly ProcessSample[]
  /** Shared memory that the tree holds open, every piece once. */
  readonly segments: readonly Segment[]
  /** Pids whose figures are missing in part or whole, so that the totals are too small. */
  readonly unreadable: readonly number[]
}

/**
 * Looks once at a process and its descendants; takes about 0.3 ms a process. On a system without
 * /proc (macOS) the sample has no processes and no figures.
 *
 * @param pid - where the tree starts, default this process
 * @param options - `children`: whether descendants count, default true; `pss`: whether to read
 *   PSS and USS as well, which takes about 14 ms per GiB that a process maps and stalls it
 * @throws TypeError when `pid` is not a positive integer
 *
 * @example
 * ```ts
 * const { hard, fileBacked } = sampleTree()
 * ```
 */
export function sampleTree(
  pid: number = process.pid,
  options: { children?: boolean; pss?: boolean } = {},
): TreeSample {
  return new TreeSampler(procFiles, requirePid(pid), options).take(options)
}

/** Samples one tree, again and again. */
export class TreeSampler {
  readonly #files: ProcFiles
  readonly #tree: ProcessTree
  #finders = new Map<string, SegmentFinder>()

  constructor(files: ProcFiles, root: number, options: { children?: boolean } = {}) {
    this.#files = files
    this.#tree = new ProcessTree(files, root, options)
  }

  /** Looks at every living member once. */
  take(options: { pss?: boolean } = {}): TreeSample {
    const finders = new Map<string, SegmentFinder>()
    const processes = this.#tree.walk().flatMap((stat) => {
      const key = processKey(stat)
      const finder = this.#finders.get(key) ?? new SegmentFinder(this.#files, stat.pid)
      finders.set(key, finder)
      return this.#sampleProcess(stat, finder, options.pss ?? false) ?? []
    })
    this.#finders = finders
    const segments = distinct(processes.flatMap((process) => process.segments ?? []))
    return {
      atMs: performance.timeOrigin + performance.now(),
      ...totalMemory(processes, segments),
      processes,
      segments,
      unreadable: processes.filter(isUnreadable).map((process) => process.pid),
    }
  }

  /** `undefined` when the process went after the walk, even if another one has its pid now. */
  #sampleProcess(
    stat: ProcessStat,
    finder: SegmentFinder,
    pss: boolean,
  ): ProcessSample | undefined {
    const memory = parseStatus(this.#files.read(`/proc/${stat.pid}/status`) ?? '')
    const segments = finder.find(memory.shmem)
    const rollup = pss ? this.#files.read(`/proc/${stat.pid}/smaps_rollup`) : undefined
    if (readStat(this.#files, stat.pid)?.startTime !== stat.startTime) return undefined
    return {
      ...stat,
      ...memory,
      segments,
      ...(pss ? { rollup: parseSmapsRollup(rollup ?? '') } : {}),
    }
  }
}

/** A zombie has given its memory back; anything else without figures hides them. */
function isUnreadable(process: ProcessSample): boolean {
  if (process.state === 'Z') return false
  return process.anonymous === undefined || process.segments === undefined
}

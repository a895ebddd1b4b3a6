/** One look at the memory of a tree of processes. */

import { CgroupReader } from './cgroup.ts'
import type { CgroupMemory } from './cgroup.ts'
import { Descriptors } from './descriptors.ts'
import type { IsolateHeap } from './heap-page.ts'
import { requirePid } from './options.ts'
import { parseSmapsRollup, parseStatus } from './proc.ts'
import type { ProcessStat, Rollup, StatusMemory } from './proc.ts'
import { procFiles } from './proc-files.ts'
import type { ProcFiles } from './proc-files.ts'
import { distinct } from './segments.ts'
import type { Segment } from './segments.ts'
import { totalMemory } from './totals.ts'
import type { MemoryTotals } from './totals.ts'
import { processKey, ProcessTree, readStat } from './tree.ts'

/** One process at one moment; all sizes in bytes, `undefined` where nothing could be read. */
export interface ProcessSample extends ProcessStat, StatusMemory {
  /** Shared memory that it holds open, mapped or not. */
  readonly segments: readonly Segment[] | undefined
  /** The heaps that its isolates publish, by thread; see {@link publishHeap}. */
  readonly isolates?: readonly IsolateHeap[]
  /** Its proportional and unique set size; only where they were read. */
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
  /** What the kernel allows the tree's root, and what its control group uses of that. */
  readonly cgroup?: CgroupMemory
  /** PSS of the tree, each process as it was last read; a monitor reads them one by one. */
  readonly pss?: number | undefined
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
  readonly #cgroup: CgroupReader
  #descriptors = new Map<string, Descriptors>()
  #markFiles: readonly string[] = []

  constructor(files: ProcFiles, root: number, options: { children?: boolean } = {}) {
    this.#files = files
    this.#tree = new ProcessTree(files, root, options)
    this.#cgroup = new CgroupReader(files, root)
  }

  /** Paths of files that members wrote marks to, as of the last sample. */
  get markFiles(): readonly string[] {
    return this.#markFiles
  }

  /**
   * Looks at every living member once.
   *
   * @param options - `pss`: reads the PSS of all of them
   */
  take(options: { pss?: boolean } = {}): TreeSample {
    const before = this.#descriptors
    this.#descriptors = new Map()
    const markFiles: string[] = []
    const processes = this.#tree.members().flatMap((member) => {
      const key = processKey(member)
      const descriptors = before.get(key) ?? new Descriptors(this.#files, member.pid)
      const found = this.#sampleProcess(member, descriptors, options.pss ?? false)
      if (!found) return []
      this.#descriptors.set(key, descriptors)
      markFiles.push(...found.markFiles)
      return found.process
    })
    this.#tree.keep(processes)
    this.#markFiles = markFiles
    const segments = distinct(processes.flatMap((process) => process.segments ?? []))
    return {
      atMs: performance.timeOrigin + performance.now(),
      ...totalMemory(processes, segments),
      processes,
      segments,
      unreadable: processes.filter(isUnreadable).map((process) => process.pid),
      // Who has gone may have been killed for want of memory.
      cgroup: this.#cgroup.take([...before.keys()].some((key) => !this.#descriptors.has(key))),
    }
  }

  /** `undefined` when the process has gone, even if another one has its pid now. */
  #sampleProcess(
    { pid, startTime }: ProcessStat,
    descriptors: Descriptors,
    pss: boolean,
  ): { process: ProcessSample; markFiles: readonly string[] } | undefined {
    const memory = parseStatus(this.#files.read(`/proc/${pid}/status`) ?? '')
    const found = descriptors.find(memory.shmem)
    const rollup = pss ? this.#files.read(`/proc/${pid}/smaps_rollup`) : undefined
    // Read last: all of the above was of this process if it is still the same.
    const stat = readStat(this.#files, pid)
    if (stat?.startTime !== startTime) return undefined
    const process = {
      ...stat,
      ...memory,
      segments: found?.segments,
      ...(found && found.isolates.length > 0 ? { isolates: found.isolates } : {}),
      ...(pss ? { rollup: parseSmapsRollup(rollup ?? '') } : {}),
    }
    return { process, markFiles: found?.markFiles ?? [] }
  }
}

/** A zombie has given its memory back; anything else without figures hides them. */
function isUnreadable(process: ProcessSample): boolean {
  if (process.state === 'Z') return false
  return process.anonymous === undefined || process.segments === undefined
}

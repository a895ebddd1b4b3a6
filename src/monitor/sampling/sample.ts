/** Samples the memory of a tree of processes. */

import { requireKnown } from '../../options.ts'
import { CgroupReader } from '../proc/cgroup-memory.ts'
import type { CgroupMemory, CgroupPlaces } from '../proc/cgroup-memory.ts'
import { Descriptors } from './descriptors.ts'
import { ForkMemory } from './fork-memory.ts'
import type { ForkDivision } from './fork-memory.ts'
import type { Range } from '../proc/range.ts'
import type { IsolateHeap } from '../marks/heap-page.ts'
import { requirePid } from '../marks/check-arguments.ts'
import { parseSmapsRollup, parseStat, parseStatus } from '../proc/proc.ts'
import type { ProcessStat, Rollup, StatusMemory } from '../proc/proc.ts'
import { procFiles } from '../proc/proc-files.ts'
import type { FollowedFile, ProcFiles } from '../proc/proc-files.ts'
import { processTitle } from '../proc/process-title.ts'
import { distinct } from '../proc/segments.ts'
import type { Segment } from '../proc/segments.ts'
import { totalMemory } from '../proc/totals.ts'
import type { MemoryTotals } from '../proc/totals.ts'
import { processKey, ProcessTree } from '../proc/tree.ts'
import { PssBudget } from './pss-budget.ts'

/** One process at one moment; sizes in bytes, `undefined` where they could not be read. */
export interface ProcessSample extends ProcessStat, StatusMemory {
  /**
   * A readable name: `name`, and for an interpreter its script, such as `node fit.js`.
   * `undefined` when the process shows no arguments.
   */
  readonly title?: string | undefined
  /**
   * The part of `anonymous` that counts for it in the total when it shares pages with forks.
   * `undefined` where all of it counts.
   */
  readonly counted?: number
  /** Shared memory that it holds open, mapped or not. */
  readonly segments: readonly Segment[] | undefined
  /** The heaps that its isolates publish, by thread; see {@link publishHeap}. */
  readonly isolates?: readonly IsolateHeap[]
  /** Its proportional and unique set size, if they were read. */
  readonly rollup?: Rollup
}

/** A tree of processes at one moment; all sizes in bytes. */
export interface TreeSample extends MemoryTotals {
  /** Milliseconds since 1970. */
  readonly epochMs: number
  /**
   * The bounds of `hard` when processes share pages with their forks. The kernel divides these pages
   * exactly; between two readings, page faults bound the total. `undefined` without forks.
   */
  readonly hardRange?: Range
  /** Living processes, parents before their children; none when the tree has ended. */
  readonly processes: readonly ProcessSample[]
  /** Shared memory that the tree holds open, each piece once. */
  readonly segments: readonly Segment[]
  /** Processes (pids) whose figures could not be read, or only in part; the totals are then too low. */
  readonly unreadable: readonly number[]
  /** The memory limit of the root's control group, and how much the group uses. */
  readonly cgroup?: CgroupMemory
  /** PSS of the tree, from the last reading of each process; a monitor reads one at a time. */
  readonly pss?: number | undefined
}

/**
 * Samples a process and its descendants once. Processes that were forked without `exec` take longer, the
 * more memory they have, because the kernel computes what they share.
 * On a system without /proc (macOS) the sample has no processes and no figures.
 *
 * @param pid - root of the tree, default this process
 * @param options - `children`: whether to include descendants, default true; `pss`: whether to read
 *   PSS and USS too, which stalls each process for a time that grows with the memory that it maps
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
  requireKnown('sampleTree', options, { children: true, pss: true })
  const sampler = new TreeSampler(procFiles, requirePid(pid), options)
  try {
    return sampler.take(options)
  } finally {
    sampler.close()
  }
}

/** How close to look. */
interface LookOptions {
  readonly pss?: boolean | undefined
  readonly lazy?: boolean | undefined
}

/** What a sampler may know before its first look. */
interface TreeSamplerOptions {
  readonly children?: boolean
  readonly members?: readonly ProcessStat[]
  readonly cgroup?: CgroupPlaces | undefined
  /** Limits the time for reading PSS; by default one second at once. */
  readonly lane?: PssBudget
  /** Tells the time in hundredths of a second after boot. */
  readonly nowTicks?: () => number
}

/** Samples one tree, again and again; holds two files of each member open. */
export class TreeSampler {
  readonly #files: ProcFiles
  readonly #tree: ProcessTree
  readonly #cgroup: CgroupReader
  readonly #forks: ForkMemory
  #members = new Map<string, TreeMember>()
  #markFiles: readonly string[] = []

  /** @param options - of the tree; `cgroup`: what another sampler of it has found */
  constructor(files: ProcFiles, root: number, options: TreeSamplerOptions = {}) {
    this.#files = files
    this.#tree = new ProcessTree(files, root, options)
    this.#cgroup = new CgroupReader(files, root, options.cgroup)
    const tree = {
      faultsWhenListed: (process: ProcessStat) => this.#tree.faultsWhenListed(process),
      hasGrown: () => this.#tree.hasGrown(),
      lookAgain: (process: ProcessStat) => this.#members.get(processKey(process))?.lookAgain(),
    }
    const lane = options.lane ?? new PssBudget(files, 1)
    this.#forks = new ForkMemory(files, lane, tree, options.nowTicks)
  }

  /** The files with the limit and use of its root's control group. */
  get cgroup(): CgroupPlaces | undefined {
    return this.#cgroup.places
  }

  /** Paths of files that members wrote marks to, as of the last sample. */
  get markFiles(): readonly string[] {
    return this.#markFiles
  }

  /**
   * Looks at every living member once.
   *
   * @param options - `pss`: reads the PSS of all of them; `lazy`: may miss a process that was
   *   started, and a file that was opened, a moment ago, at half the cost
   */
  take(options: LookOptions = {}): TreeSample {
    const before = this.#members
    this.#members = new Map()
    const markFiles: string[] = []
    const stats = options.lazy ? this.#tree.members() : this.#tree.walk()
    const looks = stats.flatMap((stat) => {
      const key = processKey(stat)
      const member = before.get(key) ?? new TreeMember(this.#files, stat)
      const found = member.sample(options)
      if (!found) {
        member.close()
        return []
      }
      this.#members.set(key, member)
      markFiles.push(...found.markFiles)
      return found.process
    })
    this.#tree.keep(looks)
    this.#markFiles = markFiles
    const gone = [...before].filter(([key]) => !this.#members.has(key))
    for (const [, member] of gone) member.close()
    const segments = distinct(looks.flatMap((process) => process.segments ?? []))
    const sums = totalMemory(looks, segments)
    const division = this.#forks.divide(looks, sums.shmem ?? 0)
    const processes = division ? looks.map((look) => withPart(look, division)) : looks
    return {
      epochMs: performance.timeOrigin + performance.now(),
      ...(division ? divided(sums, division) : sums),
      processes,
      segments,
      unreadable: processes.filter(isUnreadable).map((process) => process.pid),
      // A process that has ended may have been killed because memory ran out.
      cgroup: this.#cgroup.take(gone.length > 0),
    }
  }

  /** Follows processes, too, that another sampler of the same tree has seen. */
  adopt(processes: readonly ProcessStat[]): void {
    this.#tree.adopt(processes)
  }

  close(): void {
    for (const member of this.#members.values()) member.close()
    this.#members.clear()
  }
}

function withPart(process: ProcessSample, { parts, rollups }: ForkDivision): ProcessSample {
  const counted = parts.get(process.pid)
  const rollup = rollups.get(process.pid)
  return {
    ...process,
    ...(counted === undefined ? {} : { counted }),
    ...(rollup ? { rollup } : {}),
  }
}

/** Totals in which pages that forks share count once. */
function divided(
  sums: MemoryTotals,
  { shared, range }: ForkDivision,
): MemoryTotals & { readonly hardRange?: Range } {
  const { anonymous, shmem, hard } = sums
  if (anonymous === undefined || shmem === undefined || hard === undefined) return sums
  return {
    ...sums,
    anonymous: anonymous - shared,
    hard: hard - shared,
    hardRange: { least: range.least + shmem, most: range.most + shmem },
  }
}

/** A member at one moment. */
interface Look {
  readonly process: ProcessSample
  readonly markFiles: readonly string[]
}

/** One process of a tree, for as long as it lives. */
class TreeMember {
  readonly #files: ProcFiles
  readonly #pid: number
  readonly #startTime: number
  readonly #status: FollowedFile
  readonly #stat: FollowedFile
  readonly #descriptors: Descriptors
  #name = ''
  #title: string | undefined
  /** Its program when it was last looked at. */
  #layout: string | undefined
  #looks = 0
  #isOpen = true

  constructor(files: ProcFiles, { pid, startTime, layout }: ProcessStat) {
    this.#files = files
    this.#pid = pid
    this.#startTime = startTime
    this.#layout = layout
    this.#status = files.follow(`/proc/${pid}/status`)
    this.#stat = files.follow(`/proc/${pid}/stat`)
    this.#descriptors = new Descriptors(files, pid)
  }

  /** `undefined` when the process has ended, even if another one has its pid now. */
  sample(options: LookOptions): Look | undefined {
    const { pss, lazy } = options
    let memory = parseStatus(this.#status.read() ?? '')
    const found = this.#descriptors.find(memory.shmem, { lazy })
    const rollup = pss ? this.#files.read(`/proc/${this.#pid}/smaps_rollup`) : undefined
    // Read last: all of the above was of this process if it is still the same.
    let stat = parseStat(this.#stat.read() ?? '')
    while (stat && stat.layout !== this.#layout) {
      // It has ended meanwhile, or taken another program: what it had until then is no longer its own.
      this.#layout = stat.layout
      memory = parseStatus(this.#status.read() ?? '')
      stat = parseStat(this.#stat.read() ?? '')
    }
    if (stat?.startTime !== this.#startTime) return undefined
    const process = {
      ...stat,
      title: this.#titleOf(stat.name),
      ...memory,
      segments: found?.segments,
      ...(found && found.isolates.length > 0 ? { isolates: found.isolates } : {}),
      ...(pss ? { rollup: parseSmapsRollup(rollup ?? '') } : {}),
    }
    return { process, markFiles: found?.markFiles ?? [] }
  }

  /** Its figures once more; `undefined` when it has ended. */
  lookAgain(): (ProcessStat & StatusMemory) | undefined {
    const memory = parseStatus(this.#status.read() ?? '')
    const stat = parseStat(this.#stat.read() ?? '')
    return stat?.startTime === this.#startTime ? { ...stat, ...memory } : undefined
  }

  /**
   * A new process has the arguments of its parent for a moment, and may take another program. One
   * that is about to end has none at all, and keeps what it was called.
   */
  #titleOf(name: string): string | undefined {
    if (this.#looks++ < 2 || name !== this.#name) {
      this.#title = processTitle(this.#files, this.#pid, name) ?? this.#title
    }
    this.#name = name
    return this.#title
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#status.close()
    this.#stat.close()
  }
}

/** Whether a living process hides its figures; one that has ended, or is about to, has none. */
function isUnreadable(process: ProcessSample): boolean {
  if (process.state === 'Z' || process.isEnding) return false
  return process.anonymous === undefined || process.segments === undefined
}

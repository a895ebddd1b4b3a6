/** Finds a process and all its descendants. */

import { OrphanFinder } from './orphans.ts'
import { parseChildren, parseStat } from './proc.ts'
import type { ProcessStat } from './proc.ts'
import type { ProcFiles } from './proc-files.ts'

/**
 * A process and its descendants over time. A member is known by pid *and* start time, so a pid
 * that the kernel gives out again is not taken for the one that had it. A member stays a member
 * when its parent ends and the kernel hands it to another one.
 */
export class ProcessTree {
  readonly #files: ProcFiles
  readonly #children: boolean
  readonly #orphans: OrphanFinder | undefined
  #members: readonly ProcessStat[]
  /** Page faults of each member before its children were listed. */
  #listedFaults: ReadonlyMap<string, number | undefined> = new Map()
  /** The newest pid of the machine before the last walk. */
  #listedNewest: string | undefined
  /** The newest pid of the machine, and since when it is. */
  #newest: string | undefined
  #newestSinceMs = 0
  #walkedAtMs = 0
  /** How often members were asked for since the last walk, and how many walks found no change. */
  #looks = 0
  #calm = 0

  /**
   * @param root - pid of the process to start from
   * @param options - `children`: whether its descendants belong to the tree, default true;
   *   `members`: who is known to belong to it, default the root
   */
  constructor(
    files: ProcFiles,
    root: number,
    options: { children?: boolean; members?: readonly ProcessStat[] } = {},
  ) {
    this.#files = files
    this.#children = options.children ?? true
    this.#orphans = this.#children ? OrphanFinder.of(files, root) : undefined
    const stat = options.members ? undefined : readStat(files, root)
    this.#members = options.members ?? (stat ? [stat] : [])
  }

  /**
   * Looks at all living members, parents before their children. A process that goes while it is
   * looked at is left out, and nothing else is.
   */
  walk(): readonly ProcessStat[] {
    this.#listedNewest = newestPid(this.#files)
    this.#members = this.#find()
    this.#listedFaults = new Map(this.#members.map((it) => [processKey(it), it.minorFaults]))
    this.#looks = 0
    return this.#members
  }

  /** Page faults of a process before its children were last listed; `undefined` when they never were. */
  faultsWhenListed(process: ProcessStat): number | undefined {
    return this.#listedFaults.get(processKey(process))
  }

  /** Whether a process of the tree was started since the last walk. */
  hasGrown(): boolean {
    const newest = newestPid(this.#files)
    if (newest !== undefined && newest === this.#listedNewest) return false
    return this.adopt(this.#find())
  }

  #find(): readonly ProcessStat[] {
    const found = new Map<number, ProcessStat>()
    const childrenOf = this.#children ? childLister(this.#files) : () => []
    const visit = (pid: number, belongs: (stat: ProcessStat) => boolean): void => {
      if (found.has(pid)) return
      const stat = readStat(this.#files, pid)
      if (!stat || !belongs(stat)) return
      found.set(pid, stat)
      for (const child of childrenOf(pid)) visit(child, (of) => of.parent === pid)
    }
    for (const { pid, startTime } of this.#members) visit(pid, (of) => of.startTime === startTime)
    for (const pid of this.#orphans?.find(found) ?? []) visit(pid, () => true)
    return [...found.values()]
  }

  /**
   * The members as {@link walk} finds them, or those of the last walk if that is recent enough:
   * reading the children of all threads is half the cost of a sample. It is recent enough when no
   * process was started on this machine since; or, on a busy machine, when no process of the tree
   * has started or ended lately and the last walk was a moment ago. Check each member again: its
   * figures may be out of date, and it may have ended.
   */
  members(): readonly ProcessStat[] {
    const newest = newestPid(this.#files)
    const now = performance.now()
    if (newest !== this.#newest) this.#newestSinceMs = now
    this.#newest = newest
    this.#looks++
    const isSettled = this.#walkedAtMs - this.#newestSinceMs > settleMs
    const isQuiet = newest !== undefined && isSettled && this.#looks < looksPerWalk
    const isCalm = this.#calm > calmWalks && this.#looks < looksPerCalmWalk
    if (isQuiet || isCalm) return this.#members
    this.#walkedAtMs = now
    const before = new Set(this.#members.map(processKey))
    const members = this.walk()
    const isSame =
      members.length === before.size && members.every((it) => before.has(processKey(it)))
    this.#calm = isSame ? this.#calm + 1 : 0
    return members
  }

  /**
   * Takes in members that another tree of the same root has seen: they may have lost their parents since.
   *
   * @returns whether there are any that were not members
   */
  adopt(members: readonly ProcessStat[]): boolean {
    const known = new Set(this.#members.map(processKey))
    const others = members.filter((member) => !known.has(processKey(member)))
    if (others.length === 0) return false
    this.#members = [...this.#members, ...others]
    this.#walkedAtMs = 0
    this.#calm = 0
    return true
  }

  /** Keeps only the members that were just seen alive. */
  keep(members: readonly ProcessStat[]): void {
    if (members.length < this.#members.length) this.#calm = 0
    this.#members = members
  }
}

/** A pid is given out before its process can be found: a moment, or longer on a busy machine. */
const settleMs = 250
/** The tree is walked at least at every fiftieth look. */
const looksPerWalk = 50
/** After this many walks without a change every third look is a walk: every 0.3 s at 10 Hz. */
const calmWalks = 10
const looksPerCalmWalk = 3

/** Identifies a process among all others, earlier and later ones too. */
export function processKey({ pid, startTime }: ProcessStat): string {
  return `${pid}:${startTime}`
}

/** Reads who a process is; `undefined` when there is none. */
export function readStat(files: ProcFiles, pid: number): ProcessStat | undefined {
  const text = files.read(`/proc/${pid}/stat`)
  return text === undefined ? undefined : parseStat(text)
}

/** The last number of `0.20 0.18 0.12 1/80 11206`: the pid or thread that was started last. */
function newestPid(files: ProcFiles): string | undefined {
  return /\/\d+ (\d+)\s*$/.exec(files.read('/proc/loadavg') ?? '')?.[1]
}

/**
 * How to find the children of a process: a child stands in the list of the *thread* that started
 * it, so a child of a worker thread is missing in the main thread's list.
 */
function childLister(files: ProcFiles): (pid: number) => readonly number[] {
  if (files.read('/proc/thread-self/children') === undefined) return scanParents(files)
  return (pid) =>
    (files.list(`/proc/${pid}/task`) ?? []).flatMap((thread) =>
      parseChildren(files.read(`/proc/${pid}/task/${thread}/children`) ?? ''),
    )
}

/** The way out on a kernel without `children` files: the parents of all processes there are. */
function scanParents(files: ProcFiles): (pid: number) => readonly number[] {
  const children = new Map<number, number[]>()
  for (const name of files.list('/proc') ?? []) {
    const stat = /^\d+$/.test(name) ? readStat(files, Number(name)) : undefined
    if (!stat) continue
    const siblings = children.get(stat.parent)
    if (siblings) siblings.push(stat.pid)
    else children.set(stat.parent, [stat.pid])
  }
  return (pid) => children.get(pid) ?? []
}

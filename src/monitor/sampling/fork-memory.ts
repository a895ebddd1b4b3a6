/** Counts anonymous memory that forked processes share only once. */

import { uptime } from 'node:os'
import type { Rollup } from '../proc/proc.ts'
import { largestPage } from '../proc/page-size.ts'
import type { ProcFiles } from '../proc/proc-files.ts'
import { processKey } from '../proc/tree.ts'
import { ForkFamily } from './fork-family.ts'
import type { Range } from '../proc/range.ts'
import type { ForkMember } from './fork-family.ts'
import type { PssBudget } from './pss-budget.ts'

/** What forks do to the anonymous memory of a tree. */
export interface ForkDivision {
  /** How much less than the sum of the resident sizes the tree has, in bytes; the likeliest figure. */
  readonly shared: number
  /** Between what the anonymous memory of the tree lies. */
  readonly range: Range
  /** What counts for each forked process, by pid. */
  readonly parts: ReadonlyMap<number, number>
  /** What was read for it, by pid. */
  readonly rollups: ReadonlyMap<number, Rollup>
}

/** The tree that the forks belong to. */
export interface ForkTree {
  /** Page faults of a process before its children were listed; `undefined` when they never were. */
  faultsWhenListed(process: ForkMember): number | undefined
  /** Whether a process was started since the processes were listed. */
  hasGrown(): boolean
  /** A process as it is now, its sizes before its page faults; `undefined` when it has ended. */
  lookAgain(process: ForkMember): ForkMember | undefined
}

/** Forks of one program, and what is known of them at this look. */
interface Group {
  readonly family: ForkFamily
  readonly members: readonly ForkMember[]
  range: Range
}

/**
 * Follows the forks within a tree. The kernel's division is read when the bounds drift apart and the
 * budget of PSS allows it, and at once where the tree may be higher than it ever was: a peak is
 * read, not guessed, as long as that takes no more than a second.
 */
export class ForkMemory {
  readonly #files: ProcFiles
  readonly #lane: PssBudget
  readonly #tree: ForkTree
  readonly #nowTicks: () => number
  #families = new Map<string, ForkFamily>()
  #seen: ReadonlySet<string> = new Set()
  /** Page faults of the parents of processes that share their address space, by key of the latter. */
  #copies: ReadonlyMap<string, number | undefined> = new Map()
  #pageBytes: number | undefined
  /** The most hard memory that the tree had for certain. */
  #proven = 0

  /** @param nowTicks - tells the time in hundredths of a second after boot, as `startTime` is */
  constructor(
    files: ProcFiles,
    lane: PssBudget,
    tree: ForkTree,
    nowTicks = () => Math.round(100 * uptime()),
  ) {
    this.#nowTicks = nowTicks
    this.#files = files
    this.#lane = lane
    this.#tree = tree
  }

  /**
   * Divides the memory of a tree.
   *
   * @param processes - all of the tree
   * @param shmem - of the tree, in bytes; peaks are those of hard memory
   * @returns `undefined` when none of them share anything
   */
  divide(processes: readonly ForkMember[], shmem: number): ForkDivision | undefined {
    const copies = this.#sharedSpaces(processes)
    const groups = this.#groups(processes.filter(({ pid }) => !copies.has(pid)))
    const sizes = sum(processes, ({ anonymous = 0 }) => anonymous)
    const parts = new Map([...copies].map((pid) => [pid, 0]))
    const forked = new Set(groups.flatMap(({ members }) => members))
    const others = sum(processes, (process) =>
      forked.has(process) || copies.has(process.pid) ? 0 : (process.anonymous ?? 0),
    )
    // The kernel divides by all that share a page, whether they are members or not.
    const isStill = copies.size === 0 && !processes.some(isLeaving)
    const rollups = isStill ? this.#read(groups, others + shmem) : new Map<number, Rollup>()
    const range = {
      least: others + sum(groups, ({ range }) => range.least),
      most: others + sum(groups, ({ range }) => range.most),
    }
    this.#proven = Math.max(this.#proven, range.least + shmem)
    if (groups.length === 0 && copies.size === 0) return undefined
    let total = others
    for (const { family, members } of groups) {
      const { likely } = family
      total += likely
      family.parts(members, likely).forEach((part, i) => parts.set(members[i]!.pid, part))
    }
    return { shared: sizes - total, range, parts, rollups }
  }

  /** Families of more than one; of the others is noted what they will share when they fork. */
  #groups(processes: readonly ForkMember[]): Group[] {
    const byLayout = Map.groupBy(
      processes.filter(({ anonymous, layout }) => anonymous !== undefined && layout !== undefined),
      ({ layout }) => layout!,
    )
    const families = new Map<string, ForkFamily>()
    const groups: Group[] = []
    for (const [layout, members] of byLayout) {
      const family = this.#families.get(layout) ?? new ForkFamily(this.#largestPage())
      families.set(layout, family)
      if (members.length > 1) groups.push({ family, members, range: family.range(members) })
      else family.settleAlone(members[0]!, this.#tree.faultsWhenListed(members[0]!) ?? 0)
    }
    this.#families = families
    return groups
  }

  /** Reads the families that are known too badly, as far as the budget goes. */
  #read(groups: readonly Group[], rest: number): ReadonlyMap<number, Rollup> {
    const found = new Map<number, Rollup>()
    const estimate = (): number => rest + sum(groups, ({ family }) => family.likely)
    const byWidth = [...groups].sort((a, b) => widthOf(b) - widthOf(a))
    for (const group of byWidth) {
      const { family, members, range } = group
      if (widthOf(group) <= Math.max(looseBytes, loose * range.most)) continue
      // While they are being forked, some are missing in the list, and with them a part of all.
      const isGrowing = !family.isOpen && family.hasNewcomers(members)
      if (isGrowing && family.delay() < maxDelays) continue
      const isUrgent = family.isOpen || estimate() > this.#proven
      if (!this.#lane.allowsAll(members, isUrgent)) continue
      const before = this.#lookAgain(members)
      if (!before) continue
      const rollups = this.#lane.readAll(members)
      for (const [pid, rollup] of rollups) found.set(pid, rollup)
      // One of another user, or a kernel before 5.4, tells nothing.
      if (!members.every(({ pid }) => rollups.get(pid)?.pssAnonymous !== undefined)) continue
      const after = this.#isWhole(members) ? this.#lookAgain(members) : undefined
      if (!after) continue
      family.settle({ listed: members, before, after, rollups, atTicks: this.#nowTicks() })
      group.range = family.range(after)
    }
    return found
  }

  /** Whether nobody else shared pages with these members while they were read. */
  #isWhole(members: readonly ForkMember[]): boolean {
    // The kernel lets nobody look at the pages of a process while it copies them for a fork. So each
    // fork that began before the reading has ended after this, and hasGrown() sees the new process.
    for (const { pid } of members) this.#files.head(`/proc/${pid}/pagemap`, 8)
    return !this.#tree.hasGrown()
  }

  /** The members as they are now; `undefined` when one or its child has ended, or runs another program. */
  #lookAgain(members: readonly ForkMember[]): readonly ForkMember[] | undefined {
    const after = members.map((member) => this.#tree.lookAgain(member))
    const isSame = after.every((now, i) => {
      const { layout, childFaults } = members[i]!
      // Of a child that was started and has ended since, only its page faults are left.
      return (
        now?.anonymous !== undefined && now.layout === layout && now.childFaults === childFaults
      )
    })
    return isSame ? (after as ForkMember[]) : undefined
  }

  /**
   * Pids of processes that have the very address space of their parent, as between `vfork` and
   * `exec`; the thread of the parent that called it waits until then. A fork proper may look the same
   * at first, and adds nothing then either.
   */
  #sharedSpaces(processes: readonly ForkMember[]): ReadonlySet<number> {
    const byPid = new Map(processes.map((process) => [process.pid, process]))
    const [before, copies] = [this.#seen, this.#copies]
    this.#seen = new Set(processes.map(processKey))
    const found = new Set<number>()
    const faults = new Map<string, number | undefined>()
    for (const process of processes) {
      const parent = byPid.get(process.parent)
      if (!parent || process.layout === undefined || process.layout !== parent.layout) continue
      const key = processKey(process)
      // A thread that waits so is in state D, and this is the state of the first thread.
      if (parent.state !== 'D' && parent.threads === 1) continue
      const hasWaited = parent.state === 'D' && copies.get(key) === parent.minorFaults
      if (before.has(key) && !(copies.has(key) && hasWaited)) continue
      if ((process.minorFaults ?? 0) > fewFaults) continue
      if (!figures.every((figure) => process[figure] === parent[figure])) continue
      found.add(process.pid)
      faults.set(key, parent.minorFaults)
    }
    this.#copies = faults
    return found
  }

  /** The most that one page fault gives: a page, or a huge one where those come unasked. */
  #largestPage(): number {
    this.#pageBytes ??= largestPage(this.#files)
    return this.#pageBytes
  }
}

/** So much of a family's memory may be in doubt before it is read again. */
const loose = 0.01
const looseBytes = 524_288

/** A reading waits at most this many times until no more processes fork. */
const maxDelays = 10

/** Whether others still share pages with a process that has none any more in its own figures. */
function isLeaving({ isEnding, isInExec }: ForkMember): boolean {
  return isEnding === true || isInExec === true
}

function widthOf({ range }: Group): number {
  return range.most - range.least
}

function sum<T>(list: readonly T[], figure: (one: T) => number): number {
  return list.reduce((total, one) => total + figure(one), 0)
}

/** What a process has done so far that is about to take a program. */
const fewFaults = 64

const figures = ['anonymous', 'fileBacked', 'shmem', 'pageTables', 'peakRss'] as const

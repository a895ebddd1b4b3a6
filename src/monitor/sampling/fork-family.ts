/** Computes the anonymous memory of a program's forked processes. */

import type { ProcessStat, Rollup, StatusMemory } from '../proc/proc.ts'
import type { Range } from '../proc/range.ts'
import { processKey } from '../proc/tree.ts'

/** A process as the kernel's cheap files show it. */
export type ForkMember = ProcessStat & StatusMemory

/** A division of all members by the kernel; all lists have the same order. */
interface Reading {
  /** Their page faults before their sizes in `before`. */
  readonly listed: readonly ForkMember[]
  /** Their sizes before the reading. */
  readonly before: readonly ForkMember[]
  /** Their sizes after the reading, and their page faults after that. */
  readonly after: readonly ForkMember[]
  readonly rollups: ReadonlyMap<number, Rollup>
  /** When it ended, in ticks after boot. */
  readonly atTicks: number
}

/** A member when the family's memory was last divided. */
interface Share {
  readonly anonymous: number
  readonly minorFaults: number
  /** Its part: a page that k processes map counts 1/k. */
  readonly part: number
  /** A lower bound for what no other process mapped. */
  readonly own: number
}

/**
 * Processes that were forked from one program and have not taken another one. They share the pages
 * that none of them has written since, so the sum of their sizes is too much, by up to as many
 * times as there are processes. The kernel divides exactly (`Pss_Anon`), at the price of a walk
 * through all page tables. In between, the family's memory lies between two bounds:
 *
 * - every page that a process allocates or copies takes a page fault, and the kernel counts those:
 *   memory grows by at most one page a fault;
 * - what the resident sizes grew by is new, and what they fell by may have been shared.
 *
 * @see https://docs.kernel.org/filesystems/proc.html, `Pss_Anon`
 */
export class ForkFamily {
  readonly #pageBytes: number
  /** Between what its memory lay when it was divided last. */
  #base: Range = { least: 0, most: 0 }
  /** When it was divided last, in ticks after boot as `startTime`. */
  #settledTicks = -1
  /** Whether it missed a member whose parent it has not seen, so that a part of all pages is missing. */
  #isPartial = false
  /** Members that it may have missed, by key of the parent that it has seen. */
  #missed = new Map<string, Set<string>>()
  #likely = 0
  #delays = 0
  #shares = new Map<string, Share>()
  /** The most that each process has allocated or copied since then, also of those who have ended. */
  #gained = new Map<string, number>()
  /** Where between the bounds the truth was when it was last read: 0 least, 1 most. */
  #place = 1

  /** @param pageBytes - the most memory that one page fault can give */
  constructor(pageBytes: number) {
    this.#pageBytes = pageBytes
  }

  /** Whether its memory was ever divided; without that only its sizes bound it. */
  get isKnown(): boolean {
    return this.#shares.size > 0
  }

  /** Whether the last division is of no use as an upper bound, or there was none. */
  get isOpen(): boolean {
    return !this.isKnown || this.#isPartial || this.#missed.size > 0
  }

  /** Whether there is a member that the last division did not see. */
  hasNewcomers(members: readonly ForkMember[]): boolean {
    return members.some((member) => !this.#shares.has(processKey(member)))
  }

  /**
   * Takes in a reading of all members. The kernel divides for one process after the other, and they
   * go on meanwhile. A page that one of them copies or allocates may count or not, and a page that one
   * of them frees may count up to twice, or half.
   */
  settle({ listed, before, after, rollups, atTicks }: Reading): void {
    const expected = this.range(after)
    const read = after.reduce((sum, { pid }) => sum + rollups.get(pid)!.pssAnonymous!, 0)
    let [least, most] = [read, read]
    before.forEach(({ anonymous }, i) => {
      const { taken, freed } = this.#moved({ ...listed[i]!, anonymous }, after[i]!)
      least -= freed
      most += taken + freed / 2
    })
    least = Math.max(least, this.#largest(after))
    most = Math.max(most, least)
    const width = expected.most - expected.least
    if (!this.isOpen && width > 0.01 * most) {
      this.#place = Math.min(1, Math.max(0, (most - expected.least) / width))
    }
    this.#base = { least, most }
    this.#settledTicks = atTicks + lateTicks
    this.#isPartial = false
    this.#missed.clear()
    this.#delays = 0
    this.#gained.clear()
    this.#shares = new Map(
      after.map((member, i) => [
        processKey(member),
        shareOf(before[i]!, member, rollups.get(member.pid)!),
      ]),
    )
  }

  /**
   * A single process shares nothing.
   *
   * @param minorFaults - of a moment before its children were listed: it copies pages that a child
   *   has which is not in the list
   */
  settleAlone(member: ForkMember, minorFaults: number): void {
    // All pages that a child has of it count already, whenever that was born.
    this.#settledTicks = -1
    this.#isPartial = false
    this.#missed.clear()
    const anonymous = member.anonymous ?? 0
    this.#base = { least: anonymous, most: anonymous }
    this.#gained.clear()
    this.#shares = new Map([
      [processKey(member), { anonymous, minorFaults, part: anonymous, own: anonymous }],
    ])
  }

  /** Between what the memory of these members lies, who are all of the family that live. */
  range(members: readonly ForkMember[]): Range {
    const sum = members.reduce((bytes, { anonymous }) => bytes + anonymous!, 0)
    const largest = this.#largest(members)
    if (!this.isKnown) {
      this.#likely = sum
      return { least: largest, most: sum }
    }
    let { least, most } = this.#base
    let hasNewcomers = false
    const living = new Set(members.map(processKey))
    const byPid = new Map(members.map((member) => [member.pid, member]))
    for (const member of members) {
      const key = processKey(member)
      const share = this.#shares.get(key)
      if (!share) {
        hasNewcomers = true
        if (member.startTime <= this.#settledTicks || !byPid.has(member.parent))
          this.#miss(member, byPid)
      }
      const grown = member.anonymous! - (share?.anonymous ?? member.anonymous!)
      least += grown
      const gained = share ? Math.max(grown, this.#faulted(member, share)) : this.#atMost(member)
      this.#gained.set(key, Math.max(gained, this.#gained.get(key) ?? 0))
    }
    for (const [key, { part, own }] of this.#shares) {
      if (living.has(key)) continue
      least -= part
      // A child may go on with all that its parent had.
      if (!hasNewcomers) most -= own
    }
    for (const [key, bytes] of this.#gained) if (hasNewcomers || living.has(key)) most += bytes
    most += this.#missing()
    least = Math.min(sum, Math.max(largest, least))
    most = Math.min(sum, Math.max(least, most))
    this.#likely = least + this.#place * (most - least)
    return { least, most: this.#isPartial ? sum : most }
  }

  /** Takes down a member that had pages of its parent when these were divided, so that the parts of those that were seen are too small. */
  #miss(member: ForkMember, byPid: ReadonlyMap<number, ForkMember>): void {
    let parent = byPid.get(member.parent)
    for (let i = 0; parent && !this.#shares.has(processKey(parent)); i++)
      parent = i < byPid.size ? byPid.get(parent.parent) : undefined
    if (!parent) {
      this.#isPartial = true
      return
    }
    const key = processKey(parent)
    const missed = this.#missed.get(key) ?? new Set()
    this.#missed.set(key, missed.add(processKey(member)))
  }

  /** At most what the last division lacks: k processes that it missed have k of k + 1 parts of their parent's pages. */
  #missing(): number {
    let bytes = 0
    for (const [key, { size }] of this.#missed)
      bytes += (this.#shares.get(key)!.anonymous * size) / (size + 1)
    return bytes
  }

  /** Puts a reading off; tells how often that was done since the last one. */
  delay(): number {
    return ++this.#delays
  }

  /** The likeliest figure within the last range. */
  get likely(): number {
    return Math.round(this.#likely)
  }

  /**
   * What counts for each member, in their order; adds up to `total`.
   *
   * @param total - of all of them
   */
  parts(members: readonly ForkMember[], total: number): number[] {
    const weights = members.map((member) => {
      const share = this.#shares.get(processKey(member))
      if (!this.isKnown) return member.anonymous!
      if (!share) return this.#atMost(member)
      return Math.max(0, share.part + member.anonymous! - share.anonymous)
    })
    const sum = weights.reduce((bytes, weight) => bytes + weight, 0)
    let left = total
    return weights.map((weight, i) => {
      const part = sum > 0 ? (total * weight) / sum : total / weights.length
      const whole = i === weights.length - 1 ? left : Math.min(left, Math.round(part))
      left -= whole
      return whole
    })
  }

  #largest(members: readonly ForkMember[]): number {
    return members.reduce((bytes, { anonymous }) => Math.max(bytes, anonymous!), 0)
  }

  /** What a member has at most taken since its share was read. */
  #faulted({ minorFaults = Infinity }: ForkMember, { minorFaults: were }: Share): number {
    return this.#pageBytes * Math.max(0, minorFaults - were)
  }

  /** What a member has at most allocated or copied, and what it has at most freed, between two looks. */
  #moved(before: ForkMember, after: ForkMember): { taken: number; freed: number } {
    const grown = after.anonymous! - before.anonymous!
    const { minorFaults: were = 0 } = before
    const { minorFaults: are = Infinity } = after
    const taken = Math.max(0, grown, this.#pageBytes * (are - were))
    return { taken, freed: taken - grown }
  }

  /** What a new member can have that is not its parent's: it is born without faults. */
  #atMost({ anonymous, minorFaults = Infinity }: ForkMember): number {
    let inherited = 0
    for (const share of this.#shares.values()) inherited = Math.max(inherited, share.anonymous)
    // A huge page takes one fault, so what is more than a parent had is new in any case.
    return Math.min(anonymous!, Math.max(this.#pageBytes * minorFaults, anonymous! - inherited))
  }
}

/**
 * The kernel copies the page tables of a fork before it gives the new process its start time. On a busy
 * machine that may be so many ticks later.
 */
const lateTicks = 10

/** At least half of what is shared belongs to others, and of USS only files and shmem may be theirs. */
function shareOf(before: ForkMember, after: ForkMember, { pssAnonymous, uss = 0 }: Rollup): Share {
  const { minorFaults = 0 } = after
  const most = (figure: 'anonymous' | 'fileBacked' | 'shmem'): number =>
    Math.max(before[figure] ?? 0, after[figure] ?? 0)
  const anonymous = after.anonymous!
  const part = Math.min(pssAnonymous!, most('anonymous'))
  const files = most('fileBacked') + most('shmem')
  const own = Math.max(0, 2 * part - most('anonymous'), Math.min(part, uss - files))
  return { anonymous, minorFaults, part, own }
}

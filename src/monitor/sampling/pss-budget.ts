/** Decides when to read PSS, within a CPU budget. */

import { parseSmapsRollup } from '../proc/proc.ts'
import type { ProcessStat, Rollup, StatusMemory } from '../proc/proc.ts'
import type { ProcFiles } from '../proc/proc-files.ts'
import { rssOf } from '../proc/totals.ts'
import { processKey } from '../proc/tree.ts'

/** A process as the latest sample shows it. */
type Candidate = ProcessStat & StatusMemory

/** The measured cost of reading one process. */
interface Visit {
  readonly firstSeenMs: number
  /** When it was last read, and how long that took. */
  readMs: number | undefined
  tookMs: number
  /** The shortest time per byte so far; longer times include other work of the machine. */
  msPerByte: number
  rollup: Rollup | undefined
}

/**
 * Decides whose `smaps_rollup` to read at a tick. The kernel walks all page tables for it, about
 * 14 ms per GiB, and the process can't map or unmap memory meanwhile. So the time of one reading
 * decides how often a process is read:
 * - up to 2 ms: as often as the budget of CPU time allows;
 * - up to 25 ms: for at most a 2,000th of its life, so that 999 of 1,000 calls of mmap don't notice;
 * - more, from about 1.7 GiB on: never. Its PSS is n/a.
 * The time is measured, since huge pages take a hundredth of it. Forked processes have other rules,
 * see {@link PssBudget.allowsAll}.
 */
export class PssBudget {
  readonly #files: ProcFiles
  readonly #budget: number
  readonly #nowMs: () => number
  #visits = new Map<string, Visit>()
  /**
   * Milliseconds that may be spent. Time on the clock stands for CPU time: the kernel adds that up
   * at its own ticks only, and on a busy machine it is right to read less.
   */
  #credit = startCreditMs
  #creditedMs: number
  /** Milliseconds saved for forks, whose total is unknown without their PSS. */
  #savedMs = 0

  /**
   * @param budget - the share of one core that it may use; 0 reads nothing
   * @param nowMs - the clock
   */
  constructor(files: ProcFiles, budget: number, nowMs = () => performance.now()) {
    this.#files = files
    this.#budget = budget
    this.#nowMs = nowMs
    this.#creditedMs = nowMs()
  }

  /**
   * Reads the processes that are due.
   *
   * @param processes - all of the tree, alive
   * @returns what was read now, by pid
   */
  read(processes: readonly Candidate[]): ReadonlyMap<number, Rollup> {
    const found = new Map<number, Rollup>()
    if (this.#budget === 0) return found
    const startMs = this.#refill()
    const savedMs = this.#savedMs
    this.#savedMs = 0
    for (const { process, visit } of this.#queue(processes, startMs)) {
      const expected = this.#expectedMs(visit, process)
      // The next sample must not be late.
      if (this.#nowMs() - startMs > maxTickMs) break
      if (expected > this.#credit - savedMs) continue
      const rollup = this.#visit(process, visit)
      if (rollup.pss !== undefined) found.set(process.pid, rollup)
    }
    return found
  }

  /**
   * Whether the budget and the processes allow reading all of them now: only figures of one moment
   * divide correctly what forks share.
   *
   * @param isUrgent - whether it may use the budget of the next seconds
   */
  allowsAll(processes: readonly Candidate[], isUrgent: boolean): boolean {
    if (this.#budget === 0) return false
    const startMs = this.#refill()
    const all = this.#visitsOf(processes, startMs)
    const costs = all.map(({ process, visit }) => this.#expectedMs(visit, process))
    const cost = costs.reduce((sum, ms) => sum + ms, 0)
    const enough = isUrgent
      ? Math.min(cost - maxDebtMs, startCreditMs)
      : Math.min(cost, maxCreditMs)
    if (cost > longestReadMs) return false
    if (this.#credit < enough) {
      this.#savedMs += Math.min(cost, maxCreditMs)
      return false
    }
    const share = isUrgent ? urgentStallShare : forkStallShare
    return all.every(
      ({ visit: { readMs = -Infinity } }, i) =>
        costs[i]! <= harmlessMs || startMs - readMs >= costs[i]! / share,
    )
  }

  /** Reads all of some processes; call it only as {@link allowsAll} allows. By pid. */
  readAll(processes: readonly Candidate[]): ReadonlyMap<number, Rollup> {
    const all = this.#visitsOf(processes, this.#nowMs())
    const credit = this.#credit
    const found = all.map(
      ({ process, visit }) => [process.pid, this.#visit(process, visit)] as const,
    )
    // Charge the expected time: other work of the machine must not delay the next reading of forks.
    const took = all.reduce((ms, { process, visit }) => ms + this.#expectedMs(visit, process), 0)
    this.#credit = Math.max(this.#credit, credit - took)
    return new Map(found)
  }

  /** The PSS of a tree from the last reading of each process; `undefined` until all were read. */
  total(processes: readonly Candidate[]): number | undefined {
    let sum = 0
    for (const process of processes) {
      if (process.state === 'Z') continue
      const pss = this.#visits.get(processKey(process))?.rollup?.pss
      if (pss === undefined) return undefined
      sum += pss
    }
    return processes.length > 0 ? sum : undefined
  }

  /** The processes that are due, longest waiting first. */
  #queue(
    processes: readonly Candidate[],
    nowMs: number,
  ): readonly { readonly process: Candidate; readonly visit: Visit }[] {
    const visits = new Map<string, Visit>()
    const waiting = processes.flatMap((process) => {
      const key = processKey(process)
      const visit = this.#visits.get(key) ?? newVisit(nowMs)
      visits.set(key, visit)
      const isAlive = process.anonymous !== undefined
      return isAlive && this.#isDue(visit, process, nowMs) ? [{ process, visit }] : []
    })
    this.#visits = visits
    return waiting.sort((a, b) => (a.visit.readMs ?? -1) - (b.visit.readMs ?? -1))
  }

  #visitsOf(
    processes: readonly Candidate[],
    nowMs: number,
  ): readonly { readonly process: Candidate; readonly visit: Visit }[] {
    return processes.map((process) => {
      const key = processKey(process)
      const visit = this.#visits.get(key) ?? newVisit(nowMs)
      this.#visits.set(key, visit)
      return { process, visit }
    })
  }

  /** Adds the budget of the time since the last call. */
  #refill(): number {
    const nowMs = this.#nowMs()
    this.#credit = Math.min(maxCreditMs, this.#credit + this.#budget * (nowMs - this.#creditedMs))
    this.#creditedMs = nowMs
    return nowMs
  }

  #isDue(visit: Visit, process: Candidate, nowMs: number): boolean {
    const expected = this.#expectedMs(visit, process)
    if (expected <= harmlessMs) return true
    if (expected > longestMs) return false
    if (visit.readMs === undefined) return nowMs - visit.firstSeenMs >= patienceMs
    return nowMs - visit.readMs >= Math.max(visit.tookMs, expected) / stallShare
  }

  #expectedMs(visit: Visit, process: Candidate): number {
    return baseMs + rssOf(process) * Math.min(visit.msPerByte, msPerByte)
  }

  #visit(process: Candidate, visit: Visit): Rollup {
    const startMs = this.#nowMs()
    const rollup = parseSmapsRollup(this.#files.read(`/proc/${process.pid}/smaps_rollup`) ?? '')
    visit.readMs = this.#nowMs()
    visit.tookMs = visit.readMs - startMs
    this.#credit -= visit.tookMs
    if (rollup.pss === undefined) return rollup
    visit.rollup = rollup
    const perByte = Math.max(0, visit.tookMs - baseMs) / Math.max(rssOf(process), 2 ** 20)
    visit.msPerByte = Math.min(visit.msPerByte, perByte)
    return rollup
  }
}

const startCreditMs = 10
const maxCreditMs = 50
const maxTickMs = 30
const baseMs = 0.2
/** The time for 4 KiB pages, used until a process was measured. */
const msPerByte = 14 / 2 ** 30
const harmlessMs = 2
const longestMs = 25
const stallShare = 1 / 2000
const patienceMs = 1000
/** Forks may be stalled for a larger share of time: their memory is unknown otherwise. */
const forkStallShare = 1 / 200
const urgentStallShare = 1 / 25
const maxDebtMs = 200
const longestReadMs = 1000

function newVisit(firstSeenMs: number): Visit {
  return { firstSeenMs, readMs: undefined, tookMs: 0, msPerByte: Infinity, rollup: undefined }
}

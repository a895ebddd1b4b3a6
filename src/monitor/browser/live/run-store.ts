/** Keeps the run that the live page shows. */

import type { Kibibytes, LiveBudget, LiveFeed, LivePhase, LiveProcess } from '../live-feed.ts'

/** Bytes or a rate at a sample; `null` where it is not known. */
export type Value = number | null

/** A process as far as it is known. */
export interface ShownProcess extends Omit<LiveProcess, 'own' | 'rss'> {
  /** The sample of the run at which its values begin. */
  first: number
  /** Private memory in bytes. */
  readonly own: Value[]
  rss: Value
  isAlive: boolean
  peak: number
}

/** A run, put together from feeds; all memory is in bytes, all times are ms after its start. */
export class RunStore {
  readonly budgets: readonly { readonly bytes: number; readonly phase: string | null }[]
  readonly times: number[] = []
  readonly hard: Value[] = []
  readonly high: Value[] = []
  readonly shared: Value[] = []
  readonly cache: Value[] = []
  readonly rss: Value[] = []
  readonly cpu: Value[] = []
  readonly tasks: Value[] = []
  readonly processes = new Map<string, ShownProcess>()
  durationMs = 0
  isOver = false
  living = 0
  phases: readonly LivePhase[] = []
  peak: { readonly hard: Value; readonly ms: number } = { hard: null, ms: 0 }
  limit: Value = null

  constructor(budgets: readonly LiveBudget[] = []) {
    this.budgets = budgets.map(([limit, phase]) => ({ bytes: limit * 1024, phase }))
  }

  /** Appends a feed; samples that are there already are left out. */
  add(feed: LiveFeed): void {
    const base = this.times.length
    const last = this.times.at(-1) ?? -1
    const found = feed.times.findIndex((ms) => ms > last)
    const skip = found < 0 ? feed.times.length : found
    for (const ms of feed.times.slice(skip)) this.times.push(ms)
    for (const name of memoryColumns) {
      for (const kib of feed[name].slice(skip)) this[name].push(toBytes(kib))
    }
    for (const cores of feed.cpu.slice(skip)) this.cpu.push(cores)
    for (let i = skip; i < feed.times.length; i++) this.tasks.push(feed.tasks?.[i] ?? null)
    for (const line of this.processes.values()) line.isAlive = false
    for (const line of feed.processes) this.#addProcess(line, base, skip)
    this.durationMs = feed.durationMs
    this.living = feed.living
    this.phases = feed.phases
    this.peak = { hard: toBytes(feed.peak.hard), ms: feed.peak.ms }
    this.limit = toBytes(feed.limit)
  }

  /** Takes the end of the run in. */
  end(): void {
    this.isOver = true
    this.living = 0
    for (const line of this.processes.values()) line.isAlive = false
  }

  /** The newest sample, or at the end the last one that saw memory; -1 for none. */
  get newest(): number {
    const last = this.times.length - 1
    if (!this.isOver) return last
    const known = this.hard.findLastIndex((bytes) => bytes !== null)
    return known < 0 ? last : known
  }

  /** The first sample that is not before a moment. */
  firstAt(ms: number): number {
    let low = 0
    let high = this.times.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.times[middle]! < ms) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Whether any task of a `Parallel` was counted. */
  get hasTasks(): boolean {
    return this.tasks.some((rate) => rate !== null)
  }

  /** @param base - samples before this feed; `skip` samples of the feed repeat them */
  #addProcess(process: LiveProcess, base: number, skip: number): void {
    const { own, first, rss, ...facts } = process
    const start = base + first - skip
    const line = this.processes.get(facts.id) ?? {
      ...facts,
      first: Math.max(base, start),
      own: [],
      rss: null,
      peak: 0,
    }
    this.processes.set(facts.id, Object.assign(line, facts, { rss: toBytes(rss) }))
    for (let i = Math.max(0, base - start); i < own.length; i++) {
      while (line.own.length < start + i - line.first) line.own.push(null)
      const bytes = toBytes(own[i])
      line.own.push(bytes)
      line.peak = Math.max(line.peak, bytes ?? 0)
    }
  }
}

/** Private memory of a process at a sample of the run; 0 before and after its life. */
export function ownMemory(line: ShownProcess, sample: number): number {
  return line.own[sample - line.first] ?? 0
}

const memoryColumns = ['hard', 'high', 'shared', 'cache', 'rss'] as const

function toBytes(kib: Kibibytes | undefined): Value {
  return kib === null || kib === undefined ? null : kib * 1024
}

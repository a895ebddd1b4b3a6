/** Turns marks into phases, in bounded memory. */

import type { PhaseDetails } from '../marks/mark-file.ts'
import type { Phase } from './run-data.ts'

/** The beginning of a phase. */
export interface PhaseStart {
  readonly name: string
  /** The process and thread that it begins in, where known. */
  readonly pid?: number | undefined
  readonly thread?: number
  readonly details?: PhaseDetails
}

/** More phases than this, and the shorter half is forgotten. */
const maxPhases = 20_000

/** Keeps the phases of a run; a mark ends the phase before of the same thread. */
export class PhaseKeeper {
  #ended: Phase[] = []
  readonly #open = new Map<string, Omit<Phase, 'endMs'>>()

  /** @param atMs - milliseconds after the start of the run; what ends before it is no phase */
  mark({ name, pid, thread = 0, details }: PhaseStart, atMs: number): void {
    const key = `${pid}:${thread}`
    // The one before may have been moved to a sample that came after this mark.
    const startMs = Math.max(atMs, this.#open.get(key)?.startMs ?? atMs)
    this.#end(key, startMs)
    this.#open.set(key, {
      name,
      startMs,
      pid,
      level: 0,
      ...(thread === 0 ? {} : { thread }),
      ...(details === undefined ? {} : { details }),
    })
  }

  /** Moves the beginning of the phase that a mark has begun, and with it the end of the one before, to a later moment. */
  postpone({ name, pid, thread = 0 }: PhaseStart, atMs: number): void {
    const phase = this.#open.get(`${pid}:${thread}`)
    if (phase?.name !== name || phase.startMs >= atMs) return
    const before = this.#ended.findLastIndex(
      (ended) => ended.pid === pid && (ended.thread ?? 0) === thread,
    )
    if (this.#ended[before]?.endMs === phase.startMs)
      this.#ended[before] = { ...this.#ended[before], endMs: atMs }
    this.#open.set(`${pid}:${thread}`, { ...phase, startMs: atMs })
  }

  /** Ends the phases of a process that has ended. */
  leave(pid: number, endMs: number): void {
    for (const [key, phase] of this.#open) if (phase.pid === pid) this.#end(key, endMs)
  }

  /**
   * All phases in the order in which they began.
   *
   * @param endMs - the end of the run so far
   * @param endOf - when the thread that a phase belongs to was last seen
   */
  phases(endMs: number, endOf: (phase: Omit<Phase, 'endMs'>) => number | undefined): Phase[] {
    const open = [...this.#open.values()].map((phase) => ({
      ...phase,
      endMs: Math.max(phase.startMs, endOf(phase) ?? endMs),
    }))
    return [...this.#ended, ...open]
      .filter((phase) => phase.endMs >= 0)
      .map((phase) => ({
        ...phase,
        // A mark may have come from before the first sample, or after the last.
        startMs: Math.min(Math.max(0, phase.startMs), endMs),
        endMs: Math.min(phase.endMs, endMs),
      }))
      .sort((a, b) => a.startMs - b.startMs)
  }

  #end(key: string, endMs: number): void {
    const phase = this.#open.get(key)
    if (!phase) return
    this.#open.delete(key)
    this.#ended.push({ ...phase, endMs: Math.max(phase.startMs, endMs) })
    if (this.#ended.length <= maxPhases) return
    this.#ended.sort((a, b) => b.endMs - b.startMs - (a.endMs - a.startMs))
    this.#ended = this.#ended.slice(0, maxPhases / 2)
  }
}

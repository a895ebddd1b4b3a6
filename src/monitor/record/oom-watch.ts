/** Detects that the kernel killed a process for lack of memory. */

import type { ProcessRecord } from './process-record.ts'
import type { KilledProcess } from './run-data.ts'

/** The count of kills is read at every tenth sample and when a process goes: both come near. */
const nearMs = 3000

/**
 * Holds the kernel's count of kills in a control group against the processes that went: others
 * live in the same group, so a kill is the tree's only when one of its processes went with it.
 */
export class OomWatch {
  #kills: number | undefined
  #gone: KilledProcess[] = []
  #suspectedUntilMs = -Infinity
  #killed: KilledProcess | undefined

  /** @param kills - the count at the start of the run; `undefined` is n/a */
  constructor(kills: number | undefined) {
    this.#kills = kills
  }

  /** The last process of the tree that was killed. */
  get killed(): KilledProcess | undefined {
    return this.#killed
  }

  /**
   * Takes the next sample in.
   *
   * @param kills - the count now
   * @param gone - processes of the previous sample that have ended
   * @param ms - the time of the sample
   */
  add(kills: number | undefined, gone: readonly ProcessRecord[], ms: number): void {
    this.#gone = this.#gone.filter(({ atMs }) => ms - atMs <= nearMs)
    for (const record of gone) this.#gone.push(lastWords(record))
    if (kills !== undefined && this.#kills !== undefined && kills > this.#kills) {
      this.#suspectedUntilMs = ms + nearMs
    }
    this.#kills = kills ?? this.#kills
    if (ms > this.#suspectedUntilMs || this.#gone.length === 0) return
    // The kernel takes the largest.
    this.#killed = this.#gone.reduce((a, b) => (sizeOf(b) > sizeOf(a) ? b : a))
    this.#suspectedUntilMs = -Infinity
  }
}

function lastWords({ name, endMs, lastKnown }: ProcessRecord): KilledProcess {
  const { pid, anonymous, shmem, fileBacked } = lastKnown
  const rss = anonymous === undefined ? undefined : anonymous + (shmem ?? 0) + (fileBacked ?? 0)
  return { pid, name, atMs: endMs, anonymous, rss }
}

function sizeOf({ rss }: KilledProcess): number {
  return rss ?? 0
}

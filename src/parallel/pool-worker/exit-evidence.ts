/** Evidence that explains how a worker ended. */

import type { WorkerExit } from '../protocol/backend.ts'
import { countOomKills } from '../machine/cgroup-limits.ts'
import type { MemoryNote, WorkerEnd } from './worker-errors.ts'
import type { Job } from '../run/job.ts'

/** Notes on one worker, from its start to its end. */
export class ExitEvidence {
  /** Number of OOM kills before it started; undefined for a worker without a process of its own. */
  readonly #oomKills: number | undefined
  #memory: MemoryNote = {}
  #uncaught: { error: unknown } | undefined
  #badMessage: unknown

  /** @param hasProcess - whether it is a process of its own */
  constructor(hasProcess: boolean) {
    this.#oomKills = hasProcess ? countOomKills() : undefined
  }

  /** Notes its memory limit, or a measurement of its memory. */
  noteMemory(memory: MemoryNote): void {
    this.#memory = { ...this.#memory, ...memory }
  }

  /** Notes an invalid message, for which it is killed. */
  noteBadMessage(error: unknown): void {
    this.#badMessage = error
  }

  /** Notes an uncaught error, which it sent just before its end. */
  noteUncaught(error: unknown): void {
    this.#uncaught = { error }
  }

  /**
   * Describes its end, with all evidence.
   *
   * @param killedFor - the task because of which it was killed
   */
  conclude(exit: WorkerExit, killedFor: Job | undefined): WorkerEnd {
    const isOomKill =
      exit.signal === 'SIGKILL' &&
      this.#oomKills !== undefined &&
      countOomKills() !== this.#oomKills
    return {
      ...exit,
      ...this.#uncaught,
      ...(this.#badMessage !== undefined && { badMessage: this.#badMessage }),
      memory: { ...this.#memory, isOomKill },
      ...(killedFor && { killedFor }),
    }
  }
}

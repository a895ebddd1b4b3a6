/** What is noted of a worker to explain its end. */

import type { WorkerExit } from '../protocol/backend.ts'
import { countOomKills } from '../machine/cgroup-limits.ts'
import type { MemoryNote, WorkerEnd } from './worker-errors.ts'
import type { Job } from '../run/run.ts'

/** Notes on one worker, from its start to its end. */
export class ExitEvidence {
  /** Kills of the kernel's before its time; undefined of a worker that has no process to be killed. */
  readonly #oomKills: number | undefined
  #memory: MemoryNote = {}
  #uncaught: { error: unknown } | undefined
  #badMessage: unknown

  /** @param hasProcess - whether it is a process of its own */
  constructor(hasProcess: boolean) {
    this.#oomKills = hasProcess ? countOomKills() : undefined
  }

  /** How much memory it may use or was seen to hold. */
  noteMemory(memory: MemoryNote): void {
    this.#memory = { ...this.#memory, ...memory }
  }

  /** It sent what is no message, or none that could come, and is ended for that. */
  noteBadMessage(error: unknown): void {
    this.#badMessage = error
  }

  /** What nobody caught in it, which it sent just before its end. */
  noteUncaught(error: unknown): void {
    this.#uncaught = { error }
  }

  /**
   * Its end, with all that is known.
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

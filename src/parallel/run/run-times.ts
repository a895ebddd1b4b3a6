/** Measures and predicts how long tasks take. */

import { RecentMap } from '../../recent-map.ts'
import type { Job } from './job.ts'
import { type RunStats, StatsRecorder } from './run-stats.ts'

/** Least time of a task: sending it and its result takes this long. */
const leastMs = 0.001

/** Least number of functions that are remembered; a forgotten one is measured again by its next task. */
const functions = 2000

/** Least number of names whose times are remembered, 21 kB each. */
const names = 50

/** Expected running times by function, which size the messages to workers; and the times of all tasks. */
export class RunTimes {
  readonly #expected = new RecentMap<number, number>(functions)
  readonly #all = new StatsRecorder()
  readonly #named = new RecentMap<string, StatsRecorder>(names)

  /** Milliseconds that a task of this function is expected to run; infinite until one was measured. */
  expected(functionId: number): number {
    return this.#expected.get(functionId) ?? Infinity
  }

  /**
   * Learns from a task. A slow task counts at once, a fast one little by little: too small
   * a batch costs a message, too large a one makes others wait.
   *
   * @param startMs - when it began to run, and
   * @param arrivedMs - when its result arrived, by `sharedMs`
   */
  record({ task, run, takenMs }: Job, ms: number, startMs: number, arrivedMs: number): void {
    const { id } = task.callee
    const before = this.#expected.get(id)
    const now = Math.max(ms, leastMs)
    this.#expected.set(id, before === undefined || now > before ? now : before * 0.8 + now * 0.2)
    const waitMs = startMs - takenMs
    const transferMs = arrivedMs - startMs - ms
    this.#all.add(waitMs, ms, transferMs)
    const { name } = run.settings
    if (name !== undefined) this.#recorder(name).add(waitMs, ms, transferMs)
  }

  /** The times of all tasks, or those of runs of one name. */
  stats(name: string | undefined): RunStats {
    const recorder = name === undefined ? this.#all : this.#named.get(name)
    return (recorder ?? new StatsRecorder()).summarize()
  }

  #recorder(name: string): StatsRecorder {
    let recorder = this.#named.get(name)
    if (recorder === undefined) this.#named.set(name, (recorder = new StatsRecorder()))
    return recorder
  }
}

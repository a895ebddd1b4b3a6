/** Counts the tasks that workers of a tree have finished. */

import type { TreeSample } from '../sampling/sample.ts'
import { processKey } from '../proc/tree.ts'

/** Adds up what isolates publish; those that have ended keep their count. */
export class TaskCounter {
  readonly #living = new Map<string, number>()
  #total = 0

  /** @returns the tasks so far; `undefined` until an isolate has published any */
  add({ processes }: TreeSample): number | undefined {
    const seen = new Set<string>()
    for (const process of processes) {
      for (const { thread, tasks = 0 } of process.isolates ?? []) {
        const key = `${processKey(process)}:${thread}`
        seen.add(key)
        const before = this.#living.get(key) ?? 0
        // A thread may have the number of one that has ended, and begins again.
        this.#total += tasks >= before ? tasks - before : tasks
        this.#living.set(key, tasks)
      }
    }
    for (const key of this.#living.keys()) if (!seen.has(key)) this.#living.delete(key)
    return this.#total > 0 ? this.#total : undefined
  }
}

/** Lowers estimates of forks' memory once the kernel has told more. */

import { processKey } from '../proc/tree.ts'
import type { TreeSample } from '../sampling/sample.ts'
import { isBound } from '../proc/range.ts'

/** A sample that was estimated too high. */
export interface Correction {
  /** Its number in the run. */
  readonly number: number
  readonly sample: TreeSample
  /** How many bytes too high. */
  readonly bytes: number
}

/**
 * What forks share only falls while nobody forks: a page is copied or given back, never shared
 * anew. So what they share when it is read, they shared at least before.
 */
export class Hindsight {
  #doubtful: { readonly number: number; readonly sample: TreeSample }[] = []
  #known = new Set<string>()

  /**
   * Takes the next sample in.
   *
   * @param number - of the sample in the run
   * @returns earlier samples that it shows to be too high
   */
  add(sample: TreeSample, number: number): readonly Correction[] {
    const known = new Set(sample.processes.map(processKey))
    const hasNewcomers = sample.processes.some(
      (process) => process.counted !== undefined && !this.#known.has(processKey(process)),
    )
    this.#known = known
    if (hasNewcomers) this.#doubtful = []
    const { hardRange } = sample
    if (hardRange && isBound(hardRange)) {
      this.#doubtful.push({ number, sample })
      if (this.#doubtful.length > maxDoubtful) this.#doubtful.shift()
      return []
    }
    const shared = sharedBy(sample)
    const corrections = this.#doubtful.flatMap(({ number, sample }) => {
      const bytes = shared - sharedBy(sample)
      return bytes > 0 ? [{ number, sample, bytes }] : []
    })
    this.#doubtful = []
    return corrections
  }

  /** Numbers of samples have changed. */
  forget(): void {
    this.#doubtful = []
  }
}

const maxDoubtful = 1000

/** What the sum of all sizes counts more than once. */
function sharedBy({ processes, anonymous = 0 }: TreeSample): number {
  return processes.reduce((sum, process) => sum + (process.anonymous ?? 0), 0) - anonymous
}

/** Corrects earlier estimates of the memory of forks. */

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
 * Between two forks the shared memory of a family only falls: pages are copied or freed, never
 * shared again. So a reading is a lower bound for what was shared before it.
 */
export class LateCorrections {
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

  /** Call this when the numbers of the samples have changed. */
  forget(): void {
    this.#doubtful = []
  }
}

const maxDoubtful = 1000

/** Memory that the sum of all sizes counts more than once. */
function sharedBy({ processes, anonymous = 0 }: TreeSample): number {
  return processes.reduce((sum, process) => sum + (process.anonymous ?? 0), 0) - anonymous
}

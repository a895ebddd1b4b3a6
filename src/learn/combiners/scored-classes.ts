/** Losses of means of probabilities by any scorer, from rows. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { array, type NDArray, toRowNumbers } from '../../arrays/index.ts'
import type { ClassRows } from '../contract/combiner.ts'
import { codedScorer, isOwnScorer } from '../scores/coded-scorer.ts'
import type { ScoreOptions } from '../scores/score-options.ts'
import type { Scorer } from '../scores/scorer.ts'
import type { Candidates } from './greedy-steps.ts'
import { lossOf } from './scored-columns.ts'
import { mapNumbers } from '../inputs/row-vectors.ts'

/**
 * Classifiers of which the mean with the best score is sought. A scorer of your own gets labels, others numbers of classes. A step reads all columns; there
 * are two values of scratch for each row and class, and a few for each row.
 */
export class ScoredClasses implements Candidates {
  readonly count: number
  readonly #problem: ClassRows
  readonly #scorer: Scorer
  readonly #numbers: Int32Array
  readonly #truth: NDArray
  readonly #options: ScoreOptions
  readonly #sums: Float64Array
  readonly #mean: Float64Array
  #chosen = 0

  constructor(problem: ClassRows, scorer: Scorer) {
    const { columns, codes, labels, weights } = problem
    this.count = columns.learners
    this.#problem = problem
    this.#scorer = isOwnScorer(scorer) ? codedScorer(scorer, labels) : scorer
    const numbers = (this.#numbers = toRowNumbers(problem.rows))
    this.#truth = array(mapNumbers(numbers, (row) => codes[row]!))
    const classes = Float64Array.from({ length: columns.classes }, (_, code) => code)
    this.#options = {
      ...(weights && { weights: mapNumbers(numbers, (row) => weights[row]!) }),
      ...((scorer.needs ?? 'predictions') !== 'predictions' && { classes }),
    }
    this.#sums = new Float64Array(numbers.length * columns.width)
    this.#mean = new Float64Array(numbers.length * columns.width)
  }

  async losses(): Promise<number[]> {
    const losses: number[] = []
    const share = 1 / (this.#chosen + 1)
    const { scorer, truth } = { scorer: this.#scorer, truth: this.#truth }
    for (let l = 0; l < this.count; l++) {
      this.#each(l, (value, at) => (this.#mean[at] = (this.#sums[at]! + value) * share))
      losses.push(lossOf(scorer, truth, this.#predicted(), this.#options, `classifier ${l}`))
      await nextTurn()
    }
    return losses
  }

  add(candidate: number): void {
    this.#each(candidate, (value, at) => (this.#sums[at]! += value))
    this.#chosen++
  }

  #each(learner: number, take: (value: number, at: number) => void): void {
    const { X, columns } = this.#problem
    const { width } = columns
    const { data, offset, strides } = X
    const [rowStride, columnStride] = strides as [number, number]
    const first = offset + learner * width * columnStride
    for (let i = 0, at = 0; i < this.#numbers.length; i++) {
      let from = first + this.#numbers[i]! * rowStride
      for (let c = 0; c < width; c++, from += columnStride) take(Number(data[from]), at++)
    }
  }

  /** What the scorer takes, of the mean: probabilities, those of the second of two classes, or numbers of classes. */
  #predicted(): NDArray {
    const { width } = this.#problem.columns
    const isLabel = (this.#scorer.needs ?? 'predictions') === 'predictions'
    if (!isLabel)
      return array(this.#mean, {
        shape: width === 1 ? [this.#numbers.length] : [this.#numbers.length, width],
      })
    return array(mapNumbers(this.#numbers, (_, i) => this.#likeliest(i * width, width)))
  }

  /** The first of the likeliest classes, as it is predicted. */
  #likeliest(from: number, width: number): number {
    if (width === 1) return Number(this.#mean[from]! > 0.5)
    let best = 0
    for (let c = 1; c < width; c++) if (this.#mean[from + c]! > this.#mean[from + best]!) best = c
    return best
  }
}

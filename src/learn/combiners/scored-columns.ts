/** Losses of means of columns by any scorer, from rows. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { array, type NDArray } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import { requireScore } from '../scores/require-score.ts'
import type { ScoreOptions } from '../scores/score-options.ts'
import type { Scorer } from '../scores/scorer.ts'
import type { Candidates } from './greedy-steps.ts'
import { mapNumbers } from '../inputs/row-vectors.ts'

/** The rows that columns are scored on. */
export interface ScoredRows {
  /** Predictions, shape (n, L). */
  readonly X: NDArray
  /** Target of all rows of `X`, shape (n). */
  readonly y: NDArray
  /** Numbers of the rows that count. */
  readonly numbers: Int32Array
  /** Weights of rows, shape (n); null when all are 1. */
  readonly weights: Float64Array | null
}

/** Columns of which the mean with the best score is sought. A step reads all columns; there are three values of scratch for each row. */
export class ScoredColumns implements Candidates {
  readonly count: number
  readonly #scorer: Scorer
  readonly #rows: ScoredRows
  readonly #truth: NDArray
  readonly #options: ScoreOptions
  readonly #sums: Float64Array
  readonly #mean: NDArray<'float64'>
  #chosen = 0

  constructor(rows: ScoredRows, scorer: Scorer) {
    const { X, y, numbers, weights } = rows
    this.count = X.shape[1]!
    this.#rows = rows
    this.#scorer = scorer
    this.#truth = array(mapNumbers(numbers, (row) => Number(y.get(row))))
    this.#options = weights === null ? {} : { weights: mapNumbers(numbers, (row) => weights[row]!) }
    this.#sums = new Float64Array(numbers.length)
    this.#mean = array(new Float64Array(numbers.length))
  }

  async losses(): Promise<number[]> {
    const losses: number[] = []
    const { data: mean } = this.#mean
    const share = 1 / (this.#chosen + 1)
    for (let l = 0; l < this.count; l++) {
      this.#each(l, (value, i) => (mean[i] = (this.#sums[i]! + value) * share))
      losses.push(lossOf(this.#scorer, this.#truth, this.#mean, this.#options, `column ${l}`))
      await nextTurn()
    }
    return losses
  }

  add(candidate: number): void {
    this.#each(candidate, (value, i) => (this.#sums[i]! += value))
    this.#chosen++
  }

  #each(column: number, take: (value: number, i: number) => void): void {
    const { X, numbers } = this.#rows
    const { data, offset, strides } = X
    const [rowStride, columnStride] = strides as [number, number]
    const first = offset + column * columnStride
    for (let i = 0; i < numbers.length; i++) take(Number(data[first + numbers[i]! * rowStride]), i)
  }
}

/**
 * The loss of predictions by a scorer; less is better.
 *
 * @param what - they are of, for error texts
 * @throws TypeError when a scorer of your own returns no number; OneCopyError `ERR_ROWS` for a single row that it needs more of
 */
export function lossOf(
  scorer: Scorer,
  truth: NDArray,
  predicted: NDArray,
  options: ScoreOptions,
  what: string,
): number {
  const score: unknown = scorer(truth, predicted, options)
  if (truth.size === 1 && Number.isNaN(score)) {
    throw new OneCopyError(
      'ERR_ROWS',
      `Expected more than one row to choose learners by ${scorer.name}, got a score of NaN for one.`,
    )
  }
  const number = requireScore(scorer, score, what)
  return scorer.greaterIsBetter ? -number : number
}

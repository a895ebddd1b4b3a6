/** Scores of the predictions of each fold's rows. */

import { countRows, type NDArray, shared } from '../../arrays/index.ts'
import { isOneCopyError, OneCopyError } from '../../errors.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import type { Classes, Label } from '../inputs/labels.ts'
import { requireScore } from '../scores/require-score.ts'
import type { ScoreOptions } from '../scores/score-options.ts'
import { isNamedScorer, refusesRows } from '../scores/scorer-names.ts'
import type { Scorer, ScorerNeeds } from '../scores/scorer.ts'
import { labelsOfCodes, likeliestCodes } from './class-predictions.ts'
import type { MemberOutput } from './member-output.ts'
import type { StackTarget } from './stack-target.ts'

/** True values or labels, or predictions of them. */
type Scored = NDArray | readonly Label[]

/** Scores out-of-fold predictions: numbers as they are; of classes the labels, probabilities or values that the scorer needs. */
export class FoldScores {
  readonly #scorer: Scorer<Scored, Scored>
  readonly #target: StackTarget
  readonly #weights: Float64Array | undefined
  /** Labels that only scorers of ours have seen: 8 bytes a row for each learner would wait for the garbage collector. */
  readonly #rooms: NDArray[] = []

  constructor(scorer: Scorer, target: StackTarget, weights: Float64Array | undefined) {
    // What the scorer takes, it has said by `needs`.
    this.#scorer = scorer as unknown as Scorer<Scored, Scored>
    this.#target = target
    this.#weights = weights
  }

  /**
   * Scores each fold.
   *
   * @param columns - predictions of a learner, shape (n, ...rowShape)
   * @param folds - by their numbers
   * @returns NaN for each fold when the learner doesn't predict what the scorer needs
   * @throws TypeError when a custom scorer doesn't return a number
   */
  of(columns: NDArray, output: MemberOutput, folds: ReadonlyMap<number, Fold>): number[] {
    const { needs = 'predictions' } = this.#scorer
    try {
      const predicted = this.#predictedOf(columns, output, needs)
      if (predicted === undefined) return Array.from(folds, () => Number.NaN)
      const truth = this.#readTruth()
      return Array.from(folds, ([fold, { test }]) => this.#score(truth, predicted, fold, test))
    } finally {
      this.#freeLabels()
    }
  }

  /**
   * Scores each fold, as {@link of} does. Some predictions have no score, such as a negative one for a Poisson deviance.
   *
   * @param name - of the learner
   * @throws OneCopyError `ERR_VALUE` naming the learner
   */
  ofLearner(
    name: string,
    columns: NDArray,
    output: MemberOutput,
    folds: ReadonlyMap<number, Fold>,
  ): number[] {
    try {
      return this.of(columns, output, folds)
    } catch (cause) {
      if (!isOneCopyError(cause) || cause.code !== 'ERR_VALUE') throw cause
      throw new OneCopyError(
        'ERR_VALUE',
        `${cause.message} These are predictions of \`${name}\`. Choose another scorer, or a learner whose predictions it takes.`,
        { cause, details: { ...cause.details, learner: name } },
      )
    }
  }

  /**
   * Scores true values in place of predictions, so that a fold that can't be scored is refused before anything is fitted. Scorers of
   * your own are not called, nor are any where a target is not finite.
   *
   * @throws what the scorer throws; TypeError for a score of NaN
   */
  requireScorable(folds: readonly Fold[]): void {
    const { needs = 'predictions' } = this.#scorer
    const { labels, y } = this.#target
    if (needs === 'probabilities' || !refusesRows(this.#scorer)) return
    // The learners name the row that has no number.
    if (labels === undefined && !isFiniteTarget(y)) return
    const isOneHot = needs === 'decision' && labels !== undefined && labels.length > 2
    const truth = this.#readTruth()
    const right = isOneHot ? oneHot(y, labels.length) : needs === 'decision' ? y : truth
    try {
      for (const [fold, { test }] of folds.entries()) this.#score(truth, right, fold, test)
    } finally {
      if (isOneHot) (right as NDArray)[Symbol.dispose]()
      this.#freeLabels()
    }
  }

  /** True values, or labels, which would take 8 bytes a row while models are fitted if they were kept. */
  #readTruth(): Scored {
    const { y, labels } = this.#target
    return labels === undefined ? y : this.#labelsOf(y.toTypedArray(), labels)
  }

  #labelsOf(codes: ArrayLike<number | bigint>, labels: Classes): Scored {
    // A scorer of a user may keep what it is given.
    if (!isNamedScorer(this.#scorer)) return labelsOfCodes(codes, labels)
    return labelsOfCodes(codes, labels, [], (shape) => {
      const room = shared(shape, 'float64')
      this.#rooms.push(room)
      return room
    })
  }

  #freeLabels(): void {
    for (const room of this.#rooms.splice(0)) room[Symbol.dispose]()
  }

  #score(truth: Scored, predicted: Scored, fold: number, test: Fold['test']): number {
    const { name, needs = 'predictions' } = this.#scorer
    const score: unknown = this.#scorer(truth, predicted, this.#optionsOf(test, needs))
    if (!Number.isNaN(score) || countRows(test) > 1)
      return requireScore(this.#scorer, score, `fold ${fold}`)
    throw new OneCopyError(
      'ERR_ROWS',
      `Expected the scorer ${name} to return a number for fold ${fold}, got NaN. ` +
        'This fold holds a single row. Use fewer folds, or another scorer.',
      { details: { fold } },
    )
  }

  #optionsOf(rows: Fold['test'], needs: ScorerNeeds): ScoreOptions {
    const { labels } = this.#target
    return {
      rows,
      ...(this.#weights && { weights: this.#weights }),
      ...(needs !== 'predictions' && labels && { classes: labels }),
    }
  }

  /** What the scorer takes; undefined when the learner doesn't predict it. */
  #predictedOf(columns: NDArray, output: MemberOutput, needs: ScorerNeeds): Scored | undefined {
    const { labels } = this.#target
    if (labels === undefined) return columns
    if (needs === 'predictions') return this.#labelsOf(likeliestCodes(columns, output), labels)
    const { method, classes, rowShape } = output
    const isNumber = classes === 0
    const fits =
      needs === 'probabilities' ? method === 'predictProba' : method !== 'predict' || isNumber
    if (!fits) return undefined
    return rowShape[0] === 1 ? columns.column(0) : columns
  }
}

function isFiniteTarget(y: NDArray): boolean {
  const values = y.toTypedArray()
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(Number(values[i]))) return false
  return true
}

/** A column for each class, which is 1 in its rows and 0 in others. */
function oneHot(codes: NDArray, classes: number): NDArray<'float64'> {
  const [n] = codes.shape as [number]
  const all = shared([n, classes], 'float64')
  for (let row = 0; row < n; row++) all.set(1, row, Number(codes.get(row)))
  return all
}

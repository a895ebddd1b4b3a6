/** What calibrations of scores of classes have in common. */

import { type NDArray, toRowNumbers } from '../../arrays/index.ts'
import { requireAttached } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import { BaseEstimator, requireFitted, requirePredictOptions } from '../contract/base-estimator.ts'
import { checkClasses } from '../contract/check-classes.ts'
import { type FloatArray, forget, type PredictOptions } from '../contract/estimator.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { fillRows } from '../contract/write-output.ts'
import { type ArrayInput, asArray } from '../inputs/as-array.ts'
import type { Classes } from '../inputs/labels.ts'
import { asClasses, sortedCodes, type TrueLabels } from '../scores/labels/label-codes.ts'
import { type RankedScores, rankedScores } from '../scores/probabilities/ranked-scores.ts'
import { type ClassScoreOptions, metricInstead, metricNames } from '../scores/score-options.ts'

/** Options of `fit` of calibrations. */
export type CalibrationFitOptions = Omit<ClassScoreOptions, 'positive'>

/** Learns from scores of rows that a classifier has not learned from, and turns its scores into probabilities. */
export abstract class ScoreCalibration extends BaseEstimator {
  /** Labels of the columns: numbers in a Float64Array, or a list. */
  declare classes_: Classes

  /**
   * Learns from scores and true labels.
   *
   * @param scores - what the classifier gave for rows that it has not learned from: of the second of two classes, shape (n), or of all
   *   classes, shape (n, classes); of all rows of `y` or of just those of `rows`
   * @param y - true labels, shape (n): numbers, or a list of texts or booleans; or a column of a table
   * @param options - `classes` are the labels of the columns, such as `classes_` of the classifier
   * @returns the calibration itself
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  // oxlint-disable-next-line typescript/require-await -- the contract of estimators
  async fit(scores: ArrayInput, y: TrueLabels, options: CalibrationFitOptions = {}): Promise<this> {
    requireLearnOptions(`${this.constructor.name}.fit`, options, fitNames, metricInstead)
    forget(this)
    this.requireOptions()
    const inputs = { y, scores, options, name: '`scores`' }
    const ranked = rankedScores(inputs, (score, row) => this.requireScore(score, row))
    const { labels } = ranked
    if (labels.length < 2)
      throw new OneCopyError('ERR_VALUE', 'Expected at least two classes to calibrate, got one.')
    if (sortedCodes(labels).some((code, place) => code !== place))
      throw new OneCopyError(
        'ERR_OPTION',
        'Expected `classes` that ascend, as `classes_` of a classifier do, got others.',
        { details: { name: 'classes' } },
      )
    this.learn(ranked)
    this.classes_ = asClasses(labels)
    return this
  }

  /**
   * Turns scores into calibrated probabilities.
   *
   * @param scores - as for `fit`, shape (n) or (n, classes)
   * @returns shape (n, classes), in the order of `classes_`; each row sums to 1
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE`
   */
  async predictProba(scores: ArrayInput, options: PredictOptions = {}): Promise<FloatArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'classes_')
    this.requireOptions()
    const given = asArray(scores, '`scores`')
    requireAttached(given)
    const count = this.classes_.length
    const columns = given.shape[1] ?? 1
    const fits = columns === count || (columns === 1 && count === 2)
    if (given.ndim < 1 || given.ndim > 2 || !fits) throw this.#refuseShape(given, count)
    const row = new Float64Array(columns)
    const probabilities = new Float64Array(count)
    return fillRows(given, [count], options, (X, rows, out) => {
      const numbers = toRowNumbers(rows)
      for (const number of numbers) {
        for (let j = 0; j < columns; j++) {
          row[j] = Number(X.data[X.offset + number * X.strides[0]! + j * (X.strides[1] ?? 0)])
          this.requireScore(row[j]!, number)
        }
        this.calibrateRow(row, probabilities)
        for (let j = 0; j < count; j++)
          out.data[out.offset + number * out.strides[0]! + j * out.strides[1]!] = probabilities[j]!
      }
      return Promise.resolve()
    })
  }

  /** Refuses learned values that no fit can have given. */
  checkLearned(values: LearnedValues): void {
    if (checkClasses(values) < 2) throw values.refuse('classes_', 'at least two labels')
  }

  /** Refuses options with wrong values. */
  protected requireOptions(): void {}

  /** Refuses a score. */
  protected abstract requireScore(score: number, row: number): void

  /** Learns from the rows that count. */
  protected abstract learn(scores: RankedScores): void

  /** Turns the scores of a row into probabilities. */
  protected abstract calibrateRow(scores: Float64Array, probabilities: Float64Array): void

  #refuseShape({ shape }: NDArray, count: number): OneCopyError {
    const expected = count === 2 ? '(n) or (n, 2)' : `(n, ${count})`
    return new OneCopyError(
      'ERR_SHAPE',
      `Expected \`scores\` of ${count} classes, shape ${expected}, got (${shape.join(', ')}).`,
      { details: { expected: count, shape: [...shape] } },
    )
  }
}

const fitNames: OptionNames<CalibrationFitOptions> = { ...metricNames, classes: true }

/**
 * Refuses a score that is not finite.
 *
 * @throws OneCopyError `ERR_VALUE`
 */
export function requireFiniteScore(score: number, row: number): void {
  if (score - score === 0) return
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected finite scores, got ${score} for row ${row} (counted from 0).`,
    { details: { row, value: score } },
  )
}

/**
 * The probabilities of a row from those of each class against the others, divided by their sum; equal ones where all are 0. Of two
 * classes, only the second has one.
 *
 * @param probabilityOf - of a score, and the number of its class
 */
export function fillOneAgainstRest(
  scores: Float64Array,
  probabilities: Float64Array,
  probabilityOf: (score: number, code: number) => number,
): void {
  const count = probabilities.length
  if (count === 2) {
    const second = probabilityOf(scores.at(-1)!, 0)
    probabilities.set([1 - second, second])
    return
  }
  let sum = 0
  for (let j = 0; j < count; j++) sum += probabilities[j] = probabilityOf(scores[j]!, j)
  for (let j = 0; j < count; j++) probabilities[j] = sum === 0 ? 1 / count : probabilities[j]! / sum
}

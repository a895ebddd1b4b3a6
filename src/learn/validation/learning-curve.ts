/** Scores of an estimator that learns from more and more rows. */

import { inspect } from 'node:util'
import { countRows, rowRanges, type Rows } from '../../arrays/index.ts'
import { rowNumbers } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import type { AnyLearner } from '../ensembles/members/ensemble-member.ts'
import type { LayerFolds } from '../ensembles/folds/layer-folds.ts'
import { openInputs } from '../features/open-inputs.ts'
import type { FeatureSource, TargetSource } from '../inputs/data-source.ts'
import { registerResult } from '../registration/register-result.ts'
import {
  alignCells,
  formatDigits,
  type ScoreSummary,
  summarize,
} from '../selection/score-summary.ts'
import { measureFolds } from './failed-folds.ts'
import { validatedMembers } from './validate-members.ts'
import { planValidation } from './validation-folds.ts'
import { type ScoredOptions, scoredNames, settleValidation } from './validation-options.ts'

/** Options of {@link learningCurve}. */
export interface LearningCurveOptions extends ScoredOptions {
  /**
   * How many training rows of each fold are learned from, the first ones: whole numbers above 1, or shares up to 1 of the training rows of the
   * fold with the fewest. Default: 0.1, 0.325, 0.55, 0.775 and 1.
   */
  readonly sizes?: readonly number[]
}

/** Scores of an estimator that has learned from so many rows of each fold. */
export interface LearningCurvePoint {
  /** Number of training rows. */
  readonly size: number
  /** One for each scorer, in the order in which they were given. */
  readonly summaries: readonly ScoreSummary[]
  /** Seconds to fit each fold; work that folds share is split evenly. */
  readonly fitSeconds: readonly number[]
  readonly predictSeconds: readonly number[]
}

/** What {@link learningCurve} found; prints as a table. */
export class LearningCurve {
  /** One for each size, ascending. */
  readonly points: readonly LearningCurvePoint[]
  /** Why the estimator failed; undefined when it did not. */
  readonly failure: string | undefined

  /** @param points - kept, not copied */
  constructor(points: readonly LearningCurvePoint[], failure?: string) {
    this.points = points
    this.failure = failure
  }

  /** Number of training rows of each point. */
  get sizes(): readonly number[] {
    return this.points.map(({ size }) => size)
  }

  /** Means of the first scorer over the folds, one for each size. */
  get means(): readonly number[] {
    return this.points.map(({ summaries }) => summaries[0]!.mean)
  }

  /** Standard deviations of the first scorer over the folds, one for each size. */
  get spreads(): readonly number[] {
    return this.points.map(({ summaries }) => summaries[0]!.spread)
  }

  /** Aligned text, a line for each size: means, each followed by its spread. */
  toString(): string {
    const heads = this.points[0]!.summaries.flatMap(({ scorer }) => [scorer, 'spread'])
    const lines = alignCells([
      ['rows', ...heads],
      ...this.points.map(({ size, summaries }) => [
        String(size),
        ...summaries.flatMap(({ mean, spread }) => [
          formatDigits(mean, 5),
          formatDigits(spread, 2),
        ]),
      ]),
    ])
    return [...lines, ...(this.failure === undefined ? [] : [this.failure])].join('\n')
  }

  /** What `console.log` shows: the table. */
  [inspect.custom](): string {
    return String(this)
  }
}

registerResult(LearningCurve, 'onecopy.LearningCurve', import.meta.url, ['points', 'failure'])

/**
 * Scores an estimator on the rows that each fold holds out, after it has learned from the first 10 %, 32.5 % … of the fold's training rows. Sizes
 * are lists of rows: none is copied, and what folds share is made once for all sizes. Predictions take a column for each size.
 *
 * @param estimator - as for {@link crossValidate}
 * @param X - as for {@link crossValidate}
 * @param y - as for {@link crossValidate}
 * @returns scores for each size; prints as a table
 * @throws as {@link crossValidate} does; OneCopyError `ERR_OPTION` for sizes beyond the training rows
 *
 * @example
 * ```ts
 * const curve = await learningCurve(new Ridge(), X, y, { sizes: [0.25, 0.5, 1] })
 * console.log(curve.sizes, curve.means)
 * ```
 *
 * @see scikit-learn's `sklearn.model_selection.learning_curve`, which has the same sizes, and scores of training rows beside them
 */
export async function learningCurve(
  estimator: AnyLearner,
  X: FeatureSource,
  y: TargetSource,
  options: LearningCurveOptions = {},
): Promise<LearningCurve> {
  const settled = settleValidation('learningCurve', options, names)
  const wanted = requireSizes(options.sizes ?? defaultSizes)
  const members = validatedMembers(estimator)
  let sizes: readonly number[] = []
  const plan = (splits: readonly Fold[], n: number): LayerFolds => {
    sizes = countsOf(wanted, splits)
    return planValidation(
      sizes.flatMap((size) => splits.map((fold) => shortened(fold, size))),
      n,
      false,
    )
  }
  const { scorers, members: measured } = await openInputs(
    'learningCurve',
    { X, y, options },
    (X, y) => measureFolds({ members, X, y, settled, plan, keepsModels: false }),
  )
  const [{ scores, fitSeconds, predictSeconds, failure }] = measured as [(typeof measured)[0]]
  const count = fitSeconds.length / sizes.length
  const points = sizes.map((size, s): LearningCurvePoint => {
    const own = (list: readonly number[]): readonly number[] =>
      list.slice(s * count, (s + 1) * count)
    const summaries = scorers.map((scorer, i) => summarize(scorer, own(scores[i]!)))
    return { size, summaries, fitSeconds: own(fitSeconds), predictSeconds: own(predictSeconds) }
  })
  return new LearningCurve(points, failure)
}

const names: OptionNames<LearningCurveOptions> = { ...scoredNames, sizes: true }

const defaultSizes: readonly number[] = [0.1, 0.325, 0.55, 0.775, 1]

function requireSizes(sizes: unknown): readonly number[] {
  const isSize = (size: unknown): size is number =>
    typeof size === 'number' && size > 0 && (size <= 1 || Number.isSafeInteger(size))
  if (Array.isArray(sizes) && sizes.length > 0 && sizes.every(isSize)) return sizes
  const wrong: unknown = Array.isArray(sizes) ? sizes.find((size) => !isSize(size)) : sizes
  const expected =
    'Expected `sizes` of learningCurve to be numbers of rows above 1, or shares from 0 to 1'
  if (!Array.isArray(sizes)) throw new TypeError(`${expected}, got ${show(wrong)}.`)
  throw new OneCopyError(
    'ERR_OPTION',
    sizes.length === 0 ? `${expected}, got none.` : `${expected}, got ${show(wrong)}.`,
    { details: { name: 'sizes' } },
  )
}

/** Different numbers of training rows, ascending. */
function countsOf(sizes: readonly number[], splits: readonly Fold[]): readonly number[] {
  const most = Math.min(...splits.map(({ train }) => countRows(train)))
  const counts = sizes.map((size) => (size <= 1 ? Math.max(1, Math.floor(size * most)) : size))
  const wrong = counts.find((count) => count > most)
  if (wrong === undefined) return [...new Set(counts)].toSorted((a, b) => a - b)
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`sizes\` of at most ${most} rows, which each fold can learn from, got ${wrong}.`,
    { details: { name: 'sizes', most } },
  )
}

/** A fold that learns from its first training rows. */
export function shortened(fold: Fold, size: number): Fold {
  return {
    test: fold.test,
    get train(): Rows {
      return firstRows(fold.train, size)
    },
  }
}

function firstRows(rows: Rows, count: number): Rows {
  if ('numbers' in rows) return rowNumbers(rows.numbers.subarray(0, count))
  const ranges: [number, number][] = []
  let left = count
  for (const [start, stop] of rows.ranges) {
    if (left <= 0) break
    ranges.push([start, Math.min(stop, start + left)])
    left -= stop - start
  }
  return rowRanges(ranges)
}

/** Measures of predictions, and what they need. */

import type { NDArray } from '../../arrays/index.ts'
import { show } from '../../errors.ts'
import { type OptionNames, requireChoice, requireKnown } from '../../options.ts'
import type { ScoreOptions } from './score-options.ts'
import { type OwnScoreOptions, takeScored } from './take-scored.ts'

/**
 * What a scorer takes as predictions: those of `predict`; `'probabilities'` of `predictProba`; or `'decision'`, the values of
 * `decisionFunction` or, where a classifier has none, of `predictProba`.
 */
export type ScorerNeeds = 'predictions' | 'probabilities' | 'decision'

/**
 * A measure of predictions. Its `name` is the heading of the score column. Use
 * {@link makeScorer} to make one of your own function. `Y` and `P` are the types of true values and predictions.
 */
export interface Scorer<Y = NDArray, P = NDArray> {
  (y: Y, predicted: P, options?: ScoreOptions): number
  readonly name: string
  /** Whether a greater score is a better one. */
  readonly greaterIsBetter: boolean
  /** What it takes as predictions; default: `'predictions'`. */
  readonly needs?: ScorerNeeds
}

/** A scorer of any true values and predictions. */
export type AnyScorer = Scorer<never, never>

/** Options of {@link makeScorer}. */
export interface MakeScorerOptions {
  /** Whether a greater score is a better one. */
  readonly greaterIsBetter: boolean
  /** Heading of the score column; default: the name of the function, or `'score'` when it has none. */
  readonly name?: string
  /** What the function takes as predictions; default: `'predictions'`. */
  readonly needs?: ScorerNeeds
}

/**
 * Makes a scorer that calls your own function, which it doesn't change.
 *
 * @param score - takes true values, predictions and options, and returns a number. It gets only the rows to score, such as those
 *   that a fold holds out. Options are the `weights` of these rows, where there are any, and `classes`, the labels of the columns
 *   of probabilities, where it needs these
 * @throws TypeError for no function, and for options of wrong types; OneCopyError `ERR_OPTION` for another `needs`
 *
 * @example
 * ```ts
 * const scorer = makeScorer((y: string[], predicted: string[], options) => f1(y, predicted, { ...options, positive: 'spam' }), {
 *   name: 'f1 of spam',
 *   greaterIsBetter: true,
 * })
 * ```
 *
 * @see scikit-learn's `sklearn.metrics.make_scorer`, whose scorers negate losses; here a smaller loss is better
 */
export function makeScorer<Y = NDArray, P = NDArray>(
  score: (y: Y, predicted: P, options?: OwnScoreOptions) => number,
  options: MakeScorerOptions,
): Scorer<Y, P> {
  requireKnown('makeScorer', options, names)
  if (typeof score !== 'function')
    throw new TypeError(`Expected a function that returns a score, got ${show(score)}.`)
  const { greaterIsBetter, name = score.name, needs = 'predictions' } = options
  if (typeof name !== 'string')
    throw new TypeError(`Expected \`name\` to be a string, got ${show(name)}.`)
  if (typeof greaterIsBetter !== 'boolean')
    throw new TypeError(
      `Expected \`greaterIsBetter\` to be true or false, got ${show(greaterIsBetter)}.`,
    )
  requireChoice('`needs`', needs, ['predictions', 'probabilities', 'decision'])
  const scorer = (y: Y, predicted: P, given?: ScoreOptions): number =>
    score(...(takeScored(y, predicted, given) as [Y, P, OwnScoreOptions]))
  return nameScorer(scorer, { name: name || 'score', greaterIsBetter, needs })
}

/** Makes a scorer of a function that takes `rows`. */
export function nameScorer<Y, P>(
  score: (y: Y, predicted: P, options?: ScoreOptions) => number,
  { name, greaterIsBetter, needs }: Required<MakeScorerOptions>,
): Scorer<Y, P> {
  const scorer = (y: Y, predicted: P, given?: ScoreOptions): number => score(y, predicted, given)
  Object.defineProperty(scorer, 'name', { value: name, configurable: true })
  return Object.assign(scorer, { greaterIsBetter, needs })
}

const names: OptionNames<MakeScorerOptions> = { greaterIsBetter: true, name: true, needs: true }

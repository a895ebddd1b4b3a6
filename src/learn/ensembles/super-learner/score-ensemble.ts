/** Scores predictions of a fitted ensemble. */

import type { NDArray, RowSelection } from '../../../arrays/index.ts'
import type { OptionNames } from '../../../options.ts'
import type { PredictOptions } from '../../contract/estimator.ts'
import { requireLearnOptions } from '../../contract/foreign-options.ts'
import { targetOf, weightsOf } from '../../features/column-inputs.ts'
import { openInputs } from '../../features/open-inputs.ts'
import { toArray } from '../../inputs/as-array.ts'
import type { FeatureSource, TargetSource } from '../../inputs/data-source.ts'
import type { FeatureInput, TargetInput, WeightInput } from '../../inputs/feature-input.ts'
import type { Classes, Label, LabelInput } from '../../inputs/labels.ts'
import { methodForScorer } from '../../scores/scorer-method.ts'
import type { ScorerName } from '../../scores/scorer-names.ts'
import type { AnyScorer, Scorer } from '../../scores/scorer.ts'
import { settleScorer } from './super-learner-options.ts'

/** Options of {@link SuperLearner.score}. */
export interface EnsembleScoreOptions {
  /** Rows to score: row numbers, a mask, or ranges. Default: all. */
  readonly rows?: RowSelection
  /** Weights of rows, shape (n), also for rows left out; or a column of numbers of the table. Default: 1. */
  readonly weights?: WeightInput
  /** Name of a metric, or a scorer; default: that of the ensemble. */
  readonly scorer?: ScorerName | AnyScorer
}

/** A fitted ensemble, called without looking at types. */
interface ScoredEnsemble {
  readonly classes_: Classes | undefined
  predict(X: FeatureSource, options: PredictOptions): Promise<unknown>
  predictProba(X: FeatureSource, options: PredictOptions): Promise<NDArray>
}

/**
 * Scores predictions of rows.
 *
 * @param own - the scorer of the ensemble
 * @throws what `SuperLearner.score` throws
 */
export function scoreEnsemble(
  ensemble: ScoredEnsemble,
  X: FeatureSource,
  y: TargetSource,
  options: EnsembleScoreOptions,
  own: ScorerName | AnyScorer | undefined,
): Promise<number> {
  requireLearnOptions(`${ensemble.constructor.name}.score`, options, names)
  return openInputs('score', { X, y, options }, (X, y) => score(ensemble, X, y, options, own))
}

async function score(
  ensemble: ScoredEnsemble,
  X: FeatureInput,
  y: TargetInput,
  { rows, weights, scorer: other }: EnsembleScoreOptions,
  own: ScorerName | AnyScorer | undefined,
): Promise<number> {
  const chosen = rows === undefined ? {} : { rows }
  const { classes_: classes } = ensemble
  const task = classes === undefined ? 'regression' : 'classification'
  // What the scorer takes, it has said by `needs`.
  const scorer = settleScorer(other ?? own, task) as unknown as Scorer<unknown, unknown>
  const method = methodForScorer(ensemble, scorer) as 'predict' | 'predictProba'
  const predicted = await ensemble[method](X, chosen)
  return scorer(truthOf(targetOf(X, y, chosen)), columnsFor(predicted, method, scorer), {
    ...chosen,
    ...(weights !== undefined && { weights: weightsOf(X, weights) }),
    ...(method === 'predictProba' && classes !== undefined && { classes }),
  })
}

/** Of two classes a scorer of decision values takes those of the second one. */
function columnsFor(
  predicted: unknown,
  method: string,
  { needs }: Scorer<unknown, unknown>,
): unknown {
  const isPair = method === 'predictProba' && needs === 'decision'
  const values = predicted as NDArray
  return isPair && values.shape[1] === 2 ? values.column(1) : predicted
}

/** True labels as a list, or numbers as an array. */
function truthOf(y: LabelInput | undefined): unknown {
  const isList = Array.isArray(y) && (typeof y[0] === 'string' || typeof y[0] === 'boolean')
  return isList ? (y as readonly Label[]) : toArray(y, '`y`')
}

const names: OptionNames<EnsembleScoreOptions> = { rows: true, weights: true, scorer: true }

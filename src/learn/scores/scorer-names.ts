/** Scorers by name, and what other libraries call them. */

import { OneCopyError } from '../../errors.ts'
import { foreignValueAdvice } from '../../foreign-options.ts'
import { nearNames } from '../../nearest-names.ts'
import { refuseChoice } from '../../options.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import type { LabelInput } from '../inputs/labels.ts'
import { accuracy, balancedAccuracy } from './labels/accuracy.ts'
import { f1, precision, type PrecisionOptions, recall } from './labels/precision-recall.ts'
import { mae, mape, wape } from './numbers/absolute-errors.ts'
import { gammaDeviance, poissonDeviance } from './numbers/deviances.ts'
import { maxError, medianAbsoluteError } from './numbers/quantile-errors.ts'
import { r2, rmse } from './numbers/squared-errors.ts'
import { averagePrecision } from './probabilities/average-precision.ts'
import { brier, logLoss } from './probabilities/log-loss.ts'
import { rocAuc, type RocAucOptions } from './probabilities/roc-auc.ts'
import type { ScoreOptions } from './score-options.ts'
import { type AnyScorer, nameScorer, type Scorer } from './scorer.ts'

/** Scorers of predicted numbers. */
const numberScorers = {
  rmse,
  mae,
  mape,
  wape,
  medianAbsoluteError,
  maxError,
  r2,
  poissonDeviance,
  gammaDeviance,
} satisfies Record<string, AnyScorer>

/** Scorers of labels, probabilities and decision values. */
const classScorers = {
  accuracy,
  balancedAccuracy,
  precision,
  precisionMacro: averaged('precisionMacro', precision, 'macro'),
  precisionMicro: averaged('precisionMicro', precision, 'micro'),
  precisionWeighted: averaged('precisionWeighted', precision, 'weighted'),
  recall,
  recallMacro: averaged('recallMacro', recall, 'macro'),
  recallMicro: averaged('recallMicro', recall, 'micro'),
  recallWeighted: averaged('recallWeighted', recall, 'weighted'),
  f1,
  f1Macro: averaged('f1Macro', f1, 'macro'),
  f1Micro: averaged('f1Micro', f1, 'micro'),
  f1Weighted: averaged('f1Weighted', f1, 'weighted'),
  logLoss,
  brier,
  averagePrecision,
  rocAuc,
  rocAucWeighted: area('rocAucWeighted', { average: 'weighted' }),
  rocAucOvo: area('rocAucOvo', { multiClass: 'ovo' }),
  rocAucOvoWeighted: area('rocAucOvoWeighted', { multiClass: 'ovo', average: 'weighted' }),
} satisfies Record<string, AnyScorer>

/** Names of scorers of numbers. */
export type NumberScorerName = keyof typeof numberScorers

/** Names of scorers of classes. */
export type ClassScorerName = keyof typeof classScorers

/** Names of all scorers. */
export type ScorerName = NumberScorerName | ClassScorerName

const scorers: Readonly<Record<string, AnyScorer>> = { ...numberScorers, ...classScorers }

/** What is predicted: numbers or classes. */
export type ScoredTask = 'regression' | 'classification'

/** Which scorers fit. */
export interface ScorerLimits {
  /** What is predicted; default: anything. */
  readonly task?: ScoredTask
}

/**
 * The scorer of a name, or a scorer itself.
 *
 * @throws OneCopyError `ERR_OPTION` for another name, or one that doesn't fit; TypeError for another type
 */
export function requireScorer(scorer: string | AnyScorer, limits: ScorerLimits = {}): Scorer {
  const isName = typeof scorer === 'string' && Object.hasOwn(scorers, scorer)
  const found: unknown = isName ? scorers[scorer] : scorer
  if (typeof found !== 'function' || typeof (found as Scorer).greaterIsBetter !== 'boolean')
    throw refuseScorer(scorer, limits)
  const { name, needs = 'predictions' } = found as Scorer
  const isOfNumbers = Object.hasOwn(numberScorers, name) && scorers[name] === found
  const isOfClasses = Object.hasOwn(classScorers, name) && scorers[name] === found
  if (limits.task === 'regression' && (isOfClasses || needs !== 'predictions'))
    throw refuseTask(name, 'classes', 'numbers', numberScorers)
  if (limits.task === 'classification' && isOfNumbers)
    throw refuseTask(name, 'numbers', 'classes', classScorers)
  return found as Scorer
}

/** Names of all scorers that fit. */
export function scorerNames({ task }: ScorerLimits = {}): ScorerName[] {
  return Object.keys(namesOf(task)) as ScorerName[]
}

/** Scorers that give a number for any finite values, and those that don't take all true values as predictions. */
const neverChecked: readonly AnyScorer[] = [rmse, mae, poissonDeviance, gammaDeviance]

/** Whether scoring true values as predictions tells that rows can't be scored: for scorers with a name here that refuse some rows. */
export function refusesRows(scorer: AnyScorer): boolean {
  return isNamedScorer(scorer) && !neverChecked.includes(scorer)
}

/** Whether a scorer has a name here; others are a user's own. */
export function isNamedScorer(scorer: AnyScorer): boolean {
  return Object.values(scorers).includes(scorer)
}

function averaged(
  name: string,
  metric: (y: LabelInput, predicted: LabelInput, options?: PrecisionOptions) => number,
  average: 'macro' | 'micro' | 'weighted',
): Scorer<LabelInput, LabelInput> {
  return nameScorer(
    (y: LabelInput, predicted: LabelInput, options?: ScoreOptions) =>
      metric(y, predicted, { ...options, average }),
    { name, greaterIsBetter: true, needs: 'predictions' },
  )
}

function area(
  name: string,
  own: Omit<RocAucOptions, 'average'> & { readonly average?: 'weighted' },
): Scorer<LabelInput, ArrayInput> {
  return nameScorer(
    (y: LabelInput, scores: ArrayInput, options?: ScoreOptions) =>
      rocAuc(y, scores, { ...options, ...own }),
    { name, greaterIsBetter: true, needs: 'decision' },
  )
}

/** What other libraries call the scorers. */
const foreignScorers: Readonly<Record<string, ScorerName>> = {
  neg_root_mean_squared_error: 'rmse',
  root_mean_squared_error: 'rmse',
  RMSE: 'rmse',
  neg_mean_absolute_error: 'mae',
  mean_absolute_error: 'mae',
  MAE: 'mae',
  r2_score: 'r2',
  R2: 'r2',
  neg_mean_absolute_percentage_error: 'mape',
  mean_absolute_percentage_error: 'mape',
  neg_median_absolute_error: 'medianAbsoluteError',
  median_absolute_error: 'medianAbsoluteError',
  max_error: 'maxError',
  neg_max_error: 'maxError',
  neg_mean_poisson_deviance: 'poissonDeviance',
  mean_poisson_deviance: 'poissonDeviance',
  neg_mean_gamma_deviance: 'gammaDeviance',
  mean_gamma_deviance: 'gammaDeviance',
  accuracy_score: 'accuracy',
  balanced_accuracy: 'balancedAccuracy',
  balanced_accuracy_score: 'balancedAccuracy',
  precision_score: 'precision',
  precision_macro: 'precisionMacro',
  precision_micro: 'precisionMicro',
  precision_weighted: 'precisionWeighted',
  recall_score: 'recall',
  recall_macro: 'recallMacro',
  recall_micro: 'recallMicro',
  recall_weighted: 'recallWeighted',
  f1_score: 'f1',
  f1_macro: 'f1Macro',
  f1_micro: 'f1Micro',
  f1_weighted: 'f1Weighted',
  neg_log_loss: 'logLoss',
  log_loss: 'logLoss',
  neg_brier_score: 'brier',
  brier_score_loss: 'brier',
  average_precision: 'averagePrecision',
  average_precision_score: 'averagePrecision',
  roc_auc: 'rocAuc',
  roc_auc_score: 'rocAuc',
  auc: 'rocAuc',
  roc_auc_ovr: 'rocAuc',
  roc_auc_ovr_weighted: 'rocAucWeighted',
  roc_auc_ovo: 'rocAucOvo',
  roc_auc_ovo_weighted: 'rocAucOvoWeighted',
}

/** The squared error has the order of its root, and other units. */
const squaredErrors: readonly unknown[] = ['neg_mean_squared_error', 'mean_squared_error', 'mse']

function refuseScorer(scorer: unknown, { task }: ScorerLimits): Error {
  const foreign = foreignValueAdvice(foreignScorers, scorer)
  const isRoot = squaredErrors.includes(scorer)
  const [near] =
    typeof scorer === 'string' && foreign === '' && !isRoot
      ? nearNames(scorer, Object.keys(namesOf(task)))
      : []
  return refuseChoice(
    '`scorer`',
    scorer,
    `${listNames(namesOf(task))} or a function from makeScorer()`,
    foreign +
      (isRoot ? " Its root is 'rmse'." : '') +
      (near === undefined ? '' : ` Did you mean '${near}'?`) +
      (typeof scorer === 'function' ? ' Pass makeScorer(f, { greaterIsBetter: … }).' : ''),
  )
}

function namesOf(task: ScoredTask | undefined): Readonly<Record<string, AnyScorer>> {
  if (task === undefined) return scorers
  return task === 'regression' ? numberScorers : classScorers
}

function listNames(list: Readonly<Record<string, AnyScorer>>): string {
  return Object.keys(list)
    .map((name) => `'${name}'`)
    .join(', ')
}

function refuseTask(
  name: string,
  found: string,
  expected: string,
  list: Readonly<Record<string, AnyScorer>>,
): OneCopyError {
  return new OneCopyError(
    'ERR_OPTION',
    `Expected a scorer of ${expected}, such as ${listNames(list)}, got '${name}', which scores ${found}.`,
    { details: { scorer: name } },
  )
}

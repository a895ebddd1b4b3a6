/** Predictions of every row by models that were not fitted on it. */

import { countRows, type NDArray, toRowNumbers } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import { type OptionNames, requireChoice } from '../../options.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import type { AnyLearner } from '../ensembles/members/ensemble-member.ts'
import { type LayerFolds, planFits } from '../ensembles/folds/layer-folds.ts'
import { openInputs } from '../features/open-inputs.ts'
import type { FeatureSource, TargetSource } from '../inputs/data-source.ts'
import type { Label } from '../inputs/labels.ts'
import { classProbabilities, labelsOfCodes, likeliestCodes } from '../outputs/class-predictions.ts'
import type { EnsembleTask } from '../outputs/ensemble-task.ts'
import { outputColumns } from '../outputs/member-output.ts'
import { validatedMembers, type ValidatedLayer, validateLayer } from './validate-members.ts'
import { settleValidation, type ValidationOptions, validationNames } from './validation-options.ts'

/** Options of {@link crossValPredict}. */
export interface CrossValPredictOptions extends ValidationOptions {
  /** What is predicted: numbers or labels, or the probability of each class; default: `'predict'`. */
  readonly method?: 'predict' | 'predictProba'
}

/**
 * Predicts every row by a model that was fitted on the training rows of a fold that holds it out. A row that several folds hold out gets the
 * mean of its predictions, of labels the one that most models predict; one that no fold holds out gets NaN, and labels are refused. Compare
 * models by {@link crossValidate}, which scores each fold by itself.
 *
 * @param estimator - a learner, or a `Pipeline` that ends with one; each fold is fitted by a copy
 * @param X - as for {@link crossValidate}
 * @param y - as for {@link crossValidate}
 * @returns numbers in one column of shared memory, shape (n), or (n, m) for several targets; labels: an array for numbers, otherwise a list;
 *   with `method: 'predictProba'` shape (n, classes), in the ascending order of the labels, 0 for a class that a fold has not seen
 * @throws as {@link crossValidate} does; TypeError for probabilities of a learner that has none
 *
 * @example
 * ```ts
 * const shares = await crossValPredict(new LogisticRegression(), X, labels, { method: 'predictProba' })
 * console.log(shares.shape) // a column for each class
 * ```
 *
 * @see scikit-learn's `sklearn.model_selection.cross_val_predict`
 */
export async function crossValPredict(
  estimator: AnyLearner,
  X: FeatureSource,
  y: TargetSource,
  options: CrossValPredictOptions & { readonly method: 'predictProba' },
): Promise<NDArray<'float64'>>
export async function crossValPredict(
  estimator: AnyLearner,
  X: FeatureSource,
  y: readonly string[],
  options?: CrossValPredictOptions,
): Promise<string[]>
export async function crossValPredict(
  estimator: AnyLearner,
  X: FeatureSource,
  y: readonly boolean[],
  options?: CrossValPredictOptions,
): Promise<boolean[]>
export async function crossValPredict(
  estimator: AnyLearner,
  X: FeatureSource,
  y: TargetSource,
  options?: CrossValPredictOptions,
): Promise<NDArray<'float64'>>
export async function crossValPredict(
  estimator: AnyLearner,
  X: FeatureSource,
  y: TargetSource,
  options: CrossValPredictOptions = {},
): Promise<NDArray<'float64'> | Label[]> {
  const { method = 'predict', ...others } = options
  requireChoice('`method` of crossValPredict', method, ['predict', 'predictProba'])
  const settled = settleValidation('crossValPredict', others, names)
  const wantsProba = method === 'predictProba'
  const members = validatedMembers(estimator)
  const probaFor = (task: EnsembleTask): boolean => {
    if (task === 'classification' || !wantsProba) return wantsProba
    throw new TypeError(
      `Expected a classifier to predict probabilities by, got ${members[0]!.learner.constructor.name}, which predicts numbers.`,
    )
  }
  const validation = { members, settled, plan: planPredictions, keepsModels: false, probaFor }
  return openInputs('crossValPredict', { X, y, options }, (X, y) =>
    validateLayer({ ...validation, X, y }, takePredicted),
  )
}

const names: OptionNames<CrossValPredictOptions> = { ...validationNames, method: true }

/** Folds whose predictions go to the same columns. */
function planPredictions(splits: readonly Fold[], n: number): LayerFolds {
  const planned = planFits(
    splits.map(({ test }, k) => ({
      test,
      get train() {
        return splits[k]!.train
      },
    })),
    n,
  )
  const folds = planned.folds.slice(0, planned.splits)
  // One of the folds' models stands for the model that a layer has, so that no other one is fitted.
  return { ...planned, folds, finals: [0], keepsModels: false, fitsAll: false }
}

function takePredicted({ target, data, layer }: ValidatedLayer): NDArray<'float64'> | Label[] {
  const [{ output }] = layer.members as [(typeof layer.members)[0]]
  const columns = outputColumns(layer.outOfFold, 0, output)
  const { labels, rowShape } = target
  if (labels === undefined) return columns
  let found: NDArray<'float64'> | Label[]
  if (output.method === 'predictProba') found = classProbabilities(columns, output)
  else {
    const [n] = columns.shape as [number]
    if (countRows(data.predicted) < n) throw refuseLabels(data, n)
    found = labelsOfCodes(likeliestCodes(columns, output), labels, rowShape)
  }
  layer.outOfFold[Symbol.dispose]()
  return found
}

function refuseLabels({ predicted }: LayerFolds, n: number): OneCopyError {
  const held = new Set(toRowNumbers(predicted))
  let row = 0
  while (row < n && held.has(row)) row++
  return new OneCopyError(
    'ERR_FOLDS',
    `Expected folds that hold out every row, because each gets a label, got none for row ${row} (counted from 0). ` +
      "Use other folds, or method: 'predictProba', which gives such rows NaN.",
    { details: { row } },
  )
}

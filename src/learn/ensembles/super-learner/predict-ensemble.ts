/** Predicts new rows by a fitted ensemble. */

import { type NDArray, zeros } from '../../../arrays/index.ts'
import { requireMatrix } from '../../../arrays/internal.ts'
import { OneCopyError } from '../../../errors.ts'
import type {
  Estimator,
  FloatArray,
  PredictOptions,
  TableFeatures,
} from '../../contract/estimator.ts'
import { keepInputs } from '../../contract/keep-inputs.ts'
import type { PredictedLabels } from '../../contract/predict-labels.ts'
import { predictChosen } from '../../features/predict-chosen.ts'
import { predictFeatures } from '../../features/predict-features.ts'
import type { Predictions } from '../../features/predictions.ts'
import type { FeatureSource } from '../../inputs/data-source.ts'
import type { Label } from '../../inputs/labels.ts'
import { openFeatures } from '../../inputs/open-data.ts'
import { labelsOfCodes } from '../../outputs/class-predictions.ts'
import { predictOutput } from '../../outputs/predict-output.ts'
import { takePredictions } from '../../outputs/take-predictions.ts'
import { explainFailure } from '../calls/layer-tasks.ts'
import { predictLayers } from '../plan/fitted-layer.ts'
import { copyShared } from './copy-shared.ts'
import type { FittedEnsemble } from './fitted-ensemble.ts'

/** A fitted ensemble. */
export interface PredictingEnsemble {
  /** Itself, which knows the columns of the table that it was fitted on. */
  readonly features: TableFeatures
  /** What its last fit has learned. */
  readonly fitted: FittedEnsemble
}

/**
 * Predicts new rows by the meta learner.
 *
 * @throws what `SuperLearner.predict` throws
 */
export async function predictCombined<L extends Label>(
  ensemble: PredictingEnsemble,
  X: FeatureSource,
  options: PredictOptions,
): Promise<PredictedLabels<L>> {
  const { fitted } = ensemble
  const meta = requireMeta(fitted)
  const { labels, rowShape } = fitted.target
  const combine = async (Z: NDArray<'float64'>): Promise<Predictions> => {
    const out = zeros([Z.shape[0]!, ...(labels === undefined ? rowShape : [])], 'float64')
    const found: unknown = await meta.predict(Z)
    return explainFailure('meta', 'new rows', () => {
      takePredictions(found, out)
      return labels === undefined ? out : labelsOfCodes(out.toTypedArray(), labels, rowShape)
    })
  }
  const found = await predictRows(ensemble, X, options, (rows) =>
    combineRows(fitted, rows, combine),
  )
  return found as PredictedLabels<L>
}

/**
 * Predicts the probability of each class by the meta learner.
 *
 * @throws what `SuperLearner.predictProba` throws
 */
export async function predictProbabilities(
  ensemble: PredictingEnsemble,
  X: FeatureSource,
  options: PredictOptions,
): Promise<FloatArray> {
  const { fitted } = ensemble
  const { length: classes } = fitted.target.labels ?? []
  const isAble = fitted.meta === undefined || fitted.meta.learner.predictProba !== undefined
  if (classes === 0 || !isAble)
    throw refuseProbabilities(classes === 0 ? undefined : fitted.meta!.learner)
  const meta = requireMeta(fitted)
  const combine = async (Z: NDArray<'float64'>): Promise<FloatArray> => {
    const out = zeros([Z.shape[0]!, classes], 'float64')
    const predictor = {
      learner: meta,
      predict: (rows: NDArray, own: PredictOptions) => meta.predictProba!(rows, own),
      explain: <T>(read: () => T) => explainFailure('meta', 'new rows', read),
    }
    const output = { method: 'predictProba', classes, rowShape: [classes] } as const
    await predictOutput(predictor, output, Z, undefined, out)
    return out
  }
  return predictRows(ensemble, X, options, (rows) => combineRows(fitted, rows, combine))
}

/**
 * Predicts new rows by every learner, not combined.
 *
 * @throws what `SuperLearner.transform` throws
 */
export async function predictLearners(
  ensemble: PredictingEnsemble,
  X: FeatureSource,
  options: PredictOptions,
): Promise<FloatArray> {
  const { stages } = ensemble.fitted
  const { length: propagated } = stages.at(-1)!.columns
  const found = await predictRows(ensemble, X, options, async (rows) => {
    const joined = await predictLayers(stages, rows)
    if (propagated === 0) return joined
    try {
      return copyShared(joined.slice(null, [propagated, joined.shape[1]!]))
    } finally {
      joined[Symbol.dispose]()
    }
  })
  return found === options.out || found.mapping !== undefined ? found : copyShared(found)
}

/**
 * Predicts rows of an array or a table, in blocks unless they are one range of an array.
 *
 * @param predict - predicts all rows of an array; what it returns is freed once it is copied
 */
async function predictRows<P extends Predictions>(
  { features, fitted }: PredictingEnsemble,
  X: FeatureSource,
  options: PredictOptions,
  predict: (X: NDArray) => Promise<P>,
): Promise<P> {
  const given = typeof X === 'string' ? await openFeatures(X) : X
  return predictFeatures(features, given, options, (matrix, own) =>
    keepInputs(
      { X: matrix, options: own },
      async () => {
        const [, d] = requireMatrix(matrix, '`X`')
        requireFittedColumns(fitted, d)
        return predictChosen(matrix, own, predict)
      },
      'predict',
    ),
  )
}

function requireFittedColumns({ columns }: FittedEnsemble, d: number): void {
  if (d === columns) return
  throw new OneCopyError(
    'ERR_SHAPE',
    `Expected \`X\` to have ${columns} columns, as when this ensemble was fitted, got ${d}.`,
    { details: { expected: columns, columns: d } },
  )
}

/** Runs the meta learner on the predictions of all learners. */
async function combineRows<T>(
  { stages }: FittedEnsemble,
  rows: NDArray,
  combine: (Z: NDArray<'float64'>) => Promise<T>,
): Promise<T> {
  const Z = await predictLayers(stages, rows)
  try {
    return await combine(Z)
  } finally {
    Z[Symbol.dispose]()
  }
}

function requireMeta({ meta, target }: FittedEnsemble): Estimator {
  if (meta !== undefined) return meta.learner
  const example = target.labels === undefined ? 'Ridge' : 'LogisticRegression'
  throw new OneCopyError(
    'ERR_NOT_FITTED',
    'This ensemble has no meta learner to combine its learners. ' +
      `Call addMeta(new ${example}()) before fit(), or transform() for the predictions of each.`,
  )
}

/** @param meta - the meta learner of a classification; undefined: it is a regression */
function refuseProbabilities(meta: Estimator | undefined): OneCopyError {
  return new OneCopyError(
    'ERR_OPTION',
    meta === undefined
      ? 'Expected a classification to predict probabilities of, got a regression. Call predict().'
      : `Expected a meta learner with predictProba(), got ${meta.constructor.name}. Call predict(), or pass another one to addMeta(), such as new LogisticRegression().`,
    { details: {} },
  )
}

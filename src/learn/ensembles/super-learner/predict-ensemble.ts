/** Predicts new rows by a fitted ensemble. */

import { type NDArray, openArray, zeros } from '../../../arrays/index.ts'
import { requireMatrix } from '../../../arrays/internal.ts'
import { OneCopyError } from '../../../errors.ts'
import { Table } from '../../../tables/index.ts'
import type { Estimator, TableFeatures } from '../../contract/estimator.ts'
import { keepInputs } from '../../contract/keep-inputs.ts'
import type { PredictedLabels } from '../../contract/predict-labels.ts'
import { predictFeatures } from '../../features/predict-features.ts'
import { toArray } from '../../inputs/as-array.ts'
import type { Label } from '../../inputs/labels.ts'
import { labelsOfCodes } from '../../outputs/class-predictions.ts'
import { predictOutput } from '../../outputs/predict-output.ts'
import { takePredictions } from '../../outputs/take-predictions.ts'
import type { FittedEnsemble } from './fit-ensemble.ts'
import { explainFailure } from '../calls/layer-tasks.ts'
import { predictLayers } from '../plan/fitted-layer.ts'
import type { FeatureSource } from '../../inputs/data-source.ts'
import { copyShared } from './copy-shared.ts'

/** A fitted ensemble. */
export interface PredictingEnsemble {
  /** Itself, which knows the columns of the table that it was fitted on. */
  readonly features: TableFeatures
  /** What its last fit has learned. */
  readonly fitted: () => FittedEnsemble
}

/**
 * Predicts new rows by the meta learner.
 *
 * @throws what `SuperLearner.predict` throws
 */
export async function predictCombined<L extends Label>(
  ensemble: PredictingEnsemble,
  X: FeatureSource,
): Promise<PredictedLabels<L>> {
  const { labels, rowShape } = ensemble.fitted().target
  const predicted = await combineLearners(ensemble, X, async (meta, Z) => {
    const out = zeros([Z.shape[0]!, ...(labels === undefined ? rowShape : [])], 'float64')
    const found: unknown = await meta.predict(Z)
    await explainFailure('meta', 'new rows', () => takePredictions(found, out))
    return out
  })
  if (labels === undefined) return predicted as PredictedLabels<L>
  return explainFailure(
    'meta',
    'new rows',
    () => labelsOfCodes(predicted.toTypedArray(), labels, rowShape) as PredictedLabels<L>,
  )
}

/**
 * Predicts the probability of each class by the meta learner.
 *
 * @throws what `SuperLearner.predictProba` throws
 */
export async function predictProbabilities(
  ensemble: PredictingEnsemble,
  X: FeatureSource,
): Promise<NDArray<'float64'>> {
  const { target, meta } = ensemble.fitted()
  const { length: classes } = target.labels ?? []
  const isAble = meta === undefined || meta.predictProba !== undefined
  if (classes === 0 || !isAble) throw refuseProbabilities(classes === 0 ? undefined : meta)
  return combineLearners(ensemble, X, async (meta, Z) => {
    const out = zeros([Z.shape[0]!, classes], 'float64')
    await predictOutput(
      {
        learner: meta,
        predict: (rows, options) => meta.predictProba!(rows, options),
        explain: (read) => explainFailure('meta', 'new rows', read),
      },
      { method: 'predictProba', classes, rowShape: [classes] },
      Z,
      undefined,
      out,
    )
    return out
  })
}

/**
 * Predicts new rows by every learner, not combined.
 *
 * @throws what `SuperLearner.transform` throws
 */
export async function predictLearners(
  ensemble: PredictingEnsemble,
  X: FeatureSource,
): Promise<NDArray<'float64'>> {
  const { length: propagated } = ensemble.fitted().stages.at(-1)!.shown.propagated
  const joined = await predictStacked(ensemble, X)
  if (propagated === 0) return joined
  try {
    return copyShared(joined.slice(null, [propagated, joined.shape[1]!]))
  } finally {
    joined[Symbol.dispose]()
  }
}

/** Predicts rows layer by layer; returns what the meta learner reads, in scratch memory. */
async function predictStacked(
  { features, fitted }: PredictingEnsemble,
  X: FeatureSource,
): Promise<NDArray<'float64'>> {
  const given = typeof X === 'string' ? openArray(X) : X
  if (!(given instanceof Table)) return predictRows(fitted(), toArray(given, '`X`'))
  let block: NDArray<'float64'> | undefined
  let found: NDArray<'float64'> | undefined
  try {
    found = await predictFeatures(features, given, {}, async (rows) => {
      // The block before has been copied.
      block?.[Symbol.dispose]()
      return (block = await predictRows(fitted(), rows))
    })
  } finally {
    if (block !== found) block?.[Symbol.dispose]()
  }
  return found.mapping === undefined ? copyShared(found) : found
}

/** Runs the meta learner on the predictions of all learners. */
async function combineLearners<T>(
  ensemble: PredictingEnsemble,
  X: FeatureSource,
  combine: (meta: Estimator, Z: NDArray<'float64'>) => Promise<T>,
): Promise<T> {
  const { meta, target } = ensemble.fitted()
  if (meta === undefined) {
    const example = target.labels === undefined ? 'Ridge' : 'LogisticRegression'
    throw new OneCopyError(
      'ERR_NOT_FITTED',
      'This ensemble has no meta learner to combine its learners. ' +
        `Call addMeta(new ${example}()) before fit(), or transform() for the predictions of each.`,
    )
  }
  const Z = await predictStacked(ensemble, X)
  try {
    return await combine(meta, Z)
  } finally {
    Z[Symbol.dispose]()
  }
}

function predictRows(
  { stages, columns }: FittedEnsemble,
  matrix: NDArray,
): Promise<NDArray<'float64'>> {
  const predict = async (): Promise<NDArray<'float64'>> => {
    const [, d] = requireMatrix(matrix, '`X`')
    if (d === columns) return predictLayers(stages, matrix)
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected \`X\` to have ${columns} columns, as when this ensemble was fitted, got ${d}.`,
      { details: { expected: columns, columns: d } },
    )
  }
  return keepInputs({ X: matrix, options: {} }, predict, 'transform')
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

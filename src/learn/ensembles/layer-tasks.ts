/** The functions that a layer calls on workers, or in this thread. */

import type { NDArray, Rows } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import {
  learnedState,
  type Estimator,
  type Learned,
  type LearnedState,
  type Transformer,
} from '../contract/estimator.ts'
import { makeEstimator, type EstimatorSpec } from '../contract/estimator-spec.ts'
import type { FoldLearner, FoldQuery } from '../contract/fold-learner.ts'
import { collectNotConverged, type NotConverged } from '../contract/not-converged.ts'
import { predictLinear, type LinearTerms } from '../linear/predict-linear.ts'
import { takePredictions } from './take-predictions.ts'

/** Seconds of a call, for fitting and for predicting. */
export interface Spent {
  readonly fitSeconds: number
  readonly predictSeconds: number
}

/** Predicts some rows by the linear models of one fold, each into its column of `Z`. */
export async function predictLinearRows(
  X: NDArray,
  rows: Rows,
  models: { readonly terms: readonly LinearTerms[]; readonly columns: readonly number[] },
  Z: NDArray,
): Promise<Spent> {
  const start = performance.now()
  await predictLinear(X, models.terms, Z, { rows, columns: models.columns })
  return { fitSeconds: 0, predictSeconds: secondsSince(start) }
}

/** Predicts some rows of a fold by a learner that serves all folds. */
export async function predictPreparedRows(
  spec: { readonly name: string; readonly learner: EstimatorSpec },
  prepared: Learned,
  X: NDArray,
  y: NDArray,
  query: FoldQuery,
): Promise<Spent> {
  return explainFailure(spec.name, `fold ${query.fold}`, async () => {
    const start = performance.now()
    const learner = await makeEstimator<FoldLearner>(spec.learner)
    await learner.predictFold(prepared, X, y, query)
    return { fitSeconds: 0, predictSeconds: secondsSince(start) }
  })
}

/** A learner with the steps before it, as specifications. */
export interface PipelineSpec {
  readonly name: string
  readonly learner: EstimatorSpec
  readonly preprocess: readonly EstimatorSpec[]
}

/** Rows to learn from, and rows to predict afterwards. */
export interface Split {
  /** Number of the fold, for error texts. */
  readonly fold: number
  readonly train: Rows
  readonly test: Rows
  readonly weights?: Float64Array | undefined
}

/** Seconds and notes of fitting a pipeline. */
export interface FitSpent extends Spent {
  /** Fits that did not converge, for one warning about all folds. */
  readonly notes: readonly NotConverged[]
}

/** Fits a pipeline on the training rows of a fold and predicts its test rows into `out`. */
export async function fitFold(
  spec: PipelineSpec,
  X: NDArray,
  y: NDArray,
  split: Split,
  out: NDArray,
): Promise<FitSpent> {
  const { fold, train, test, weights } = split
  return explainFailure(spec.name, `fold ${fold}`, async () => {
    const start = performance.now()
    const { result: fitted, notes } = await collectNotConverged(() =>
      fitPipeline(spec, X, y, { rows: train, weights }),
    )
    const fitSeconds = secondsSince(start)
    const again = performance.now()
    takePredictions(await fitted.learner.predict(fitted.input, { rows: test, out }), out, test)
    return { fitSeconds, predictSeconds: secondsSince(again), notes }
  })
}

/** Learned values of a pipeline fitted on all rows. */
export interface FittedPipeline extends FitSpent {
  readonly learner: LearnedState
  readonly preprocess: readonly LearnedState[]
}

/** Fits a pipeline on all rows and returns its learned values. */
export async function fitAllRows(
  spec: PipelineSpec,
  X: NDArray,
  y: NDArray,
  weights: Float64Array | undefined,
): Promise<FittedPipeline> {
  return explainFailure(spec.name, 'all rows', async () => {
    const start = performance.now()
    const { result: fitted, notes } = await collectNotConverged(() =>
      fitPipeline(spec, X, y, { weights }),
    )
    return {
      notes,
      learner: learnedState(fitted.learner),
      preprocess: fitted.preprocess.map((step) => learnedState(step)),
      fitSeconds: secondsSince(start),
      predictSeconds: 0,
    }
  })
}

/** Maps rows through fitted steps; without steps they are the rows themselves. */
export async function transformAll(X: NDArray, steps: readonly Transformer[]): Promise<NDArray> {
  let input = X
  for (const step of steps) input = await step.transform(input)
  return input
}

/** Seconds since a moment of `performance.now()`. */
export function secondsSince(start: number): number {
  return (performance.now() - start) / 1000
}

/**
 * Runs a learner; names it and the place in the error when it fails.
 *
 * @throws OneCopyError `ERR_LEARNER` with the learner's own error as its cause
 */
export async function explainFailure<T>(
  name: string,
  where: string,
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OneCopyError('ERR_LEARNER', `Learner \`${name}\` failed on ${where}: ${reason}`, {
      cause,
      details: { learner: name, where },
    })
  }
}

async function fitPipeline(
  spec: PipelineSpec,
  X: NDArray,
  y: NDArray,
  options: { readonly rows?: Rows; readonly weights?: Float64Array | undefined },
): Promise<{ learner: Estimator; preprocess: Transformer[]; input: NDArray }> {
  const { weights, ...rows } = options
  const chosen = weights === undefined ? rows : { ...rows, weights }
  const preprocess: Transformer[] = []
  let input = X
  for (const step of spec.preprocess) {
    const transformer = await makeEstimator<Transformer>(step)
    await transformer.fit(input, y, chosen)
    preprocess.push(transformer)
    input = await transformer.transform(input)
  }
  const learner = await makeEstimator<Estimator>(spec.learner)
  await learner.fit(input, y, chosen)
  return { learner, preprocess, input }
}

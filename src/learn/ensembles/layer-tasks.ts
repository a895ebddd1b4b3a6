/** The functions that a layer calls on workers, or in this thread. */

import type { NDArray, Rows } from '../../arrays/index.ts'
import { allRows, complement } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import {
  type Configurable,
  learnedState,
  type Estimator,
  type Learned,
  type LearnedState,
  type Transformer,
} from '../contract/estimator.ts'
import { makeEstimator, type EstimatorSpec } from '../contract/estimator-spec.ts'
import type { FoldFit, SharingEstimator } from '../contract/fold-sharing.ts'
import { collectNotConverged, type NotConverged } from '../contract/not-converged.ts'
import { predictLinear, type LinearTerms } from '../linear/predict-linear.ts'
import { takePredictions } from './take-predictions.ts'

/** Predicts some rows by linear functions, each into its column of `Z`; resolves to the seconds that it took. */
export async function predictLinearRows(
  X: NDArray,
  rows: Rows,
  models: { readonly terms: readonly LinearTerms[]; readonly columns: readonly number[] },
  Z: NDArray,
): Promise<number> {
  const start = performance.now()
  await predictLinear(X, models.terms, Z, { rows, columns: models.columns })
  return secondsSince(start)
}

/** A class with its options, and perhaps what it has learned. */
export interface FittedSpec {
  readonly spec: EstimatorSpec
  readonly state: LearnedState
}

/** A fitted learner and the steps before it. */
export interface FittedPipelineSpec {
  readonly name: string
  readonly learner: FittedSpec
  readonly steps: readonly FittedSpec[]
}

/** Predicts some rows of a fold by its model; resolves to the seconds that it took. */
export async function predictModelRows(
  model: FittedPipelineSpec,
  X: NDArray,
  { fold, rows }: { readonly fold: number; readonly rows: Rows },
  out: NDArray,
): Promise<number> {
  return explainFailure(model.name, `fold ${fold}`, async () => {
    const start = performance.now()
    const learner = await revive<Estimator>(model.learner)
    const steps = await Promise.all(model.steps.map((step) => revive<Transformer>(step)))
    takePredictions(await predictRows(learner, steps, X, { rows, out }), out, rows)
    return secondsSince(start)
  })
}

/** A learner with the steps before it, as specifications. */
export interface PipelineSpec {
  readonly name: string
  readonly learner: EstimatorSpec
  readonly steps: readonly EstimatorSpec[]
}

/** What a model is fitted on: all rows but those of `test`. */
export interface ModelData extends Omit<FoldFit, 'rows'> {
  readonly X: NDArray
  readonly y: NDArray
  /** Rows that are held out; undefined for the model of all rows. Row numbers of the others are listed where they are used. */
  readonly test: Rows | undefined
  /** The object that its learner shares, or undefined. */
  readonly shared: Learned | undefined
}

/** Seconds and notes of fitting and predicting a fold. */
export interface FitSpent {
  readonly fitSeconds: number
  readonly predictSeconds: number
  /** Fits that did not converge, for one warning about all folds. */
  readonly notes: readonly NotConverged[]
}

/** Fits a pipeline on the training rows of a fold and predicts its test rows into `out`. */
export async function fitFold(
  spec: PipelineSpec,
  data: ModelData & { readonly test: Rows },
  out: NDArray,
): Promise<FitSpent> {
  const { test } = data
  return explainFailure(spec.name, `fold ${data.fold}`, async () => {
    const { fitted, fitSeconds, notes } = await fitPipeline(spec, data)
    const start = performance.now()
    const predicted = await fitted.learner.predict(fitted.input, { rows: test, out })
    takePredictions(predicted, out, test)
    return { fitSeconds, predictSeconds: secondsSince(start), notes }
  })
}

/** Learned values of a pipeline fitted on all rows. */
export interface FittedPipeline {
  readonly learner: LearnedState
  readonly steps: readonly LearnedState[]
  readonly notes: readonly NotConverged[]
}

/** Fits a pipeline on all rows and returns its learned values. */
export async function fitAllRows(spec: PipelineSpec, data: ModelData): Promise<FittedPipeline> {
  return explainFailure(spec.name, 'all rows', async () => {
    const { fitted, notes } = await fitPipeline(spec, data)
    return {
      learner: learnedState(fitted.learner),
      steps: fitted.steps.map((step) => learnedState(step)),
      notes,
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

interface Pipeline {
  readonly learner: Estimator
  readonly steps: readonly Transformer[]
  /** `X` after the steps. */
  readonly input: NDArray
}

async function fitPipeline(
  spec: PipelineSpec,
  data: ModelData,
): Promise<{ fitted: Pipeline; fitSeconds: number; notes: readonly NotConverged[] }> {
  const start = performance.now()
  const { result, notes } = await collectNotConverged(() =>
    data.shared === undefined ? fitAlone(spec, data) : fitShared(spec, data),
  )
  return { fitted: result, fitSeconds: secondsSince(start), notes }
}

async function fitShared({ learner: spec }: PipelineSpec, data: ModelData): Promise<Pipeline> {
  const { X, y, shared, fold, weights, map } = data
  const learner = await makeEstimator<SharingEstimator>(spec)
  const rows = trainingRows(data)
  await learner.fitFold(shared, X, y, { fold, rows, weights, map })
  return { learner, steps: [], input: X }
}

async function fitAlone(spec: PipelineSpec, data: ModelData): Promise<Pipeline> {
  const { X, y, fold, weights } = data
  const chosen = {
    ...(fold === null ? {} : { rows: trainingRows(data) }),
    ...(weights === undefined ? {} : { weights }),
  }
  const steps: Transformer[] = []
  let input = X
  for (const step of spec.steps) {
    const transformer = await makeEstimator<Transformer>(step)
    await transformer.fit(input, y, chosen)
    steps.push(transformer)
    input = await transformer.transform(input)
  }
  const learner = await makeEstimator<Estimator>(spec.learner)
  await learner.fit(input, y, chosen)
  return { learner, steps, input }
}

function trainingRows({ X, test }: ModelData): Rows {
  const [n] = X.shape as [number]
  return test === undefined ? allRows(n) : complement(test, n)
}

/** Predicts rows of `X` after steps; with steps the result has the chosen rows only. */
async function predictRows(
  learner: Estimator,
  steps: readonly Transformer[],
  X: NDArray,
  { rows, out }: { readonly rows: Rows; readonly out: NDArray },
): Promise<NDArray> {
  const [first, ...others] = steps
  if (first === undefined) return learner.predict(X, { rows, out })
  return learner.predict(await transformAll(await first.transform(X, { rows }), others))
}

/** An estimator with what it has learned, which comes from this layer and needs no check. */
async function revive<E extends Configurable>({ spec, state }: FittedSpec): Promise<E> {
  return Object.assign(await makeEstimator<E>(spec), state)
}

/** The functions that a layer calls on workers, or in this thread. */

import { type NDArray, rowRanges, type Rows, shared } from '../../../arrays/index.ts'
import { allRows, complement } from '../../../arrays/internal.ts'
import { OneCopyError, show } from '../../../errors.ts'
import {
  type Configurable,
  isEstimator,
  learnedState,
  type Estimator,
  type Learned,
  type LearnedState,
  type PredictOptions,
} from '../../contract/estimator.ts'
import { makeEstimator, type EstimatorSpec } from '../../contract/estimator-spec.ts'
import type { FoldFit, SharingEstimator } from '../../contract/fold-sharing.ts'
import { collectNotConverged, type NotConverged } from '../../contract/not-converged.ts'
import { predictLinear, type LinearTerms } from '../../linear/predict-linear.ts'
import { affineRowMap } from '../../contract/row-map.ts'
import {
  type LearnerRows,
  mapTraining,
  type MappedTraining,
  shareMapped,
} from '../../pipelines/mapped-training.ts'
import type { Pipeline } from '../../pipelines/pipeline.ts'
import { type LearnerColumns, predictMapped } from '../../pipelines/predict-mapped.ts'
import type { AffineMap } from '../../statistics/column-maps.ts'
import { columnsOf } from '../../inputs/feature-input.ts'
import type { ColumnSchema } from '../../inputs/table-columns.ts'
import { nameMatrix } from '../../inputs/table-matrix.ts'
import type { MemberOutput } from '../../outputs/member-output.ts'
import { predictOutput } from '../../outputs/predict-output.ts'
import { predictHeldOut, rowsOfNoWeight } from './predict-held-out.ts'

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

/** A fitted learner, and the scaling of the columns that it takes; undefined: it takes raw ones. */
export interface FittedModelSpec {
  readonly name: string
  readonly learner: FittedSpec
  readonly map: AffineMap | undefined
  readonly output: MemberOutput
}

/** Some of the rows that a fold holds out, and which of them have no weight. */
export interface HeldOutPart {
  readonly fold: number
  readonly rows: Rows
  readonly noWeight: Rows | undefined
}

/** Predicts some rows of a fold by its model; resolves to the seconds that it took. */
export async function predictModelRows(
  model: FittedModelSpec,
  X: NDArray,
  { fold, rows, noWeight }: HeldOutPart,
  out: NDArray,
): Promise<number> {
  return explainFailure(model.name, `fold ${fold}`, async () => {
    const start = performance.now()
    const learner = await revive<Estimator>(model.learner)
    await predictHeldOut(rows, noWeight, out, (chosen) =>
      predictScaled({ X, learner, map: model.map }, model.output, chosen, out),
    )
    return secondsSince(start)
  })
}

/** A learner, or a pipeline of steps and a learner, as a specification. */
export interface LearnerSpec {
  readonly name: string
  readonly learner: EstimatorSpec
}

/** Rows that a model is fitted on: some, all but some, or all. Row numbers of the others are listed where they are used. */
export type ModelRows = { readonly only: Rows } | { readonly but: Rows } | 'all'

/** What a model is fitted on. */
export interface ModelData extends Omit<FoldFit, 'rows' | 'test'> {
  /** What the rows are, for error texts: `fold 2`. */
  readonly where: string
  readonly rows: ModelRows
  readonly X: NDArray
  /** Names and categories of the columns of a table, which don't travel with `X`; undefined for arrays. */
  readonly schema: ColumnSchema | undefined
  readonly y: NDArray
  /** The object that its learner shares, or undefined. */
  readonly shared: Learned | undefined
  /** Which columns a model that was fitted with a `map` takes. */
  readonly takes: LearnerColumns
  /** Whether the learner doesn't keep the numbers of its rows. */
  readonly freesRows: boolean
  /** What the steps of a pipeline have learned on these rows, for the learner at its end; undefined: it is fitted whole. */
  readonly mapped: MappedTraining | undefined
}

/** Seconds and notes of fitting and predicting a fold. */
export interface FitSpent {
  readonly fitSeconds: number
  readonly predictSeconds: number
  /** Fits that did not converge, for one warning about all folds. */
  readonly notes: readonly NotConverged[]
  /** What a model has learned that is kept. */
  readonly learner?: LearnedState
}

/** Fits a learner on the training rows of a fold and predicts its test rows into `out`. */
export async function fitFold(
  spec: LearnerSpec & { readonly output: MemberOutput },
  data: ModelData & { readonly test: Rows },
  out: NDArray,
): Promise<FitSpent> {
  const { test } = data
  return explainFailure(spec.name, data.where, async () => {
    const training = listTraining(data)
    try {
      const { learner, fitSeconds, notes } = await fitModel(spec, data, training.rows, test)
      const start = performance.now()
      const map = data.takes === 'mapped' ? data.map : undefined
      const noWeight = rowsOfNoWeight(test, data.weights)
      await predictHeldOut(test, noWeight, out, (rows) =>
        predictScaled({ X: data.X, learner, map }, spec.output, rows, out),
      )
      const kept = data.isKept === true ? { learner: learnedState(learner) } : {}
      return { fitSeconds, predictSeconds: secondsSince(start), notes, ...kept }
    } finally {
      training.free()
    }
  })
}

/** Mapped training rows of a fold, or of all rows, and what making them took. */
export interface MappedFold {
  readonly training: MappedTraining
  readonly seconds: number
  readonly notes: readonly NotConverged[]
}

/** What learners need of mapped rows. */
export interface MappedNeeds {
  /** False when all of them take scaled columns in place. */
  readonly needsRows: boolean
  /** One learner for each kind of object that they share. */
  readonly sharing: readonly EstimatorSpec[]
}

/** Fits the steps of a pipeline on the training rows of a fold, or on all rows, and maps these rows. */
export async function mapFold(
  spec: LearnerSpec,
  data: Pick<ModelData, 'X' | 'schema' | 'y' | 'weights' | 'fold' | 'where' | 'rows'>,
  { needsRows, sharing }: MappedNeeds,
): Promise<MappedFold> {
  const { y } = data
  return explainFailure(spec.name, data.where, async () => {
    const start = performance.now()
    const pipeline = await makeEstimator<Pipeline & Estimator>(spec.learner)
    const X = namedMatrix(data)
    const rows = listRows(data.rows, X.shape[0]!)
    const options = fitOptions(data, rows)
    const { result: mapped, notes } = await collectNotConverged(() =>
      mapTraining(pipeline, X, y, options, needsRows),
    )
    const learners = await Promise.all(sharing.map((one) => makeEstimator<Estimator>(one)))
    const training = await shareMapped(mapped, learners, y, options)
    return { training, seconds: secondsSince(start), notes }
  })
}

/** Learned values of a final model. */
export interface FittedLearner {
  readonly learner: LearnedState
  readonly notes: readonly NotConverged[]
}

/** Fits a final model and returns its learned values. */
export async function fitFinal(spec: LearnerSpec, data: ModelData): Promise<FittedLearner> {
  return explainFailure(spec.name, data.where, async () => {
    const rows = listRows(data.rows, data.X.shape[0]!)
    const { learner, notes } = await fitModel(spec, data, rows, rowRanges([]))
    return { learner: learnedState(learner), notes }
  })
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

async function fitModel(
  spec: LearnerSpec,
  data: ModelData,
  rows: Rows,
  test: Rows,
): Promise<{ learner: Estimator; fitSeconds: number; notes: readonly NotConverged[] }> {
  const start = performance.now()
  const { result, notes } = await collectNotConverged(() =>
    data.shared === undefined ? fitAlone(spec, data, rows) : fitShared(spec, data, rows, test),
  )
  return { learner: result, fitSeconds: secondsSince(start), notes }
}

async function fitShared(
  { learner: spec }: LearnerSpec,
  data: ModelData,
  rows: Rows,
  test: Rows,
): Promise<Estimator> {
  const { y, shared, fold, isKept = false, weights, map } = data
  const X = namedMatrix(data)
  const learner = await makeEstimator<SharingEstimator>(spec)
  await learner.fitFold(shared, X, y, { fold, isKept, rows, test, weights, map })
  return learner
}

async function fitAlone(spec: LearnerSpec, data: ModelData, rows: Rows): Promise<Estimator> {
  const { y, mapped } = data
  const X = namedMatrix(data)
  if (mapped !== undefined) {
    const pipeline = await makeEstimator<Pipeline & Estimator>(spec.learner)
    return pipeline.fitMapped(mapped, X, y, fitOptions(data, rows))
  }
  const learner = await makeEstimator<Estimator>(spec.learner)
  const fitted: unknown = await learner.fit(X, y, fitOptions(data, rows))
  if (isEstimator(fitted)) return fitted
  throw new TypeError(
    `Expected fit() to return the fitted model, as \`return this\` does, got ${show(fitted)}.`,
  )
}

function fitOptions(
  { rows: given, weights }: Pick<ModelData, 'rows' | 'weights'>,
  rows: Rows,
): LearnerRows {
  return {
    ...(given === 'all' ? {} : { rows }),
    ...(weights === undefined ? {} : { weights }),
  }
}

function namedMatrix({ X, schema }: Pick<ModelData, 'X' | 'schema'>): NDArray {
  if (schema === undefined || columnsOf(X) !== undefined) return X
  return nameMatrix(X as NDArray<'float64'>, schema)
}

/** The rows that a fold is fitted on. The numbers of many would wait for the garbage collector, fold after fold. */
function listTraining({ X, rows, freesRows }: ModelData): {
  readonly rows: Rows
  readonly free: () => void
} {
  const n = X.shape[0]!
  if (!freesRows) return { rows: listRows(rows, n), free: () => {} }
  let room: NDArray<'int32'> | undefined
  const makeRoom = (count: number): Int32Array => (room = shared([count], 'int32')).toTypedArray()
  return { rows: listRows(rows, n, makeRoom), free: () => room?.[Symbol.dispose]() }
}

/** Lists rows of n; `makeRoom` makes memory for the numbers of rows that are listed nowhere. */
function listRows(rows: ModelRows, n: number, makeRoom?: (count: number) => Int32Array): Rows {
  if (rows === 'all') return allRows(n)
  return 'only' in rows ? rows.only : complement(rows.but, n, makeRoom)
}

/** Predicts rows of `X` by a learner of scaled columns, in blocks; by one of raw columns without a map. */
function predictScaled(
  {
    X,
    learner,
    map,
  }: { readonly X: NDArray; readonly learner: Estimator; readonly map: AffineMap | undefined },
  output: MemberOutput,
  rows: Rows,
  out: NDArray,
): Promise<void> {
  const maps = map === undefined ? [] : [affineRowMap(map)]
  const predict = (part: NDArray, options: PredictOptions): Promise<unknown> =>
    predictMapped(part, learner, maps, options, output.method)
  return predictOutput({ learner, predict }, output, X, rows, out)
}

/** An estimator with what it has learned, which comes from this layer and needs no check. */
async function revive<E extends Configurable>({ spec, state }: FittedSpec): Promise<E> {
  return Object.assign(await makeEstimator<E>(spec), state)
}

/** Training rows mapped once for several learners. */

import type { NDArray, Rows } from '../../arrays/index.ts'
import { allRows } from '../../arrays/internal.ts'
import {
  clone,
  type Estimator,
  type FitOptions,
  type Learned,
  learnedState,
  type LearnedState,
} from '../contract/estimator.ts'
import {
  type FoldSharing,
  isSharingEstimator,
  type SharingEstimator,
} from '../contract/fold-sharing.ts'
import { isScaledEstimator } from '../contract/scaled-estimator.ts'
import { fitFeatures } from '../features/fit-inputs.ts'
import type { AffineMap } from '../statistics/column-maps.ts'
import { fitPipeline } from './fit-pipeline.ts'
import { requireSteps } from './named-steps.ts'

/** What the steps before a learner have learned, and the rows that they map. Plain values and arrays, which can be sent. */
export type MappedTraining = {
  /** Learned values of the steps, by their names in the pipeline. */
  readonly states: Readonly<Record<string, LearnedState>>
  /** Number of columns before the first step and after each. */
  readonly widths: Int32Array
  /** Bytes of the largest copy of mapped rows that was written. */
  readonly copiedBytes: number
  /** All steps as one scaling of the columns; undefined when they are not that. */
  readonly scaling: AffineMap | undefined
  /** Shape (n, m), in scratch memory: the rows to learn from are written, the others are not; undefined when nobody needs them. */
  readonly rows: NDArray | undefined
  /** Objects of these rows that learners share, by their kinds. */
  readonly shared: Readonly<Record<string, Learned>>
}

/** Which rows learners are fitted on, and their weights. */
export interface LearnerRows {
  /** Default: all. */
  readonly rows?: Rows
  readonly weights?: Float64Array
}

/**
 * Fits the steps of a pipeline, without its learner, and writes the mapped training rows to scratch memory once. The caller
 * frees them.
 *
 * @param pipeline - its last step is a learner that doesn't learn from moments; only its steps are used
 * @param needsRows - false when all learners take scaled columns in place: then rows are written only if the steps do more
 * @throws as `Pipeline.fit` does
 */
export function mapTraining(
  pipeline: { readonly steps: unknown; readonly usesTarget: boolean },
  X: NDArray,
  y: NDArray,
  options: FitOptions,
  needsRows: boolean,
): Promise<MappedTraining> {
  return fitFeatures(pipeline, { X, y, options }, async (features, target) => {
    const steps = requireSteps('Pipeline', pipeline.steps).map(
      ([name, step]) => [name, clone(step)] as const,
    )
    let scaling: AffineMap | undefined
    let rows: NDArray | undefined
    const input = { X: features, y: target, options }
    const { widths, copiedBytes } = await fitPipeline(pipeline, steps, input, async (fitter) => {
      scaling = fitter.scaling
      if (needsRows || scaling === undefined) rows = await fitter.takeRows()
    })
    const states = steps.slice(0, -1).map(([name, step]) => [name, learnedState(step)] as const)
    return { states: Object.fromEntries(states), widths, copiedBytes, scaling, rows, shared: {} }
  })
}

/**
 * Makes what learners share of mapped rows, each kind once. What can't be made is left out: `fit` of the learners then says why.
 *
 * @param learners - unfitted, one for each kind
 */
export async function shareMapped(
  { rows: X, ...training }: MappedTraining,
  learners: readonly Estimator[],
  y: NDArray,
  { rows, weights }: LearnerRows,
): Promise<MappedTraining> {
  const shared: Record<string, Learned> = {}
  for (const learner of X === undefined ? [] : learners) {
    const sharing = rowSharingOf(learner)
    const given = { X: X!, y, rows: rows ?? allRows(y.shape[0]!), weights }
    try {
      const made = await sharing?.makeOfRows?.(given)
      if (sharing !== undefined && made !== undefined) shared[sharing.kind] = made as Learned
    } catch {
      continue
    }
  }
  return { ...training, rows: X, shared }
}

/** What a learner shares of the training rows of one fold, behind steps that are fitted for each fold. */
export function rowSharingOf(learner: Estimator): FoldSharing | undefined {
  const sharing = isSharingEstimator(learner) ? learner.foldSharing(1) : undefined
  return typeof sharing?.makeOfRows === 'function' ? sharing : undefined
}

/**
 * Fits a learner on rows that were mapped before, or on raw ones that it scales itself.
 *
 * @param X - raw values, shape (n, d)
 * @returns bytes of the largest copy that it needed
 */
export async function learnMapped(
  learner: Estimator,
  { rows, scaling, copiedBytes, shared }: MappedTraining,
  { X, y, options }: { readonly X: NDArray; readonly y: NDArray; readonly options: LearnerRows },
): Promise<number> {
  if (scaling !== undefined && isScaledEstimator(learner)) {
    await learner.fitScaled(X, y, { ...options, map: scaling })
    return 0
  }
  const object = shared[rowSharingOf(learner)?.kind ?? '']
  if (object === undefined) await learner.fit(rows!, y, options)
  else {
    const { rows: chosen = allRows(y.shape[0]!), weights } = options
    const training = { fold: null, rows: chosen, weights, map: undefined }
    await (learner as SharingEstimator).fitFold(object, rows!, y, training)
  }
  return copiedBytes
}

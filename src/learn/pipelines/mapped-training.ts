/** Training rows mapped once for several learners. */

import type { NDArray } from '../../arrays/index.ts'
import {
  clone,
  type Estimator,
  type FitOptions,
  learnedState,
  type LearnedState,
} from '../contract/estimator.ts'
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
    return { states: Object.fromEntries(states), widths, copiedBytes, scaling, rows }
  })
}

/**
 * Fits a learner on rows that were mapped before, or on raw ones that it scales itself.
 *
 * @param X - raw values, shape (n, d)
 * @returns bytes of the largest copy that it needed
 */
export async function learnMapped(
  learner: Estimator,
  { rows, scaling, copiedBytes }: MappedTraining,
  { X, y, options }: { readonly X: NDArray; readonly y: NDArray; readonly options: FitOptions },
): Promise<number> {
  if (scaling !== undefined && isScaledEstimator(learner)) {
    await learner.fitScaled(X, y, { ...options, map: scaling })
    return 0
  }
  await learner.fit(rows!, y, options)
  return copiedBytes
}

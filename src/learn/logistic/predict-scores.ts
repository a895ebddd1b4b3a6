/** Predicts rows by scores of classes. */

import type { NDArray } from '../../arrays/index.ts'
import { kernelMatrix, kernelRows } from '../../arrays/internal.ts'
import { kernelThreads, type LogisticModel, native } from '../../native/index.ts'
import type { FloatArray, PredictOptions } from '../contract/estimator.ts'
import { fillFiniteRows } from '../features/fill-finite-rows.ts'

/**
 * Predicts rows of `X` in one native pass, in place.
 *
 * @param model - with one label when there is a single class
 * @param rowShape - shape of what a row is predicted as
 * @throws OneCopyError `ERR_VALUE` with the row and column of the first NaN or infinity
 */
export function predictScores(
  X: NDArray,
  model: LogisticModel,
  rowShape: readonly number[],
  options: PredictOptions,
): Promise<FloatArray> {
  const [only] = model.labels
  const labels = model.labels.length === 1 ? Float64Array.of(only!, only!) : model.labels
  return fillFiniteRows(X, rowShape, options, (part, rows, out) =>
    native.logisticPredict(
      kernelMatrix(part),
      kernelRows(rows),
      { ...model, labels },
      kernelMatrix(out),
      kernelThreads(),
    ),
  )
}

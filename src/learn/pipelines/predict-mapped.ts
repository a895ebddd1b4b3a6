/** Predictions for mapped rows, block by block. */

import { array, countRows, NDArray, zeros } from '../../arrays/index.ts'
import { requireAttached, requireRows, sharesElement } from '../../arrays/internal.ts'
import type { Estimator, FloatArray, PredictOptions } from '../contract/estimator.ts'
import { requireNoOutput } from '../contract/predict-labels.ts'
import { keptArrays } from '../features/keeps-memory.ts'
import { explainMapped } from './explain-mapped.ts'
import { fillFiniteRows, requireFiniteRows } from '../features/fill-finite-rows.ts'
import { type Predictions, PredictionTarget } from '../features/predictions.ts'
import { composeRowMaps, type RowMap } from '../contract/row-map.ts'
import { isRawColumnsLearner } from '../contract/scaled-estimator.ts'
import { requireApart, toFloats, writeLater } from '../contract/write-output.ts'
import type { Label } from '../inputs/labels.ts'
import { composeMaps } from '../statistics/column-maps.ts'
import { readBlocks } from '../inputs/row-blocks.ts'
import { isLinearModel } from '../linear/linear-model.ts'
import { onRawColumns, predictLinear } from '../linear/predict-linear.ts'

/** Which columns a learner behind steps takes: what the steps return, or those before the first step. */
export type LearnerColumns = 'mapped' | 'raw'

/** What a learner can be asked for. */
export type PredictMethod = 'predict' | 'predictProba' | 'decisionFunction'

/** A learner that may tell how far on the side of its class a row is, as support vector machines do. */
export interface PredictingLearner extends Estimator {
  decisionFunction?(X: NDArray, options?: PredictOptions): Promise<NDArray>
}

/** Values of a block, 4 MB, so that a learner's threads have enough to do. */
const valuesPerBlock = 1 << 19

/**
 * Predicts rows of `X` by a learner that was fitted on mapped rows. Maps of single columns before a linear model or
 * classifier become part of its coefficients; otherwise a block of 4 MB is mapped and predicted at a time.
 *
 * @param learner - fitted on rows mapped by `maps`
 * @param maps - of the steps, in order; none when the learner takes `X` itself
 * @returns what the learner returns: an array, or a list of labels
 * @throws OneCopyError `ERR_SHAPE`, `ERR_DETACHED`, `ERR_OPTION` for an `out` when labels are listed, and what the learner
 *   throws
 */
export async function predictMapped(
  X: NDArray,
  learner: Estimator,
  maps: readonly RowMap[],
  options: PredictOptions,
  method: PredictMethod = 'predict',
): Promise<Predictions> {
  const predict = async (rows: NDArray, own?: PredictOptions): Promise<Predictions> =>
    floatsOrLabels(await (learner as PredictingLearner)[method]!(rows, own))
  if (maps.length === 0) return predict(X, options)
  if (options.out instanceof NDArray && sharesElement(X, options.out))
    return writeLater(X, options, async (own) => {
      const found = await predictMapped(X, learner, maps, own, method)
      return requireNumbers(found, options.out)
    })
  const affine = maps.map((map) => map.affine).filter((map) => map !== undefined)
  const isScaled = affine.length === maps.length
  if (isScaled && isRawColumnsLearner(learner, method)) {
    const raw = learner.ofRawColumns(affine.reduce(composeMaps)) as Estimator | undefined
    if (raw !== undefined)
      return floatsOrLabels(await (raw as PredictingLearner)[method]!(X, options))
  }
  if (method === 'predict' && isLinearModel(learner) && isScaled) {
    const terms = learner.linearTerms().map((one) => affine.reduceRight(onRawColumns, one))
    const shape = learner.coef_.shape.slice(0, -1)
    return fillFiniteRows(X, shape, options, async (part, rows, out) => {
      await predictLinear(part, terms, out, { rows })
      requireFiniteRows(part, rows, out)
    })
  }
  // Blocks are predicted to memory of their own, so that the learner doesn't see where they are written.
  requireApart(learner, options.out, keptArrays(learner))
  const rows = requireRows(options.rows, X.shape[0]!)
  const map = composeRowMaps(maps)
  const width = Math.max(map.width, map.scratch ?? 0)
  const target = new PredictionTarget(X.shape[0]!, countRows(rows), options.out)
  let scratch = new Float64Array(0)
  for await (const block of readBlocks(X, rows, { width, values: valuesPerBlock })) {
    const length = block.count * map.width
    if (scratch.length < length) scratch = new Float64Array(length)
    const mapped = scratch.subarray(0, length)
    await map.apply(block.values, mapped, block.count, block.rowAt)
    const mappedRows = array(mapped, { shape: [block.count, map.width] })
    const found = await explainMapped(X, block, learner, () => predict(mappedRows))
    target.write(found, block)
  }
  requireAttached(X)
  return target.result ?? target.start(await predict(zeros([0, map.width], 'float64')))
}

/** The predictions when they can be written to `out`. */
function requireNumbers(found: Predictions, out: NDArray | undefined): FloatArray {
  if (!(found instanceof NDArray)) requireNoOutput(out)
  return found as FloatArray
}

/** Predictions of a learner, which may be of a class of your own that predicts integers. */
function floatsOrLabels(found: NDArray | readonly Label[]): Predictions {
  return found instanceof NDArray ? toFloats(found) : found
}

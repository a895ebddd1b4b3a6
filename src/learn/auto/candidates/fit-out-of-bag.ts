/** Fits a forest once, and predicts rows out of bag. */

import type { NDArray } from '../../../arrays/index.ts'
import { rowRanges, toRowNumbers } from '../../../arrays/index.ts'
import { clone, type Estimator } from '../../contract/estimator.ts'
import type { SharingEstimator } from '../../contract/fold-sharing.ts'
import { explainFailure, secondsSince } from '../../ensembles/calls/layer-tasks.ts'
import type { FittedEnsembleMember } from '../../ensembles/members/ensemble-member.ts'
import { columnOf } from '../../ensembles/members/member-plan.ts'
import { type LayerData, trainingRows } from '../../ensembles/folds/layer-data.ts'
import { makeShared, type MemberFit } from '../../ensembles/fits/member-fit.ts'
import { memberOf } from '../../ensembles/fits/fitted-members.ts'

/** What a forest learns with `oob`. */
interface OutOfBag {
  oobPrediction_?: Float64Array
  oobProbabilities_?: NDArray<'float64'>
  oobScore_?: number
}

/**
 * Fits a forest of all rows that may be seen.
 *
 * @param Z - gets its predictions; a row that every tree has drawn gets the mean of all others
 * @throws OneCopyError `ERR_LEARNER`
 */
export async function fitOutOfBag(
  fit: MemberFit,
  data: LayerData,
  Z: NDArray<'float64'>,
): Promise<FittedEnsembleMember> {
  const { X, y, finals, weights, splits } = data
  const { plan } = fit
  const { name } = plan.member
  return explainFailure(name, 'all rows', async () => {
    const shared = await makeShared(fit)
    const [final] = finals
    const rows = trainingRows(data, final!)
    const start = performance.now()
    const learner = clone(plan.learner) as SharingEstimator
    await learner.fitFold(shared, X, y, {
      fold: final!,
      isKept: true,
      rows,
      test: rowRanges([]),
      weights,
      map: undefined,
    })
    const seconds = secondsSince(start)
    const found = learner as OutOfBag
    const width = plan.output.rowShape[0] ?? 1
    const scores = found.oobPrediction_ ?? found.oobProbabilities_!.toTypedArray()
    writeRows(scores, toRowNumbers(data.predicted), width, Z, columnOf(plan, 0))
    // Values for each row are no part of the model.
    for (const own of ['oobPrediction_', 'oobProbabilities_', 'oobScore_'])
      Reflect.deleteProperty(learner, own)
    const none = Array.from({ length: splits }, () => 0)
    const parts = {
      steps: [],
      learner: learner as Estimator,
      widths: new Int32Array(1),
      takes: 'raw',
      copiedBytes: 0,
    } as const
    const spent = { fit: none.map(() => seconds / splits), predict: none }
    return memberOf(plan, parts, { data, partition: 0, seconds: spent })
  })
}

/** Writes the scores of rows: of two classes that of the second one. */
function writeRows(
  scores: Float64Array,
  rows: Int32Array,
  width: number,
  Z: NDArray<'float64'>,
  first: number,
): void {
  const own = scores.length / Z.shape[0]!
  const skip = own - width
  const sums = new Float64Array(width)
  let known = 0
  for (const row of rows) {
    if (Number.isNaN(scores[row * own])) continue
    known++
    for (let k = 0; k < width; k++) sums[k]! += scores[row * own + skip + k]!
  }
  for (const row of rows) {
    const isKnown = !Number.isNaN(scores[row * own])
    for (let k = 0; k < width; k++)
      Z.set(isKnown ? scores[row * own + skip + k]! : sums[k]! / known, row, first + k)
  }
}

/** Predicts new rows by the fitted members of a layer. */

import { type NDArray, shared } from '../../../arrays/index.ts'
import { allRows } from '../../../arrays/internal.ts'
import type { PredictOptions } from '../../contract/estimator.ts'
import { requireFiniteRows } from '../../features/fill-finite-rows.ts'
import { predictLinear } from '../../linear/predict-linear.ts'
import type { FittedEnsembleMember } from '../members/ensemble-member.ts'
import { explainFailure } from '../calls/layer-tasks.ts'
import { outputColumns } from '../../outputs/member-output.ts'
import { predictOutput } from '../../outputs/predict-output.ts'
import type { PredictingLearner } from '../../pipelines/predict-mapped.ts'
import { columnsOfPartition, countColumns } from '../members/member-plan.ts'

/**
 * Predicts new rows by the models of all rows: linear ones together in one pass.
 *
 * @returns the columns of all members side by side, float64 in scratch memory
 * @throws OneCopyError `ERR_LEARNER` when a learner returns no predictions; what a learner throws
 */
export async function predictLayer(
  members: readonly FittedEnsembleMember[],
  X: NDArray,
): Promise<NDArray<'float64'>> {
  const Z = shared([X.shape[0]!, countColumns(members)], 'float64')
  try {
    await predictMembers(members, X, Z)
    return Z
  } catch (error) {
    Z[Symbol.dispose]()
    throw error
  }
}

async function predictMembers(
  members: readonly FittedEnsembleMember[],
  X: NDArray,
  Z: NDArray<'float64'>,
): Promise<void> {
  // Members that have failed have no columns here.
  const placed = members.map((one, i) => ({ ...one, column: countColumns(members.slice(0, i)) }))
  const linear = placed.filter(({ terms }) => terms !== undefined)
  if (linear.length > 0) {
    await predictLinear(
      X,
      linear.flatMap(({ terms }) => terms!),
      Z,
      { columns: linear.flatMap((one) => columnsOfPartition(one, 0)) },
    )
    requireFiniteRows(X, allRows(X.shape[0]!), Z)
  }
  for (const { name, terms, predictor, column, output } of placed) {
    if (terms !== undefined) continue
    const predict = (rows: NDArray, options: PredictOptions): Promise<unknown> =>
      (predictor as PredictingLearner)[output.method]!(rows, options)
    const explain = <T>(read: () => T): Promise<T> => explainFailure(name, 'new rows', read)
    const out = outputColumns(Z, column, output)
    await predictOutput({ learner: predictor, predict, explain }, output, X, undefined, out)
  }
}

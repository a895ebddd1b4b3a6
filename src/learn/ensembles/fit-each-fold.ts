/** Members of a layer that are fitted fold by fold. */

import type { NDArray } from '../../arrays/index.ts'
import { clone, restore } from '../contract/estimator.ts'
import { warnOfFolds } from '../contract/not-converged.ts'
import { describeEstimator } from '../contract/estimator-spec.ts'
import type { LayerData } from './fold-statistics.ts'
import { fitAllRows, fitFold, type PipelineSpec } from './layer-tasks.ts'
import { call, makeCalls, type LayerWork } from './layer-work.ts'
import type { FittedEnsembleMember, EnsembleMember } from './ensemble-member.ts'

/** Fits a member on every fold and on all rows. Its class is sent to the workers, rows are not. */
export async function fitAlone(
  member: EnsembleMember,
  { X, y, folds, weights }: LayerData,
  out: NDArray,
  work: LayerWork,
): Promise<FittedEnsembleMember> {
  const travels = work.parallel !== undefined
  const spec: PipelineSpec = {
    name: member.name,
    learner: describeEstimator(member.learner, travels),
    preprocess: member.preprocess.map((step) => describeEstimator(step, travels)),
  }
  const spent = await makeCalls(
    folds.map(({ train, test }, fold) =>
      call(fitFold, spec, X, y, { fold, train, test, weights }, out),
    ),
    work,
  )
  const [fitted] = await makeCalls([call(fitAllRows, spec, X, y, weights)], work)
  warnOfFolds(
    member.name,
    [...spent, fitted!].map(({ notes }) => notes),
  )
  return {
    member,
    learner: restore(clone(member.learner), fitted!.learner),
    preprocess: member.preprocess.map((step, i) => restore(clone(step), fitted!.preprocess[i]!)),
    fitSeconds: spent.map(({ fitSeconds }) => fitSeconds),
    predictSeconds: spent.map(({ predictSeconds }) => predictSeconds),
  }
}

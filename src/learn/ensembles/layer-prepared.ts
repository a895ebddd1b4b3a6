/** Members that serve all folds from one index. */

import { type NDArray, shared } from '../../arrays/index.ts'
import { clone } from '../contract/estimator.ts'
import { describeEstimator } from '../contract/estimator-spec.ts'
import type { FoldLearner } from '../contract/fold-learner.ts'
import type { FoldStatistics, LayerData } from './fold-statistics.ts'
import { fitSteps } from './layer-linear.ts'
import { explainFailure, predictPreparedRows, secondsSince } from './layer-tasks.ts'
import { call, foldParts, makeCalls, type LayerWork } from './layer-work.ts'
import { affineSteps, type FittedEnsembleMember, type EnsembleMember } from './ensemble-member.ts'
import { type AffineMap, composeMaps } from '../statistics/column-maps.ts'

/** Most queries in one call, so that progress is visible and aborting is quick. */
export const preparedRowsPerCall = 4096

/** Predicts every fold and fits the model of all rows with one structure over the data. */
export async function fitPrepared(
  member: EnsembleMember,
  data: LayerData,
  statistics: FoldStatistics | undefined,
  out: NDArray,
  work: LayerWork,
): Promise<FittedEnsembleMember> {
  const { X, y, folds, weights } = data
  const { name } = member
  const learner = clone(member.learner as FoldLearner)
  const maps = foldMaps(member, statistics)
  const start = performance.now()
  const prepared = await explainFailure(name, 'all rows', () =>
    learner.prepareFolds(X, y, { foldOf: labelsOf(data), weights, map: maps?.at(-1) }),
  )
  const shareSeconds = secondsSince(start) / (folds.length + 1)

  const spec = { name, learner: describeEstimator(learner, work.parallel !== undefined) }
  const parts = foldParts(folds, preparedRowsPerCall)
  const calls = parts.map(({ fold, rows }) =>
    call(predictPreparedRows, spec, prepared, X, y, { fold, rows, map: maps?.[fold], out }),
  )
  const predictSeconds = folds.map(() => 0)
  for (const [i, { predictSeconds: seconds }] of (await makeCalls(calls, work)).entries())
    predictSeconds[parts[i]!.fold]! += seconds

  await explainFailure(name, 'all rows', () => learner.fitPrepared(prepared, X, y, maps?.at(-1)))
  return {
    member,
    learner,
    preprocess: [],
    fitSeconds: folds.map(() => shareSeconds),
    predictSeconds,
  }
}

/** What the member's scalers learn on each fold, and on all rows last; undefined without scalers. */
function foldMaps(
  member: EnsembleMember,
  statistics: FoldStatistics | undefined,
): AffineMap[] | undefined {
  const steps = affineSteps(member)!
  if (steps.length === 0) return undefined
  return statistics!.moments.map((moments) => fitSteps(steps, moments).maps.reduce(composeMaps))
}

const labels = new WeakMap<LayerData, NDArray<'uint16'>>()

/** The fold that each row is held out in: one array for all members of a layer. */
function labelsOf(data: LayerData): NDArray<'uint16'> {
  const made = labels.get(data) ?? labelRows(data)
  labels.set(data, made)
  return made
}

function labelRows({ X, folds }: LayerData): NDArray<'uint16'> {
  const labels = shared([X.shape[0]!], 'uint16')
  const { data, offset } = labels
  for (const [fold, { test }] of folds.entries()) {
    if ('numbers' in test) for (const row of test.numbers) data[offset + row] = fold
    else for (const [from, to] of test.ranges) data.fill(fold, offset + from, offset + to)
  }
  return labels
}

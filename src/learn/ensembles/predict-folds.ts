/** Predicts the rows of each fold by its model. */

import type { NDArray } from '../../arrays/index.ts'
import { onRawColumns, type LinearTerms } from '../linear/predict-linear.ts'
import type { LinearModel } from '../linear/linear-model.ts'
import { describeModel, type FoldModel, type FoldModels, type LayerContext } from './fit-members.ts'
import { predictLinearRows, predictModelRows } from './layer-tasks.ts'
import { call, foldParts, makeCalls } from './layer-work.ts'
import { rowsOfNoWeight } from './predict-held-out.ts'

/** Most rows that one call predicts by linear functions: less than a second of work, so that aborting is quick. */
export const linearRowsPerCall = 1 << 20

/** Most rows that one call predicts by other models, so that progress is visible and aborting is quick. */
export const modelRowsPerCall = 4096

/**
 * Predicts each fold's rows by all linear members in one pass over them.
 *
 * @returns for each fold, seconds of its pass
 */
export async function predictLinearFolds(
  members: readonly FoldModels[],
  { data: { X, folds }, work }: LayerContext,
  Z: NDArray,
): Promise<number[]> {
  const seconds = folds.map(() => 0)
  if (members.length === 0) return seconds
  const columns = members.map(({ fit }) => fit.plan.column)
  const parts = foldParts(folds, linearRowsPerCall)
  const calls = parts.map(({ fold, rows }) => {
    const terms = members.map((models) => rawTerms(models.folds[fold]!))
    return call(predictLinearRows, X, rows, { terms, columns }, Z)
  })
  for (const [i, spent] of (await makeCalls(calls, work)).entries())
    seconds[parts[i]!.fold]! += spent
  return seconds
}

/** Predicts each fold's rows by the model of a member; resolves to the seconds of each fold. */
export async function predictFolds(
  models: FoldModels,
  { data: { X, folds, weights }, work }: LayerContext,
  out: NDArray,
): Promise<number[]> {
  const travels = work.parallel !== undefined
  const described = folds.map((_, fold) => describeModel(models, fold, travels))
  const parts = foldParts(folds, modelRowsPerCall)
  const calls = parts.map(({ fold, rows }) => {
    const part = { fold, rows, noWeight: rowsOfNoWeight(rows, weights) }
    return call(predictModelRows, described[fold]!, X, part, out)
  })
  const seconds = folds.map(() => 0)
  for (const [i, spent] of (await makeCalls(calls, work)).entries())
    seconds[parts[i]!.fold]! += spent
  return seconds
}

/** A linear model as one function of raw columns. */
export function rawTerms({ learner, scalers }: FoldModel): LinearTerms {
  const [terms] = (learner as unknown as LinearModel).linearTerms()
  return scalers.maps.reduceRight(onRawColumns, terms!)
}

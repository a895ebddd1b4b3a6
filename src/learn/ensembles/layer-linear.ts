/** Linear members of a layer: solved from moments, predicted in one pass. */

import type { NDArray } from '../../arrays/index.ts'
import { clone } from '../contract/estimator.ts'
import type { FoldStatistics, LayerData } from './fold-statistics.ts'
import { explainFailure, predictLinearRows, secondsSince } from './layer-tasks.ts'
import { call, foldParts, makeCalls, type LayerWork } from './layer-work.ts'
import { isLinearModel, type LinearModel } from '../linear/linear-model.ts'
import { affineSteps, type EnsembleMember } from './ensemble-member.ts'
import {
  fitStatistics,
  isMomentsEstimator,
  type AffineTransformer,
  type MomentsEstimator,
} from '../contract/moments-estimator.ts'
import { collectNotConverged, warnOfFolds } from '../contract/not-converged.ts'
import { type AffineMap, composeMaps } from '../statistics/column-maps.ts'
import type { Moments } from '../statistics/moments.ts'
import { onRawColumns, type LinearTerms } from '../linear/predict-linear.ts'

/** Most rows that one call predicts: less than a second of work, so that aborting is quick. */
export const linearRowsPerCall = 1 << 20

/** A linear member solved for each fold and for all rows. */
export interface LinearSolution {
  readonly member: EnsembleMember
  /** The model of each fold as a function of raw columns. */
  readonly foldTerms: readonly LinearTerms[]
  /** The model of all rows as a function of raw columns. */
  readonly terms: LinearTerms
  /** The model of all rows, on columns transformed by its steps. */
  readonly learner: MomentsEstimator
  readonly preprocess: readonly AffineTransformer[]
  /** Seconds of each fold's fit, without the passes over the data that all members share. */
  readonly fitSeconds: readonly number[]
}

/** Tells whether a member can be solved from moments and predicts by a linear function. */
export function isLinearMember(member: EnsembleMember): boolean {
  const { learner } = member
  return isMomentsEstimator(learner) && isLinearModel(learner) && affineSteps(member) !== undefined
}

/**
 * Solves a linear member for all folds and all rows; reads no row unless the moments are
 * ill-conditioned.
 *
 * @throws OneCopyError `ERR_LEARNER`
 */
export async function solveLinear(
  member: EnsembleMember,
  statistics: FoldStatistics,
): Promise<LinearSolution> {
  const solved = []
  const fitSeconds = []
  const notes = []
  for (const [k, moments] of statistics.moments.entries()) {
    const start = performance.now()
    const shared = statistics.seconds
    const where = k === statistics.moments.length - 1 ? 'all rows' : `fold ${k}`
    const one = await collectNotConverged(() =>
      explainFailure(member.name, where, () => solve(member, moments, k, statistics)),
    )
    solved.push(one.result)
    notes.push(one.notes)
    fitSeconds.push(secondsSince(start) - (statistics.seconds - shared))
  }
  warnOfFolds(member.name, notes)
  const { learner, preprocess, terms } = solved.at(-1)!
  const foldTerms = solved.slice(0, -1).map((one) => one.terms)
  return { member, foldTerms, terms, learner, preprocess, fitSeconds: fitSeconds.slice(0, -1) }
}

/**
 * Predicts each fold's rows by all linear members in one pass over them.
 *
 * @param columns - the column of `Z` for each solution
 * @returns for each fold, seconds of its pass
 */
export async function predictLinearFolds(
  solutions: readonly LinearSolution[],
  columns: readonly number[],
  { X, folds }: LayerData,
  Z: NDArray,
  work: LayerWork,
): Promise<number[]> {
  const seconds = folds.map(() => 0)
  if (solutions.length === 0) return seconds
  const parts = foldParts(folds, linearRowsPerCall)
  const calls = parts.map(({ fold, rows }) => {
    const terms = solutions.map(({ foldTerms }) => foldTerms[fold]!)
    return call(predictLinearRows, X, rows, { terms, columns }, Z)
  })
  for (const [i, { predictSeconds }] of (await makeCalls(calls, work)).entries())
    seconds[parts[i]!.fold]! += predictSeconds
  return seconds
}

async function solve(
  member: EnsembleMember,
  moments: Moments,
  k: number,
  statistics: FoldStatistics,
): Promise<{ learner: MomentsEstimator; preprocess: AffineTransformer[]; terms: LinearTerms }> {
  const { preprocess, maps, mapped } = fitSteps(affineSteps(member)!, moments)
  const learner = await fitStatistics(
    clone(member.learner as MomentsEstimator),
    mapped,
    async () => maps.reduce((factor, map) => factor.affine(map), await statistics.factor(k)),
    () => statistics.rows(k, maps.length === 0 ? undefined : maps.reduce(composeMaps)),
  )
  const [scaled] = (learner as unknown as LinearModel).linearTerms()
  return { learner, preprocess, terms: maps.reduceRight(onRawColumns, scaled!) }
}

/** Fits affine steps one after the other on moments, and maps the moments through them. */
export function fitSteps(
  steps: readonly AffineTransformer[],
  moments: Moments,
): { preprocess: AffineTransformer[]; maps: AffineMap[]; mapped: Moments } {
  const preprocess: AffineTransformer[] = []
  const maps: AffineMap[] = []
  let mapped = moments
  for (const step of steps) {
    const fitted = clone(step).fitMoments(mapped)
    const map = fitted.affine()
    preprocess.push(fitted)
    maps.push(map)
    mapped = mapped.affine(map)
  }
  return { preprocess, maps, mapped }
}

/** Weighs candidates by their out-of-fold predictions. */

import { countRows, type NDArray, shared } from '../../arrays/index.ts'
import { isOneCopyError } from '../../errors.ts'
import { BestLearner } from '../combiners/best-learner.ts'
import { CombinedClassifier } from '../combiners/combined-classifier.ts'
import { GreedySelection } from '../combiners/greedy-selection.ts'
import { clone, type Estimator } from '../contract/estimator.ts'
import type { RowLabels } from '../contract/splitter.ts'
import type { LayerData } from '../ensembles/folds/layer-data.ts'
import type { LayerFolds } from '../ensembles/folds/layer-folds.ts'
import { planMetaFits } from '../ensembles/folds/meta-folds.ts'
import { fitMeta } from '../ensembles/super-learner/meta-learner.ts'
import type { Classes } from '../inputs/labels.ts'
import { codedClone } from '../outputs/coded-learners.ts'
import type { FoldScores } from '../outputs/fold-scores.ts'
import { type MemberOutput, widthOf } from '../outputs/member-output.ts'
import type { StackTarget } from '../outputs/stack-target.ts'
import type { AnyScorer, Scorer } from '../scores/scorer.ts'
import type { RowPlan } from './plan-rows.ts'
import type { ScoreRow } from '../selection/score-table.ts'

/** What candidates have predicted. */
export interface PredictedCandidate {
  readonly output: MemberOutput
  /** Shape (n, ...rowShape). */
  readonly columns: NDArray<'float64'>
}

/** What candidates are weighed by. */
export interface WeighingData {
  readonly target: StackTarget
  readonly weights: Float64Array | undefined
  readonly groups: RowLabels | undefined
  readonly folds: LayerFolds
  /** How many rows are learned from or set aside. */
  readonly count: number
  readonly scores: FoldScores
  readonly scorer: Scorer
  readonly seed: number
  /** How many candidates are chosen, the same ones counted again. */
  readonly selected: number
  readonly signal: AbortSignal | undefined
}

/** Weights of candidates, and what they predict together. */
export interface WeighedCandidates {
  /** Takes the columns of all candidates side by side. */
  readonly meta: Estimator
  readonly weights: readonly number[]
  /** Predictions of the ensemble of rows that neither learners nor weights have seen. */
  readonly combined: NDArray<'float64'>
  readonly row: ScoreRow
}

/**
 * Chooses candidates greedily, and scores their weighted mean on each fold by weights of the other folds.
 *
 * @param Z - columns of the candidates side by side, see {@link joinCandidates}
 */
export async function weighCandidates(
  candidates: readonly PredictedCandidate[],
  Z: NDArray<'float64'>,
  data: WeighingData,
): Promise<WeighedCandidates> {
  const { target, weights, groups, folds, count, scores, scorer, seed, signal } = data
  const { labels, y } = target
  const [n] = Z.shape as [number, number]
  const learner = makeCombiner(candidates.length, labels, { ...data, scorer })
  const member = {
    name: 'weights',
    learner: learner as unknown as Estimator,
    preprocess: [],
    proba: undefined,
  }
  const metaFolds = planMetaFits(folds, { n, weights, seed, groups })
  const layer: LayerData = {
    X: Z,
    y,
    weights,
    ...(labels !== undefined && { classes: labels.length }),
    ...metaFolds,
  }
  const work = { parallel: undefined, signal, step: () => {} }
  const { meta, outOfFold, row } = await fitMeta(member, layer, work, scores).catch(
    (error: unknown) => {
      throw causeOf(error)
    },
  )
  const found = (meta as unknown as { readonly weights_: NDArray<'float64'> }).weights_
  if (count <= mostSmoothed && candidates.length > 1) await smoothWeights(found, learner, layer)
  return {
    meta,
    weights: Array.from(found.copy().toTypedArray(), Number),
    combined: outOfFold,
    row,
  }
}

/** What has failed in the combiner: users know the scorer that it calls, and no learner of this name. */
function causeOf(error: unknown): unknown {
  return isOneCopyError(error) && error.code === 'ERR_LEARNER' ? error.cause : error
}

/** How many times candidates are weighed: for all rows, without each fold for the score, and without each fold for the mean of weights. */
export function weighingFits({ rows, refit: { splits } }: Pick<RowPlan, 'rows' | 'refit'>): number {
  return 1 + splits * (countRows(rows) <= mostSmoothed ? 2 : 1)
}

/** Up to so many rows, a choice on all of them depends much on a few rows. */
const mostSmoothed = 20_000

/**
 * Replaces weights by the mean of them and of those that are found without each fold.
 *
 * @see Caruana, Munson, Niculescu-Mizil: Getting the most out of ensemble selection (2006), bagged selection
 */
async function smoothWeights(
  found: NDArray<'float64'>,
  learner: GreedySelection | BestLearner | CombinedClassifier,
  { X, y, weights, folds, splits }: LayerData,
): Promise<void> {
  const sums = found.toTypedArray()
  for (const { train } of folds.slice(0, splits)) {
    const options = { rows: train, ...(weights && { weights }) }
    const one = await clone(learner).fit(X, y, options)
    for (const [i, weight] of one.weights_.toTypedArray().entries()) sums[i]! += weight
  }
  for (let i = 0; i < sums.length; i++) sums[i]! /= splits + 1
}

/**
 * What weighs candidates, unfitted.
 *
 * @param count - how many candidates there are
 * @param labels - of the classes; undefined: numbers
 */
export function makeCombiner(
  count: number,
  labels: Classes | undefined,
  { scorer, selected }: { readonly scorer: AnyScorer; readonly selected: number },
): GreedySelection | BestLearner | CombinedClassifier {
  const combiner =
    count === 1 ? new BestLearner({ scorer }) : new GreedySelection({ size: selected, scorer })
  if (labels === undefined) return combiner
  return codedClone(new CombinedClassifier({ combiner, classes: labels.length }), labels)
}

/** Predictions of candidates side by side, in scratch memory. */
export function joinCandidates(
  candidates: readonly PredictedCandidate[],
  n: number,
): NDArray<'float64'> {
  const width = candidates.reduce((sum, { output }) => sum + widthOf(output), 0)
  const Z = shared([n, width], 'float64')
  let first = 0
  for (const { columns, output } of candidates) {
    const own = widthOf(output)
    const { data, offset, strides } = columns
    const [rowStride, columnStride = 1] = strides as [number, number?]
    for (let row = 0; row < n; row++)
      for (let k = 0; k < own; k++)
        Z.data[Z.offset + row * width + first + k] =
          data[offset + row * rowStride + k * columnStride]!
    first += own
  }
  return Z
}

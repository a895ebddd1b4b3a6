/** A second layer, which learns from predictions of the first one. */

import { array, countRows, type NDArray, type Rows, toRowNumbers } from '../../arrays/index.ts'
import { allRows, rowNumbers } from '../../arrays/internal.ts'
import type { FloatArray } from '../contract/estimator.ts'
import { nextInput, firstInput } from '../ensembles/plan/layer-input.ts'
import type { LayerFolds } from '../ensembles/folds/layer-folds.ts'
import { splitLayer } from '../ensembles/folds/split-layer.ts'
import { columnNames } from '../outputs/member-output.ts'
import { FoldScores } from '../outputs/fold-scores.ts'
import type { StackTarget } from '../outputs/stack-target.ts'
import { RowBits } from '../row-parts/row-bits.ts'
import type { Scorer } from '../scores/scorer.ts'
import { CandidateLayer, type CandidateInput } from './candidates/candidate-layer.ts'
import type { FittedCandidate } from './candidates/fitted-candidate.ts'
import {
  type CandidateResults,
  fitCandidates,
  type CandidateRun,
} from './candidates/fit-candidates.ts'
import { bagOf, type RowPlan } from './plan-rows.ts'
import type { Candidate } from './candidates/portfolio.ts'
import { type AutoModel, predictBlocks } from './predict-auto.ts'

/** What a second layer learns from. */
export interface StackInput extends CandidateInput {
  /** Predictions of the first layer, side by side. */
  readonly Z: NDArray<'float64'>
  readonly fitted: readonly FittedCandidate[]
  readonly seed: number
}

/** A fitted second layer. */
export interface StackLayer {
  readonly results: CandidateResults
  /** Numbers of the columns of `X` that it has learned from. */
  readonly propagated: readonly number[]
  readonly folds: LayerFolds
  /** Predictions, to be freed. */
  readonly made: readonly NDArray[]
}

/** Most values of the rows of `X` that are copied beside predictions: 64 MB. */
const mostValues = 1 << 23

/** How many folds the rows are split into of which the first layer has predicted a part only. */
const ownFolds = 5

/**
 * Fits candidates on the predictions of the first layer and the columns of `X`; on predictions alone where `X` is large.
 *
 * @param run - how candidates are fitted, but for `fit`
 */
export async function fitStackLayer(
  candidates: readonly Candidate[],
  input: StackInput,
  run: Omit<CandidateRun, 'fit'>,
): Promise<StackLayer> {
  const { X, Z, target, plan, fitted, seed } = input
  const d = X.shape[1]!
  const propagated = countRows(plan.rows) * d <= mostValues ? [...Array(d).keys()] : []
  const names = fitted.flatMap(({ candidate, output }) =>
    columnNames(candidate.name, output, target.labels),
  )
  const joined = nextInput(firstInput(X), propagated, Z, names, plan.rows)
  const folds = await splitAgain(joined.X, target, plan, seed)
  const layer = new CandidateLayer(candidates, {
    ...input,
    X: joined.X,
    plan: { ...plan, refit: folds, bag: bagOf(folds) },
  })
  try {
    const results = await fitCandidates(candidates, {
      ...run,
      fit: (candidate, how) => layer.fit(candidate, how),
    })
    return { results, propagated, folds, made: [layer.Z] }
  } catch (error) {
    layer.Z[Symbol.dispose]()
    throw error
  } finally {
    await layer.close()
    if (joined.matrix !== Z) joined.matrix[Symbol.dispose]()
  }
}

/** The folds of the first layer, when these have predicted all rows that are seen; otherwise folds of those with predictions. */
async function splitAgain(
  X: NDArray,
  { y, labels }: StackTarget,
  { rows, refit, heldOut }: RowPlan,
  seed: number,
): Promise<LayerFolds> {
  const seen = countRows(rows) - (heldOut === undefined ? 0 : countRows(heldOut))
  if (countRows(refit.predicted) === seen) return refit
  const given = { X, y, labels, groups: undefined, seed }
  return splitLayer(ownFolds, given, inOrderOf(rows, refit.predicted, X.shape[0]!))
}

/** Some of rows, in the order of these. */
function inOrderOf(rows: Rows, some: Rows, n: number): Rows {
  if ('ranges' in rows) return some
  const bits = new RowBits(n)
  bits.add(some)
  return rowNumbers(rows.numbers.filter((row) => bits.has(row)))
}

/** Rows that no learner has seen, and what they should be predicted as. */
export interface UnseenRows {
  readonly X: NDArray
  readonly target: StackTarget
  readonly weights: Float64Array | undefined
}

/** Copies some rows, of which there are few. */
export function takeUnseen(
  X: NDArray,
  { y, ...others }: StackTarget,
  weights: Float64Array | undefined,
  rows: Rows,
): UnseenRows {
  const numbers = toRowNumbers(rows)
  const d = X.shape[1]!
  const values = new Float64Array(numbers.length * d)
  for (const [i, row] of numbers.entries())
    for (let j = 0; j < d; j++) values[i * d + j] = Number(X.get(row, j))
  const truth = Float64Array.from(numbers, (row) => Number(y.get(row)))
  return {
    X: array(values, { shape: [numbers.length, d] }),
    target: { ...others, y: array(truth) },
    weights: weights && Float64Array.from(numbers, (row) => weights[row]!),
  }
}

/** Scores a model on rows that it has not seen. */
export async function scoreUnseen(
  model: AutoModel,
  { X, target, weights }: UnseenRows,
  scorer: Scorer,
): Promise<number> {
  const { labels } = target
  const [n] = X.shape as [number]
  const classes = labels?.length ?? 0
  const width = classes > 2 ? classes : 1
  const predicted = new Float64Array(n * width)
  await predictBlocks(model, X, async (Z, from) => {
    const found = (await (classes === 0
      ? model.meta.predict(Z)
      : model.meta.predictProba!(Z))) as FloatArray
    const own = found.toTypedArray()
    // Of two classes, that of the second one.
    if (classes === 2)
      for (let row = 0; row < Z.shape[0]!; row++) predicted[from + row] = own[2 * row + 1]!
    else predicted.set(own, from * width)
  })
  const output =
    classes === 0
      ? ({ method: 'predict', classes: 0, rowShape: [] } as const)
      : ({ method: 'predictProba', classes, rowShape: [width] } as const)
  const shape = classes === 0 ? [n] : [n, width]
  const fold = { test: allRows(n), train: rowNumbers(new Int32Array(0)) }
  const scores = new FoldScores(scorer, target, weights)
  return scores.of(array(predicted, { shape }), output, new Map([[0, fold]]))[0]!
}

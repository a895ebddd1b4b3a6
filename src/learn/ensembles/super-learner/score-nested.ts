/** Scores an ensemble on folds that none of it has seen. */

import { array, NDArray, type Rows, shared, toRowNumbers } from '../../../arrays/index.ts'
import { isOneCopyError, OneCopyError } from '../../../errors.ts'
import type { Fold } from '../../contract/fold-sharing.ts'
import type { Splitter } from '../../contract/splitter.ts'
import type { Label } from '../../inputs/labels.ts'
import { alignClasses } from '../../outputs/align-classes.ts'
import type { EnsembleTask } from '../../outputs/ensemble-task.ts'
import type { FoldScores } from '../../outputs/fold-scores.ts'
import type { MemberOutput } from '../../outputs/member-output.ts'
import type { StackTarget } from '../../outputs/stack-target.ts'
import { type ScoreRow, scoreRow } from '../../selection/score-table.ts'
import { requireWeighedFolds } from '../folds/layer-data.ts'
import { shuffledFolds } from '../folds/shuffled-folds.ts'
import { inOrderOf, type SplitInputs, splitLayer } from '../folds/split-layer.ts'
import type { FittedEnsemble } from './fitted-ensemble.ts'
import { predictCombined, predictProbabilities } from './predict-ensemble.ts'

/** Rows to split for a score of the whole ensemble. */
export interface NestedSplit extends SplitInputs {
  readonly task: EnsembleTask
  readonly weights: Float64Array | undefined
  /** Those that are learned from, in this order; undefined: all. */
  readonly rows: Rows | undefined
  /** Whether the ensemble has something that combines its learners. */
  readonly hasMeta: boolean
}

/**
 * Splits rows before anything is fitted.
 *
 * @throws what splitters throw; OneCopyError `ERR_OPTION` for an ensemble without a meta learner, `ERR_ROWS` for a fold without weight
 */
export async function splitNested(
  folds: number | Splitter,
  { task, weights, rows, hasMeta, ...given }: NestedSplit,
): Promise<readonly Fold[]> {
  if (!hasMeta)
    throw new OneCopyError(
      'ERR_OPTION',
      'Expected a meta learner for `nestedFolds`, on which the whole ensemble is scored, got none. Call addMeta() first.',
      { details: { name: 'nestedFolds' } },
    )
  const { seed, groups } = given
  const splitter = typeof folds === 'number' ? shuffledFolds(folds, seed, task, groups) : folds
  const { folds: all, splits } = await splitLayer(splitter, given, rows)
  const own = all.slice(0, splits)
  requireWeighedFolds(own, weights)
  const n = given.y.shape[0]!
  return own.map(({ train, test }) => ({ train: inOrderOf(rows, train, n), test }))
}

/** What {@link scoreNested} needs. */
export interface NestedWork {
  readonly X: NDArray
  readonly target: StackTarget
  readonly scores: FoldScores
  /** Fits the ensemble on some rows. */
  readonly fit: (rows: Rows) => Promise<FittedEnsemble>
  /** Called after each fold. */
  readonly step: () => void
}

/**
 * Fits the ensemble on the training rows of each fold, and scores its predictions of the rows that the fold holds out.
 *
 * @throws what the fit throws, with the number of the fold
 */
export async function scoreNested(
  folds: readonly Fold[],
  { X, target, scores, fit, step }: NestedWork,
): Promise<ScoreRow> {
  const { labels, rowShape } = target
  const width = labels === undefined ? rowShape : [labels.length === 2 ? 1 : labels.length]
  const out = shared([X.shape[0]!, ...width], 'float64')
  const [fitSeconds, predictSeconds, found]: [number[], number[], number[]] = [[], [], []]
  try {
    for (const [k, fold] of folds.entries()) {
      const start = performance.now()
      const fitted = await fit(fold.train).catch((error: unknown) => {
        throw explainFold(error, k)
      })
      const between = performance.now()
      const output = await predictFold(fitted, { X, target, test: fold.test, out })
      fitSeconds.push((between - start) / 1000)
      predictSeconds.push((performance.now() - between) / 1000)
      found.push(...scores.of(out, output, new Map([[k, fold]])))
      freeRows(fitted)
      step()
    }
    return scoreRow('ensemble, nested', found, fitSeconds, predictSeconds)
  } finally {
    out[Symbol.dispose]()
  }
}

/** Writes predictions of held-out rows to their places: numbers, probabilities of all classes, or labels as columns of 0 and 1. */
async function predictFold(
  fitted: FittedEnsemble,
  rows: {
    readonly X: NDArray
    readonly target: StackTarget
    readonly test: Rows
    readonly out: NDArray<'float64'>
  },
): Promise<MemberOutput> {
  const { X, target, test, out } = rows
  const { labels, rowShape } = target
  const ensemble = { features: {}, fitted }
  if (labels === undefined) {
    await predictCombined(ensemble, X, { rows: test, out })
    return { method: 'predict', classes: 0, rowShape }
  }
  const isAble = fitted.meta!.learner.predictProba !== undefined
  const output: MemberOutput = {
    method: isAble ? 'predictProba' : 'predict',
    classes: labels.length,
    rowShape: out.shape.slice(1),
  }
  const codes = new Map(Array.from<Label, [Label, number]>(labels, (label, code) => [label, code]))
  const found = isAble
    ? await predictProbabilities(ensemble, X, { rows: test })
    : codesOf(await predictCombined<Label>(ensemble, X, { rows: test }), codes)
  const numbers = toRowNumbers(test)
  const known = Array.from<Label, number>(fitted.target.labels!, (label) => codes.get(label)!)
  alignClasses(found, known, output, out, {
    count: numbers.length,
    rowAt: (i) => numbers[i]!,
  })
  return output
}

/** Codes of predicted labels among all classes. */
function codesOf(found: unknown, codes: ReadonlyMap<Label, number>): NDArray {
  const labels = found instanceof NDArray ? found.toTypedArray() : (found as readonly Label[])
  return array(
    Float64Array.from({ length: labels.length }, (_, i) => codes.get(labels[i] as Label)!),
  )
}

/** Frees what a fit holds in shared memory for each row. */
function freeRows({ stages, combined }: FittedEnsemble): void {
  for (const { training } of stages) training?.outOfFold[Symbol.dispose]()
  combined?.[Symbol.dispose]()
}

function explainFold(error: unknown, fold: number): unknown {
  if (!isOneCopyError(error)) return error
  return new OneCopyError(error.code, `Nested fold ${fold}: ${error.message}`, {
    cause: error,
    details: { ...error.details, nestedFold: fold },
  })
}

/** What the command knows of a fitted ensemble, whatever its class. */

import { array, NDArray } from '../../arrays/index.ts'
import type { Fold, LearnerWeight, ScoreRow, SkippedRow } from '../../learn/index.ts'
import type { FittedModel, MemberOutput, StackTarget } from '../../learn/internal.ts'
import type { Input } from '../input/input.ts'

/** Predictions of one learner or of the ensemble. */
export interface Predictions {
  readonly name: string
  /** Shape (n, ...output.rowShape). */
  readonly columns: NDArray
  readonly output: MemberOutput
}

/** Predictions of rows that the models had not seen. */
export interface OutOfFold extends Predictions {
  readonly row: ScoreRow
  /** The rows that have predictions, and the folds that they are in. */
  readonly rows: Fold['test']
  readonly folds: readonly Pick<Fold, 'test'>[]
}

/** A learner of an ensemble. */
export interface FittedLearner extends OutOfFold {
  /** Number of its layer, from 0. */
  readonly layer: number
  /** What the ensemble multiplies its predictions by; null where there is no such number. */
  readonly weight: LearnerWeight | null
  /** Names of the steps before it. */
  readonly steps: readonly string[]
}

/** A fitted ensemble. */
export interface FittedEnsemble {
  readonly scorer: string
  readonly greaterIsBetter: boolean
  /** Name of the one with the best score. */
  readonly best: string
  readonly learners: readonly FittedLearner[]
  /** The ensemble itself, and what combines the learners; undefined: nothing does. */
  readonly combined: (OutOfFold & { readonly combiner: string }) | undefined
  readonly skipped: readonly SkippedRow[]
  /** The target as the learners see it. */
  readonly target: StackTarget
  readonly outOfFold: NDArray<'float64'>
  readonly outOfFoldColumns: readonly string[]
  readonly model: FittedModel
  /** Predicts new rows by each learner that can be asked alone, and by the ensemble. */
  readonly predictAll: (X: Input['X']) => Promise<readonly Predictions[]>
}

/**
 * The target as ensembles see it: numbers, or the code of each row's class.
 *
 * @param classes - labels of the fitted ensemble; rows of others have the code 0, and no weight
 */
export function stackTarget(
  { y, task }: Pick<Input, 'y' | 'task'>,
  classes: StackTarget['labels'],
): StackTarget {
  if (task === 'regression' || classes === undefined)
    return { y: y as NDArray, labels: undefined, rowShape: [] }
  const places = new Map<unknown, number>(
    Array.from<unknown, [unknown, number]>(classes, (label, code) => [label, code]),
  )
  const codes = Float64Array.from(rowLabels(y), (label) => places.get(label) ?? 0)
  return { y: array(codes), labels: classes, rowShape: [] }
}

/** The label of each row. */
export function rowLabels(y: Input['y']): readonly (string | number)[] {
  return y instanceof NDArray ? Array.from(y.copy().toTypedArray(), Number) : y
}

/** What estimators are validated on: rows, target, folds. */

import type { NDArray } from '../../arrays/index.ts'
import { requireMatrix } from '../../arrays/internal.ts'
import { show } from '../../errors.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { type RowLabels, splitterFor } from '../contract/splitter.ts'
import type { EnsembleMember } from '../ensembles/members/ensemble-member.ts'
import type { LayerFolds } from '../ensembles/folds/layer-folds.ts'
import { type LayerData, requireWeighedFolds } from '../ensembles/folds/layer-data.ts'
import { shuffledFolds } from '../ensembles/folds/shuffled-folds.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import type { LabelInput } from '../inputs/labels.ts'
import { isTexts } from '../inputs/targets.ts'
import { requireWeights } from '../inputs/weights.ts'
import { type EnsembleTask, settleTask, taskOfTarget } from '../outputs/ensemble-task.ts'
import { encodeTarget, readNumbers, type StackTarget } from '../outputs/stack-target.ts'
import { requireFolds } from '../splits/require-folds.ts'
import type { SettledValidation } from './validation-options.ts'

/** Rows that estimators are validated on, before they are split. */
export interface ValidationRows {
  readonly X: NDArray
  /** The target as it was given; read by splitters. */
  readonly y: LabelInput | undefined
  readonly weights: ArrayInput | undefined
  readonly groups: RowLabels | undefined
}

/** Checked rows and folds. */
export interface ValidationData {
  readonly task: EnsembleTask
  readonly target: StackTarget
  readonly data: LayerData
}

/**
 * Reads the target, splits the rows, and plans the fits.
 *
 * @param plan - makes fits of the folds
 * @throws TypeError for texts that the estimators can't learn; OneCopyError `ERR_ROWS`, `ERR_FOLDS`, `ERR_SHAPE`, `ERR_VALUE`
 */
export async function readValidation(
  members: readonly EnsembleMember[],
  rows: ValidationRows,
  { folds, seed, task: wanted }: Pick<SettledValidation, 'folds' | 'seed' | 'task'>,
  plan: (splits: readonly Fold[], n: number) => LayerFolds,
): Promise<ValidationData> {
  const { X, y, groups } = rows
  const [n] = requireMatrix(X, '`X`')
  const weights = rows.weights === undefined ? undefined : requireWeights(rows.weights, n)
  const learners = members.map(({ learner }) => learner)
  const isOpen = wanted === 'auto' && learners.every((one) => one.learnsByTarget === true)
  const { task, cause } = settleTask(isOpen ? taskOfTarget(y) : wanted, [], learners)
  if (task === 'regression' && isTexts(y)) throw refuseTexts(y, members)
  const target = task === 'regression' ? readNumbers(y, n, cause) : encodeTarget(y, n, weights)
  const splitter = typeof folds === 'number' ? shuffledFolds(folds, seed, task, groups) : folds
  const split = await splitterFor(splitter, X, y)
  // Codes have the same folds as their labels, and are there for rows of any labels.
  const labels = typeof folds === 'number' ? target.y : y
  const planned = plan(requireFolds(split, n, { y: labels, groups }), n)
  requireWeighedFolds(planned.folds, weights)
  const classes = target.labels?.length
  const data = { X, y: target.y, weights, ...(classes !== undefined && { classes }), ...planned }
  return { task, target, data }
}

function refuseTexts(y: readonly string[], [member]: readonly EnsembleMember[]): TypeError {
  return new TypeError(
    `Expected \`y\` to hold numbers, which ${member!.learner.constructor.name} learns, got ${show(y[0])} in row 0. ` +
      'For classes, pass a classifier, such as new LogisticRegression().',
  )
}

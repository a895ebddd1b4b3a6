/** Whether an ensemble learns numbers or classes. */

import { isClassifier } from '../contract/classifier.ts'
import { isCombiner } from '../contract/combiner.ts'
import type { Estimator } from '../contract/estimator.ts'
import type { LabelInput } from '../inputs/labels.ts'

/** What an ensemble learns: numbers, or labels of classes. */
export type EnsembleTask = 'regression' | 'classification'

/** What an ensemble learns, and why. */
export interface SettledTask {
  readonly task: EnsembleTask
  /** Sentences for texts among numbers: why numbers are learned, and what to do for classes. */
  readonly cause: string
}

/**
 * Finds out what an ensemble learns. By default its meta learners say so; without one, or with a combiner of both, it is a
 * classification when all learners are classifiers.
 *
 * @param metas - meta learners, of which the best one is kept
 * @throws TypeError for a meta learner that can't learn it
 */
export function settleTask(
  task: EnsembleTask | 'auto',
  metas: readonly Estimator[],
  learners: readonly Estimator[],
): SettledTask {
  const { ofNumbers, first } = learnersOfNumbers(metas, learners)
  if (taskOf(task, metas, learners) === 'classification') {
    if (ofNumbers === undefined) return { task: 'classification', cause: '' }
    throw new TypeError(
      `Expected a meta learner that tells classes apart, got ${nameOf(ofNumbers)}, which predicts numbers. ` +
        'Pass a classifier to addMeta(), such as new LogisticRegression().',
    )
  }
  const why =
    task === 'regression'
      ? "`task` is 'regression'. For classes, leave out `task`"
      : ofNumbers === undefined
        ? `its learner ${nameOf(first!)} predicts numbers. For classes, add classifiers, such as new LogisticRegression()`
        : `its meta learner ${nameOf(ofNumbers)} predicts numbers. For classes, pass a classifier to addMeta(), such as new LogisticRegression()`
  return { task: 'regression', cause: `SuperLearner stacks regressions here: ${why}.` }
}

/** What an ensemble learns, as {@link settleTask} finds out; meta learners are not checked. */
export function taskOf(
  task: EnsembleTask | 'auto',
  metas: readonly Estimator[],
  learners: readonly Estimator[],
): EnsembleTask {
  if (task !== 'auto') return task
  return learnersOfNumbers(metas, learners).first === undefined ? 'classification' : 'regression'
}

/** The kind of a target: texts, and true and false, are classes. */
export function taskOfTarget(y: LabelInput | undefined): EnsembleTask {
  const first: unknown = Array.isArray(y) ? y[0] : undefined
  if (typeof first === 'string' || typeof first === 'boolean') return 'classification'
  const { dtype } = (y ?? {}) as { readonly dtype?: string }
  return dtype === 'bool' ? 'classification' : 'regression'
}

/** The first meta learner that predicts numbers, and the first learner that decides for them. */
function learnersOfNumbers(
  metas: readonly Estimator[],
  learners: readonly Estimator[],
): { readonly ofNumbers: Estimator | undefined; readonly first: Estimator | undefined } {
  // Combiners learn both.
  const decisive = metas.filter((meta) => !isCombiner(meta))
  const ofNumbers = decisive.find((meta) => !isClassifier(meta))
  const learner = learners.find((one) => !isClassifier(one))
  return { ofNumbers, first: decisive.length === 0 ? learner : ofNumbers }
}

function nameOf(estimator: Estimator): string {
  return estimator.constructor.name
}

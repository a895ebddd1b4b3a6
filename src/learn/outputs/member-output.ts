/** What the predictions of a learner are, and which columns they fill. */

import type { NDArray } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import { hasPrediction, isClassifier } from '../contract/classifier.ts'
import type { Estimator } from '../contract/estimator.ts'
import type { Classes, Label } from '../inputs/labels.ts'
import { partsOf } from '../pipelines/pipeline-parts.ts'
import type { PredictMethod } from '../pipelines/predict-mapped.ts'

/** What a learner of an ensemble predicts. */
export interface MemberOutput {
  /** What its models are asked for. */
  readonly method: PredictMethod
  /** How many classes its columns are about; 0: they are numbers, taken as they come. */
  readonly classes: number
  /**
   * Shape of its columns for one row: [] for one number, [m] for m targets; [classes], or [1] for two classes, where the column is
   * that of the second one.
   */
  readonly rowShape: readonly number[]
}

/** A learner as it was added. */
export interface AddedLearner {
  readonly name: string
  readonly learner: Estimator
  /** Whether probabilities are stacked, or labels; undefined: probabilities where there are any. */
  readonly proba?: boolean | undefined
}

/**
 * Chooses what is stacked of a learner: its probabilities, its decision values where it has none, or its labels; numbers of
 * a regression.
 *
 * @param target - what it learns from, and how many classes there are; 0: `y` holds numbers
 * @throws TypeError for a learner that can't predict this; OneCopyError `ERR_OPTION` for decision values of pairs
 */
export function chooseOutput(
  { name, learner, proba }: AddedLearner,
  { y, classes }: { readonly y: NDArray; readonly classes: number },
): MemberOutput {
  if (classes === 0) return { method: 'predict', classes: 0, rowShape: y.shape.slice(1) }
  const rowShape = [classes === 2 ? 1 : classes]
  const has = (method: PredictMethod): boolean => hasPrediction(learner, method)
  if (proba !== false && has('predictProba')) return { method: 'predictProba', classes, rowShape }
  if (proba === true)
    throw new TypeError(
      `Expected learner \`${name}\` to predict probabilities, got one without predictProba(). ` +
        'Leave out `proba`: then its decision values or its labels are stacked.',
    )
  if (proba !== false && has('decisionFunction')) {
    requireClassColumns(name, learner, classes)
    return { method: 'decisionFunction', classes, rowShape }
  }
  if (isClassifier(learner) || (proba === false && classes > 2))
    return { method: 'predict', classes, rowShape }
  if (classes === 2) return { method: 'predict', classes: 0, rowShape: [] }
  throw new TypeError(
    `Expected learner \`${name}\` to tell ${classes} classes apart, got ${learner.constructor.name}, which predicts numbers. ` +
      'Numbers are stacked with classifiers only for two classes, as 0 and 1. Add a classifier, such as new LogisticRegression().',
  )
}

/** How many columns an output fills. */
export function widthOf({ rowShape }: MemberOutput): number {
  return rowShape[0] ?? 1
}

/** The columns of an output, from `first` on: a view of shape (n, ...rowShape). */
export function outputColumns(
  Z: NDArray<'float64'>,
  first: number,
  output: MemberOutput,
): NDArray<'float64'> {
  if (output.rowShape.length === 0) return Z.column(first)
  return Z.slice(null, [first, first + widthOf(output)])
}

/**
 * Names of a learner's columns.
 *
 * @param labels - of the classes; undefined for a regression
 */
export function columnNames(
  name: string,
  { classes, rowShape }: MemberOutput,
  labels: Classes | undefined,
): string[] {
  const [width] = rowShape
  if (width === undefined) return [name]
  if (classes === 0) return Array.from({ length: width }, (_, target) => `${name}:${target}`)
  const shown = Array.from(labels!, (label: Label) => `${name}:${label}`)
  return width === 1 ? shown.slice(1) : shown
}

/** Refuses decision values of pairs of classes: those of three classes would pass for columns of classes. */
function requireClassColumns(name: string, learner: Estimator, classes: number): void {
  const { decisionFunctionShape } = partsOf(learner).learner as {
    readonly decisionFunctionShape?: unknown
  }
  if (decisionFunctionShape !== 'ovo' || classes === 2) return
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`decisionFunctionShape\` of learner \`${name}\` to be 'ovr', got 'ovo'. A column for each class is stacked, not for each pair.`,
    { details: { name: 'decisionFunctionShape', value: 'ovo' } },
  )
}

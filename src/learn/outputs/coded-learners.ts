/** Learners that are fitted on codes of classes in place of labels. */

import { OneCopyError } from '../../errors.ts'
import { type Configurable, mapConfigurables, type Params } from '../contract/estimator.ts'
import { TargetEncoder } from '../encoders/target-encoder.ts'
import { classFactors } from '../inputs/class-weights.ts'
import type { Classes, Label } from '../inputs/labels.ts'
import {
  RadiusNeighborsClassifier,
  refuseOutlier,
} from '../neighbors/radius-neighbors-classifier.ts'
import { codedScorer, isOwnScorer } from '../scores/coded-scorer.ts'

/**
 * A clone of a learner, or of a step, that learns the same from codes of classes as from their labels: options that name labels name their
 * codes, and scorers of your own get labels, also within pipelines.
 *
 * @param classes - the labels; their positions are the codes
 * @throws OneCopyError `ERR_OPTION` for an option with a label that is none, `ERR_VALUE` for a step that takes means of numbers
 */
export function codedClone<E extends Configurable>(estimator: E, classes: Classes): E {
  if (estimator instanceof TargetEncoder && classes.length > 2) throw refuseMeans(classes)
  const coded = (one: Configurable): Configurable => codedClone(one, classes)
  const params = mapConfigurables(estimator.getParams(), coded) as Params
  if (estimator.learnsByTarget === true) params['task'] = 'classification'
  const { classWeight, scorer } = params
  if (isOwnScorer(scorer)) params['scorer'] = codedScorer(scorer, classes)
  const Class = estimator.constructor as new (params: Params) => E
  if (estimator instanceof RadiusNeighborsClassifier)
    params['outlierLabel'] = codedOutlier(estimator, classes)
  if (!isRecord(classWeight)) return new Class(params)
  const ones = new Float64Array(classes.length).fill(1)
  const factors = classFactors(
    estimator as unknown as { readonly classWeight: unknown },
    classes,
    ones,
  )
  return new Class({ ...params, classWeight: Object.fromEntries(factors.entries()) })
}

/** The code of the class that rows without neighbours get. */
function codedOutlier(estimator: RadiusNeighborsClassifier, classes: Classes): Label | null {
  const { outlierLabel } = estimator
  const code = [...classes].findIndex((label) => label === outlierLabel)
  if (code !== -1) return code
  if (outlierLabel === null || outlierLabel === 'mostFrequent') return outlierLabel
  throw refuseOutlier(estimator)
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refuseMeans({ length }: Classes): OneCopyError {
  return new OneCopyError(
    'ERR_VALUE',
    `Expected two classes for a TargetEncoder, which takes means of 0 and 1, got ${length}. Encode texts by a OneHotEncoder.`,
    { details: { classes: length } },
  )
}

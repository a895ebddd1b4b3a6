/** Which predictions of a model a scorer takes. */

import { OneCopyError } from '../../errors.ts'
import { hasPrediction } from '../contract/classifier.ts'
import type { AnyScorer } from './scorer.ts'

/** A method that predicts rows. */
export type PredictMethod = 'predict' | 'predictProba' | 'decisionFunction'

/**
 * The method of a model that predicts what a scorer needs.
 *
 * @param model - with the methods that it has once it is fitted
 * @throws OneCopyError `ERR_OPTION` when the model has no such method
 */
export function methodForScorer(
  model: { readonly [Method in PredictMethod]?: unknown },
  { name, needs = 'predictions' }: Pick<AnyScorer, 'name' | 'needs'>,
): PredictMethod {
  if (needs === 'predictions') return 'predict'
  if (needs === 'decision' && hasPrediction(model, 'decisionFunction')) return 'decisionFunction'
  if (hasPrediction(model, 'predictProba')) return 'predictProba'
  const methods = needs === 'decision' ? 'decisionFunction() or predictProba()' : 'predictProba()'
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected a model with ${methods} for the scorer '${name}', got ${model.constructor.name}.`,
    { details: { scorer: name, needs } },
  )
}

/** The fitted steps of a pipeline, and the maps of its rows. */

import { OneCopyError } from '../../errors.ts'
import {
  clone,
  type Estimator,
  isEstimator,
  isTransformer,
  type LearnedState,
  restore,
  type Transformer,
} from '../contract/estimator.ts'
import { composeRowMaps, isRowMapper, type RowMap, trainingMapOf } from '../contract/row-map.ts'
import { wrapTransformer } from './fit-steps.ts'
import type { NamedStep } from './named-steps.ts'

/**
 * Clones of steps with learned values.
 *
 * @param steps - not changed
 * @param states - learned values of each step, by its name
 * @throws OneCopyError `ERR_FORMAT` for values that the step can't have learned
 */
export function restoreSteps(
  steps: readonly NamedStep[],
  states: Readonly<Record<string, LearnedState>>,
): NamedStep[] {
  return steps.map(([name, step]) => [name, restore(clone(step), states[name]!)] as const)
}

/** Finds a step by its name. */
export function findStep(steps: readonly NamedStep[], name: string): Estimator | Transformer {
  const found = steps.find(([own]) => own === name)
  if (found !== undefined) return found[1]
  const names = steps.map(([own]) => own)
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected the name of a step of Pipeline, got '${name}'. It has: ${names.join(', ')}.`,
    { details: { name, names } },
  )
}

/** The learner at the end, to call `method` of. */
export function requireLearner(steps: readonly NamedStep[], method: string): Estimator {
  const [name, last] = steps.at(-1)!
  if (isEstimator(last)) return last
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected a Pipeline whose last step is a learner, to call ${method}() of, got the transformer \`${name}\`. Call transform().`,
  )
}

/**
 * How each step maps rows.
 *
 * @param steps - fitted transformers
 * @param widths - number of columns before the first step and after each
 */
export function mapsOf(steps: readonly NamedStep[], widths: Int32Array): RowMap[] {
  return steps.map(([name, step], i) =>
    isRowMapper(step)
      ? step.rowMap()
      : wrapTransformer(name, step as Transformer, widths[i]!, widths[i + 1]!),
  )
}

/** The maps of all steps as one; the last step must be a transformer. */
export function joinedMap(steps: readonly NamedStep[], widths: Int32Array): RowMap {
  const [name, last] = steps.at(-1)!
  if (isTransformer(last)) return composeRowMaps(mapsOf(steps, widths))
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected a Pipeline whose last step is a transformer, to transform rows by, got the learner \`${name}\`. Call predict().`,
  )
}

/** The maps of all steps as one, for the rows that they were fitted on. */
export function joinedTrainingMap(steps: readonly NamedStep[], widths: Int32Array): RowMap {
  const maps = mapsOf(steps, widths)
  return composeRowMaps(
    steps.map(([, step], i) => (isRowMapper(step) ? trainingMapOf(step) : maps[i]!)),
  )
}

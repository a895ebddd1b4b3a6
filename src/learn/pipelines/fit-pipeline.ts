/** Fits the steps of a pipeline, one after the other. */

import { NDArray } from '../../arrays/index.ts'
import {
  type Estimator,
  type FitOptions,
  isEstimator,
  type Transformer,
} from '../contract/estimator.ts'
import { isMomentsEstimator } from '../contract/moments-estimator.ts'
import { toArray } from '../inputs/as-array.ts'
import type { Features } from '../inputs/feature-input.ts'
import type { LabelInput } from '../inputs/labels.ts'
import { numbersOf, readTarget, type Target } from '../inputs/targets.ts'
import { startFit } from '../preprocessing/fit-rows.ts'
import { StepFitter } from './fit-steps.ts'
import type { NamedStep } from './named-steps.ts'

/** The arguments of a pipeline's `fit`. */
export interface PipelineInput {
  readonly X: Features
  readonly y: LabelInput | undefined
  readonly options: FitOptions
}

/** What a fit tells beside the learned values of the steps. */
export interface PipelineFit {
  /** Number of columns before the first step and after each transformer. */
  readonly widths: Int32Array
  /** Bytes of the largest copy of mapped training rows. */
  readonly copiedBytes: number
}

/**
 * Fits steps, and the learner at the end if there is one.
 *
 * @param pipeline - forgets an earlier fit
 * @param steps - are fitted themselves
 * @param learn - fits the learner; by default on the rows of the fitter
 * @throws what `startFit` and the steps throw
 */
export async function fitPipeline(
  pipeline: { readonly usesTarget: boolean },
  steps: readonly NamedStep[],
  { X, y, options }: PipelineInput,
  learn = learnAtEnd,
): Promise<PipelineFit> {
  const [, last] = steps.at(-1)!
  const learner = isEstimator(last) ? last : undefined
  // A learner from moments takes true and false as 1 and 0, and refuses texts.
  const needsNumbers = learner !== undefined && isMomentsEstimator(learner)
  const read = (): NDArray | ReturnType<typeof readTarget> =>
    needsNumbers ? toArray(y, '`y`') : readTarget(y)
  const target = y === undefined && learner === undefined ? undefined : read()
  const numbers = target instanceof NDArray && pipeline.usesTarget ? target : undefined
  const input = startFit(pipeline, X, options, numbers)
  if (target !== undefined) numbersOf(target, input.X.shape[0])
  const fitter = new StepFitter('Pipeline', input, options)
  const widths = [input.columns]
  try {
    for (const [name, step] of learner === undefined ? steps : steps.slice(0, -1))
      widths.push((await fitter.add(name, step as Transformer, target, learner)).width)
    if (learner !== undefined) await learn(fitter, learner, target!)
  } finally {
    fitter.close()
  }
  return { widths: Int32Array.from(widths), copiedBytes: fitter.copiedBytes }
}

function learnAtEnd(fitter: StepFitter, learner: Estimator, target: Target): Promise<void> {
  return fitter.learn(learner, target)
}

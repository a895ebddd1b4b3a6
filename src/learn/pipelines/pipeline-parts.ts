/** Takes pipelines apart for ensembles, and puts fitted ones together. */

import {
  clone,
  type Estimator,
  isEstimator,
  isTransformer,
  learnedState,
  type Transformer,
} from '../contract/estimator.ts'
import { nameSteps } from './named-steps.ts'
import { Pipeline } from './pipeline.ts'
import type { LearnerColumns } from './predict-mapped.ts'

/** Transformers and the learner behind them. */
export interface PipelineParts {
  readonly steps: readonly Transformer[]
  readonly learner: Estimator
}

/** Fitted parts of a pipeline. */
export interface FittedParts extends PipelineParts {
  /** Number of columns before each step, and before the learner. */
  readonly widths: ArrayLike<number>
  readonly takes: LearnerColumns
  readonly copiedBytes: number
}

/**
 * The transformers of a pipeline and its learner, those of a pipeline at the end included; none and the learner itself for any other
 * learner, and for a pipeline that a subclass may have changed or that has no such steps.
 */
export function partsOf(learner: Estimator): PipelineParts {
  const steps = stepsOf(learner)
  if (steps === undefined) return { steps: [], learner }
  const inner = partsOf(steps.at(-1) as Estimator)
  return {
    steps: [...(steps.slice(0, -1) as Transformer[]), ...inner.steps],
    learner: inner.learner,
  }
}

/** The fitted parts of a pipeline whose last step is a learner. */
export function splitFitted(pipeline: Pipeline): FittedParts {
  const fitted = nameSteps(pipeline.steps).map(([name]) => pipeline.step(name))
  return {
    steps: fitted.slice(0, -1) as Transformer[],
    learner: fitted.at(-1) as Estimator,
    widths: pipeline.widths_,
    takes: pipeline.learnerColumns_,
    copiedBytes: pipeline.copiedBytes_,
  }
}

/**
 * A fitted pipeline like `learner`; the fitted learner itself where that is no pipeline.
 *
 * @param learner - what {@link partsOf} has taken apart; not changed
 * @param parts - fitted clones of its parts, in the same order
 */
export function joinFitted(learner: Estimator, parts: FittedParts): Estimator {
  const steps = stepsOf(learner)
  if (steps === undefined) return parts.learner
  const count = steps.length - 1
  const last = joinFitted(steps.at(-1) as Estimator, {
    ...parts,
    steps: parts.steps.slice(count),
    widths: Array.from(parts.widths).slice(count),
  })
  const fitted = [...parts.steps.slice(0, count), last]
  const pipeline = clone(learner as Pipeline)
  const names = nameSteps(pipeline.steps).map(([name]) => name)
  pipeline.steps_ = Object.fromEntries(
    fitted.map((step, i) => [names[i]!, learnedState(step)] as const),
  )
  pipeline.widths_ = Int32Array.from(Array.from(parts.widths).slice(0, count + 1))
  pipeline.copiedBytes_ = parts.copiedBytes
  pipeline.learnerColumns_ = parts.takes
  return pipeline
}

function stepsOf(learner: Estimator): unknown[] | undefined {
  if (Object.getPrototypeOf(learner) !== Pipeline.prototype) return undefined
  const { steps } = learner as Estimator & Pipeline
  if (typeof steps !== 'object' || steps === null) return undefined
  const list = nameSteps(steps).map(([, step]) => step)
  const isSound =
    list.length > 0 && isEstimator(list.at(-1)) && list.slice(0, -1).every(isTransformer)
  return isSound ? list : undefined
}

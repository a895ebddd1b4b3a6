/** The fitted steps of a pipeline. */

import type { Estimator, Pipeline, Transformer } from '../../learn/index.ts'
import { nameSteps } from '../../learn/internal.ts'

/** Names and fitted steps, in order. */
export function fittedStepsOf(pipeline: Pipeline): [name: string, step: Estimator | Transformer][] {
  return nameSteps(pipeline.steps).map(([name]) => [name, pipeline.step(name)])
}

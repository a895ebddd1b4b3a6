/** Every class of the package that can be fitted. */

import type { NDArray } from '../../../src/arrays/index.ts'
import * as learn from '../../../src/learn/index.ts'

/** A learner or a transformer. */
export interface Model extends learn.Configurable {
  fit(X: NDArray, y: NDArray): Promise<this>
  predict?(X: NDArray): Promise<NDArray>
  predictProba?(X: NDArray): Promise<NDArray>
  transform?(X: NDArray): Promise<NDArray>
}

/** What learns from scores of a classifier, not from features. */
export const calibrations: readonly string[] = [
  'IsotonicCalibration',
  'SigmoidCalibration',
  'TemperatureScaling',
]

/** What learns nothing without learners that are added to it. */
export const ensembles: readonly string[] = [
  'BlendEnsemble',
  'SequentialEnsemble',
  'Subsemble',
  'SuperLearner',
  'TemporalEnsemble',
]

/** What chooses learners by itself, too slowly with its defaults: `test/learn/auto` tests it, with checkEstimator, too. */
export const choosing: readonly string[] = ['AutoEnsemble']

/** All others, by name. */
export const classes = Object.entries(learn).filter(
  ([name, value]) =>
    name !== 'BaseEstimator' &&
    !calibrations.includes(name) &&
    !ensembles.includes(name) &&
    !choosing.includes(name) &&
    typeof value === 'function' &&
    typeof (value.prototype as Partial<Model> | undefined)?.fit === 'function' &&
    'getParams' in value.prototype,
) as unknown as [name: string, Class: new (options?: object) => Model][]

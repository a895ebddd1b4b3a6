/** Unfitted estimators in a form that can be sent to workers. */

import {
  describeFunction,
  reviveFunction,
  type FunctionReference,
} from '../../parallel/internal.ts'
import type { Configurable, Params } from './estimator.ts'

/** A class and the options of an instance of it. */
export interface EstimatorSpec {
  readonly made: FunctionReference | (new (params: Params) => Configurable)
  readonly params: Params
}

/**
 * Describes an estimator so that another one like it can be made.
 *
 * @param travels - whether it is sent to a worker, which needs a class exported by a module
 * @throws OneCopyError `ERR_FUNCTION` when it is sent and no module exports its class
 */
export function describeEstimator(estimator: Configurable, travels: boolean): EstimatorSpec {
  const Class = estimator.constructor as new (params: Params) => Configurable
  return { made: travels ? describeFunction(Class) : Class, params: estimator.getParams() }
}

/** Makes a new, unfitted estimator, here or in a worker. */
export async function makeEstimator<E extends Configurable>(spec: EstimatorSpec): Promise<E> {
  const Class =
    typeof spec.made === 'function'
      ? spec.made
      : ((await reviveFunction(spec.made)) as unknown as new (params: Params) => Configurable)
  return new Class(spec.params) as E
}

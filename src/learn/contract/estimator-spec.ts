/** Unfitted estimators in a form that can be sent to workers. */

import {
  describeFunction,
  isParallel,
  reviveFunction,
  type FunctionReference,
} from '../../parallel/internal.ts'
import { mapConfigurables, type Configurable, type Params } from './estimator.ts'

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
  const params = mapConfigurables(estimator.getParams(), (nested) => ({
    [nestedSpec]: describeEstimator(nested, travels),
  })) as Params
  if (!travels) return { made: Class, params }
  return { made: describeFunction(Class), params: withoutPools(params) }
}

/** Options without workers: what is sent to a worker runs on that worker's share of the cores. */
function withoutPools(params: Params): Params {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => !isParallel(value)))
}

/** Marks the specification of an estimator that is an option of another one, such as a step of a pipeline. */
const nestedSpec = 'onecopy.estimator'

/** Makes a new, unfitted estimator, here or in a worker. */
export async function makeEstimator<E extends Configurable>(spec: EstimatorSpec): Promise<E> {
  const Class =
    typeof spec.made === 'function'
      ? spec.made
      : ((await reviveFunction(spec.made)) as unknown as new (params: Params) => Configurable)
  return new Class((await makeNested(spec.params)) as Params) as E
}

/** Makes the estimators among options. */
async function makeNested(option: unknown): Promise<unknown> {
  if (Array.isArray(option)) return Promise.all(option.map(makeNested))
  if (typeof option !== 'object' || option === null) return option
  const prototype: unknown = Object.getPrototypeOf(option)
  if (prototype !== Object.prototype && prototype !== null) return option
  if (nestedSpec in option) return makeEstimator(option[nestedSpec] as EstimatorSpec)
  const names = Object.keys(option)
  const values = await Promise.all(
    names.map((name) => makeNested((option as Record<string, unknown>)[name])),
  )
  return Object.fromEntries(names.map((name, i) => [name, values[i]]))
}

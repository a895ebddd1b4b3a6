/** Options of neural networks. */

import type { RowSelection } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { NetworkActivation, NetworkShape, NetworkTraining } from '../../native/index.ts'
import type { OptionNames } from '../../options.ts'
import {
  requireBoolean,
  requireNumber,
  requireOneOf,
  requirePositive,
} from '../contract/base-estimator.ts'
import { foreignActivations } from './network-names.ts'

/** Options of every network. */
export interface NetworkOptions {
  /** Units of each hidden layer; default: `[100]`. An empty list makes a linear model. */
  readonly hiddenLayerSizes?: readonly number[]
  /** What a hidden unit makes of its sum: `'relu'` (default), `'tanh'`, `'logistic'`, or `'identity'`, nothing. */
  readonly activation?: NetworkActivation
  /** Penalty on half the sum of squared coefficients, relative to the sum of weights in a batch, >= 0; default: 0.0001. */
  readonly alpha?: number
  /** Rows of a batch, after which coefficients change; `'auto'` (default): 200, or all of fewer. */
  readonly batchSize?: number | 'auto'
  /** Size of a step of Adam, above 0; default: 0.001. */
  readonly learningRate?: number
  /** Most epochs, which are passes over the rows; default: 200. */
  readonly maxIter?: number
  /** Whether each epoch takes the rows in another order; default: true. */
  readonly shuffle?: boolean
  /** Share of the mean gradient that a step of Adam keeps, >= 0 and below 1; default: 0.9. */
  readonly beta1?: number
  /** Share of the mean squared gradient that it keeps, >= 0 and below 1; default: 0.999. */
  readonly beta2?: number
  /** Added to the root of the mean squared gradient, above 0; default: 1e-8. */
  readonly epsilon?: number
  /** Whether to keep the coefficients of the epoch with the lowest loss on rows set aside, and stop soon after it; default: false. */
  readonly earlyStopping?: boolean
  /** Share of the rows that are set aside for `earlyStopping`; default: 0.1. */
  readonly validationFraction?: number
  /**
   * Rows that are set aside for `earlyStopping` in place of a share: row numbers of `X`, a mask, or ranges, which must be among
   * the rows that `fit` is given. `'heldOut'`: the rows of `X` that `fit` is not given, such as those that a fold holds out, and a
   * share where there are none. Default: null, a share.
   */
  readonly validationRows?: RowSelection | 'heldOut' | null
  /** Stop after more than so many epochs in a row without a better loss; default: 10. */
  readonly iterNoChange?: number
  /** How much lower a better loss is; default: 0.0001. */
  readonly tol?: number
  /** Seed of all draws, a whole number in [0, 2^32); default: 0. */
  readonly seed?: number
}

/** A network with all its options. */
export type WithNetworkOptions = Required<NetworkOptions> & object

/** Names of these options. */
export const networkNames: OptionNames<NetworkOptions> = {
  hiddenLayerSizes: true,
  activation: true,
  alpha: true,
  batchSize: true,
  learningRate: true,
  maxIter: true,
  shuffle: true,
  beta1: true,
  beta2: true,
  epsilon: true,
  earlyStopping: true,
  validationFraction: true,
  validationRows: true,
  iterNoChange: true,
  tol: true,
  seed: true,
}

/** Most units of a layer. */
const mostUnits = 2 ** 24

/** Rows of a batch for `'auto'`. */
const usualBatch = 200

/** Checks the options. */
export function requireNetworkOptions(model: WithNetworkOptions): {
  shape: NetworkShape
  training: NetworkTraining
} {
  requireBoolean(model, 'earlyStopping')
  requireShare(model, 'validationFraction')
  const activations = ['relu', 'tanh', 'logistic', 'identity'] as const
  return {
    shape: {
      activation: requireOneOf(model, 'activation', activations, foreignActivations),
      hidden: requireSizes(model),
    },
    training: {
      batchRows:
        model.batchSize === 'auto'
          ? usualBatch
          : requireNumber(model, 'batchSize', { min: 1, max: 2 ** 31, integer: true }),
      epochs: requireNumber(model, 'maxIter', { min: 1, max: 2 ** 31, integer: true }),
      patience: requireNumber(model, 'iterNoChange', { min: 1, max: 2 ** 31, integer: true }),
      tol: requireNumber(model, 'tol', { min: 0 }),
      rate: requirePositive(model, 'learningRate'),
      beta1: requireBelowOne(model, 'beta1'),
      beta2: requireBelowOne(model, 'beta2'),
      epsilon: requirePositive(model, 'epsilon'),
      alpha: requireNumber(model, 'alpha', { min: 0 }),
      shuffles: requireBoolean(model, 'shuffle'),
      seed: requireNumber(model, 'seed', { min: 0, max: 2 ** 32 - 1, integer: true }),
    },
  }
}

function requireSizes(model: WithNetworkOptions): readonly number[] {
  const sizes: unknown = model.hiddenLayerSizes
  const expected = `Expected \`hiddenLayerSizes\` of ${model.constructor.name} to be a list of whole numbers from 1 to ${mostUnits}, such as [100, 50]`
  if (!Array.isArray(sizes)) {
    const advice = typeof sizes === 'number' ? ` Write [${sizes}].` : ''
    throw new TypeError(`${expected}, got ${show(sizes)}.${advice}`)
  }
  const wrong = sizes.findIndex((one) => !(Number.isInteger(one) && one >= 1 && one <= mostUnits))
  if (wrong === -1) return [...sizes] as number[]
  throw new OneCopyError(
    'ERR_OPTION',
    `${expected}, got ${show(sizes[wrong])} at position ${wrong}.`,
    {
      details: { name: 'hiddenLayerSizes' },
    },
  )
}

function requireShare(model: WithNetworkOptions, name: 'validationFraction'): void {
  if (requirePositive(model, name) < 1) return
  throw notBelowOne(model, name)
}

function requireBelowOne(model: WithNetworkOptions, name: 'beta1' | 'beta2'): number {
  const value = requireNumber(model, name, { min: 0 })
  if (value < 1) return value
  throw notBelowOne(model, name)
}

function notBelowOne(
  model: WithNetworkOptions,
  name: 'beta1' | 'beta2' | 'validationFraction',
): OneCopyError {
  return new OneCopyError(
    'ERR_OPTION',
    `Expected \`${name}\` of ${model.constructor.name} to be below 1, got ${model[name]}.`,
    { details: { name, value: model[name] } },
  )
}

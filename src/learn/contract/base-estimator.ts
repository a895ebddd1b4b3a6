/** Base class and option checks of estimators. */

import { inspect } from 'node:util'
import { OneCopyError, show } from '../../errors.ts'
import { explainUnknown, type OptionNames, requireChoice } from '../../options.ts'
import { learnHint, requireLearnOptions } from './foreign-options.ts'
import { showEstimator } from './show-estimator.ts'
import { foreignValueAdvice } from '../../foreign-options.ts'
import {
  isLearnedName,
  notFitted,
  type Configurable,
  type FitOptions,
  type Params,
  type PredictOptions,
  type TableFeatures,
  type TableFitOptions,
} from './estimator.ts'

/**
 * A base for estimators whose options are their own properties. Declare learned values with
 * `declare coef_: Float64Array`, so that they exist only after `fit`.
 */
export abstract class BaseEstimator implements Configurable, TableFeatures {
  declare readonly featureNamesIn_?: readonly string[]
  declare readonly featureCategoriesIn_?: readonly (readonly string[] | null)[]
  declare readonly copiedBytes_?: number

  getParams(): Params {
    return Object.fromEntries(Object.entries(this).filter(([name]) => !isLearnedName(name)))
  }

  setParams(params: Params): this {
    const names = Object.keys(this.getParams())
    const wrong = Object.keys(params).find((name) => !names.includes(name))
    if (wrong !== undefined) {
      throw new OneCopyError(
        'ERR_OPTION',
        explainUnknown(this.constructor.name, wrong, names, learnHint(this)),
        {
          details: { name: wrong, names },
        },
      )
    }
    return Object.assign(this, params)
  }

  /** What `console.log` shows: options that differ from their defaults, and shapes of learned values. */
  [inspect.custom](depth: number | null): string {
    return showEstimator(this, depth === null || depth > 0)
  }
}

/** Refuses unknown options of `fit`. */
export function requireFitOptions(estimator: object, options: TableFitOptions): void {
  requireLearnOptions(`${estimator.constructor.name}.fit`, options, fitNames)
}

/** Refuses unknown options of `predict` or `transform`. */
export function requirePredictOptions(
  estimator: object,
  method: 'predict' | 'predictProba' | 'transform',
  options: PredictOptions,
): void {
  requireLearnOptions(`${estimator.constructor.name}.${method}`, options, predictNames)
}

const fitNames: OptionNames<FitOptions> = { rows: true, weights: true }
const predictNames: OptionNames<PredictOptions> = { rows: true, out: true }

/**
 * Checks that an estimator has learned `name`.
 *
 * @throws OneCopyError `ERR_NOT_FITTED` before `fit`
 */
export function requireFitted(estimator: object, name: string): void {
  if (name in estimator) return
  throw notFitted(estimator)
}

/**
 * Checks that `X` has as many columns as in `fit`.
 *
 * @throws OneCopyError `ERR_SHAPE`
 */
export function requireColumns(estimator: object, columns: number, fitted: number): void {
  if (columns === fitted) return
  throw new OneCopyError(
    'ERR_SHAPE',
    `Expected \`X\` to have ${fitted} columns, as when this ${estimator.constructor.name} was fitted, got ${columns}.`,
    { details: { expected: fitted, columns } },
  )
}

/** A range of numbers that an option may have. */
export interface NumberRange {
  /** Least value; default: none. */
  readonly min?: number
  /** Greatest value; default: none. */
  readonly max?: number
  /** Whether it must be a whole number; default: false. */
  readonly integer?: boolean
}

/**
 * Checks an option that must be a finite number; called by `fit`, never by a constructor.
 *
 * @returns the number
 * @throws TypeError when it is not a number, OneCopyError `ERR_OPTION` when it is out of range
 */
export function requireNumber<N extends string>(
  estimator: { readonly [name in N]: unknown },
  name: N,
  range: NumberRange = {},
): number {
  const value: unknown = estimator[name]
  const { min = -Infinity, max = Infinity, integer = false } = range
  const expected =
    `Expected \`${name}\` of ${estimator.constructor.name} to be a ${integer ? 'whole' : 'finite'} number` +
    (min === -Infinity ? '' : ` >= ${min}`) +
    (max === Infinity ? '' : `${min === -Infinity ? '' : ' and'} <= ${max}`)
  if (typeof value !== 'number') throw new TypeError(`${expected}, got ${show(value)}.`)
  if (!Number.isFinite(value) || value < min || value > max || (integer && value % 1 !== 0)) {
    throw new OneCopyError('ERR_OPTION', `${expected}, got ${value}.`, { details: { name, value } })
  }
  return value
}

/**
 * Checks an option that must be a finite number above 0; called by `fit`.
 *
 * @returns the number
 * @throws TypeError when it is not a number, OneCopyError `ERR_OPTION` when it is not above 0
 */
export function requirePositive<N extends string>(
  estimator: { readonly [name in N]: unknown },
  name: N,
): number {
  const value = requireNumber(estimator, name)
  if (value > 0) return value
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`${name}\` of ${estimator.constructor.name} to be above 0, got ${value}.`,
    { details: { name, value } },
  )
}

/**
 * Checks an option that must be one of some texts; called by `fit`.
 *
 * @param foreign - other libraries' names of them
 * @returns the text
 * @throws OneCopyError `ERR_OPTION` for another text, TypeError for another type
 */
export function requireOneOf<N extends string, Choice extends string>(
  estimator: { readonly [name in N]: unknown },
  name: N,
  choices: readonly Choice[],
  foreign: Readonly<Record<string, string>> = {},
): Choice {
  const what = `\`${name}\` of ${estimator.constructor.name}`
  const value: unknown = estimator[name]
  return requireChoice(what, value, choices, foreignValueAdvice(foreign, value))
}

/**
 * Checks an option that must be true or false; called by `fit`.
 *
 * @returns the boolean
 * @throws TypeError when it is neither
 */
export function requireBoolean<N extends string>(
  estimator: { readonly [name in N]: unknown },
  name: N,
): boolean {
  const value: unknown = estimator[name]
  if (typeof value === 'boolean') return value
  throw new TypeError(
    `Expected \`${name}\` of ${estimator.constructor.name} to be true or false, got ${show(value)}.`,
  )
}

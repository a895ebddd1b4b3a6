/** The contract of estimators, clones and learned state. */

import type { NDArray, RowSelection, TypedArrayOf } from '../../arrays/index.ts'
import { awaitAdvice, OneCopyError, show } from '../../errors.ts'
import { checksLearned, LearnedValues } from './learned-values.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import type { WeightInput } from '../inputs/feature-input.ts'

/** Options of an estimator by name, as its constructor takes them. */
export type Params = Record<string, unknown>

/** Which rows an estimator learns from, and their weights. */
export interface FitOptions {
  /**
   * Rows of `X` and `y` to learn from: row numbers, a mask, or ranges. Default: all. The others are never
   * read. `toRowNumbers` turns every form into numbers.
   */
  readonly rows?: RowSelection
  /**
   * Weights of rows, shape (n): one for every row of `X`, also for those that `rows` leaves out.
   * Finite and not negative. A weight of 2 counts the row twice, a weight of 0 ignores it.
   * Default: 1.
   */
  readonly weights?: ArrayInput
}

/** Options of `fit` of the estimators of onecopy, which take tables. */
export interface TableFitOptions extends Omit<FitOptions, 'weights'> {
  /**
   * As in {@link FitOptions}; with a table also one of its columns of numbers, by its name or itself, which is then not learned
   * from. Every row needs a value.
   */
  readonly weights?: WeightInput
}

/** Which rows an estimator predicts, and where the predictions go. */
export interface PredictOptions {
  /** Rows of `X` to predict: row numbers, a mask, or ranges. Default: all. */
  readonly rows?: RowSelection
  /**
   * Array to write to, float64 or float32, shape (n) or (n, m): one row for every row of `X`, so that
   * many tasks can fill one shared array. Rows outside `rows` keep their values. Default: a new array
   * in private memory with one row for every *predicted* row.
   */
  readonly out?: NDArray
}

/** Numbers that estimators of onecopy predict or make: in an array of float64, or in the `out` that they were given. */
export type FloatArray = NDArray<'float64' | 'float32'>

/** Anything with options that can be read and set: learners and transformers. */
export interface Configurable {
  /** What an object with both `predict` and `transform` is, such as a pipeline; default: both. */
  readonly role?: 'learner' | 'transformer'
  /** What a learner learns whose methods don't tell, because it is put together of others; default: by its methods. */
  readonly learns?: 'numbers' | 'classes'
  /**
   * Whether the target decides what a learner learns, as long as its option `task` is `'auto'`: texts, and true and false, are classes.
   * Default: false.
   */
  readonly learnsByTarget?: boolean
  /** Names of the methods of predictions that a learner has with its options, where its class has more of them; default: all. */
  readonly predicts?: readonly string[]
  /**
   * Whether it takes columns of categories of a table, whose values are the places of texts among the sorted categories.
   * Default: such columns are refused.
   */
  readonly takesCategories?: boolean
  /** Whether `fit` reads the columns of a table where they lie. Of classes of onecopy; others get a matrix. */
  readonly readsColumns?: boolean
  /** Of a transformer that takes them: whether they are still categories after it; default: false. */
  readonly keepsCategories?: boolean
  /** All options by name, without learned values. */
  getParams(): Params
  /**
   * Sets some options. Learned values stay until the next `fit`.
   *
   * @throws OneCopyError `ERR_OPTION` when there is no option of that name
   */
  setParams(params: Params): this
}

/** What an estimator of onecopy learns of the table that it is fitted on; nothing of arrays. */
export interface TableFeatures {
  /** Names of the columns, in the order of the model's columns. */
  readonly featureNamesIn_?: readonly string[]
  /** For each column its texts, ascending: the model knows each by its place among them. Null for numbers. */
  readonly featureCategoriesIn_?: readonly (readonly string[] | null)[]
  /** Bytes of the matrix that `fit` made of the table; 0 when it read the columns in place. */
  readonly copiedBytes_?: number
}

/**
 * A learner, with scikit-learn's contract in camel case. Implement it to use a class of your own everywhere;
 * `checkEstimator` tests these rules:
 *
 * - the constructor takes one object of options, all with defaults, and only stores them as
 *   properties of the same names; their values are checked by `fit`;
 * - `fit` returns the estimator itself, forgets what an earlier `fit` learned, and never changes
 *   options, `X`, `y` or weights; it reads `X` in place and doesn't copy it;
 * - learned values are plain (see {@link Learned}) and stored in properties whose names end in `_`, so that
 *   they can be sent to a worker and saved.
 *
 * @see scikit-learn.org/stable/developers/develop.html
 */
export interface Estimator extends Configurable {
  /**
   * Whether `fit` is done with the numbers of its rows when it ends, so that an ensemble may free them. Default: false, they may be
   * kept.
   */
  readonly freesRows?: boolean
  /**
   * Learns from rows of `X` and `y`.
   *
   * @param X - values, shape (n, d), any real dtype and strides; read in place
   * @param y - target, shape (n) or, where the learner can, (n, m). A `Pipeline` hands on labels that are texts or true
   *   and false as the list that it was given
   */
  fit(X: NDArray, y: NDArray, options?: FitOptions): Promise<this>
  /**
   * Predicts the target of rows of `X`.
   *
   * @param X - values, shape (n, d) with the `d` of `fit`; read in place
   * @returns shape (n) or (n, m), float64, or `options.out` itself
   */
  predict(X: NDArray, options?: PredictOptions): Promise<NDArray>
  /** Predicts the probability of each class, shape (n, classes); classifiers only. */
  predictProba?(X: NDArray, options?: PredictOptions): Promise<NDArray>
}

/** A preprocessing step: learns from `X`, then maps rows of `X` to new rows. */
export interface Transformer extends Configurable {
  /** Whether `fit` needs `y`; default: it is ignored. */
  readonly usesTarget?: boolean
  /**
   * Learns from rows of `X`; most transformers ignore `y`, see `usesTarget`. A `Pipeline` hands on labels that are texts
   * as a list, and true and false as 1 and 0.
   */
  fit(X: NDArray, y?: NDArray, options?: FitOptions): Promise<this>
  /**
   * Maps rows of `X`.
   *
   * @param X - values, shape (n, d) with the `d` of `fit`
   * @returns float64 values, a new array unless `options.out` is given; `rows` and `out` behave as
   *   in {@link PredictOptions}
   */
  transform(X: NDArray, options?: PredictOptions): Promise<NDArray>
}

/** A learned value: plain data, arrays, and lists or records of them. */
export type Learned =
  | number
  | string
  | boolean
  | null
  | TypedArrayOf
  | NDArray
  | readonly Learned[]
  | { readonly [name: string]: Learned }

/**
 * Everything that an estimator has learned, by name; every name ends in `_`. `className_` is the name of its class, which
 * {@link restore} compares.
 */
export type LearnedState = Readonly<Record<string, Learned>>

/** Tells whether `value` maps rows, that is, has `fit` and `transform`. */
export function isTransformer(value: unknown): value is Transformer {
  return (
    hasMethods(value, ['fit', 'transform', 'getParams', 'setParams']) && roleOf(value) !== 'learner'
  )
}

/** Tells whether `value` learns and predicts, that is, has `fit` and `predict`. */
export function isEstimator(value: unknown): value is Estimator {
  return (
    hasMethods(value, ['fit', 'predict', 'getParams', 'setParams']) &&
    roleOf(value) !== 'transformer'
  )
}

function roleOf(value: unknown): unknown {
  return (value as Configurable).role
}

/**
 * Makes a new, unfitted estimator with the same options. Estimators among the options are cloned too, also those in
 * lists and plain objects; other options are shared.
 *
 * @throws TypeError when `estimator` has no `getParams`
 * @see scikit-learn's `sklearn.base.clone`
 */
export function clone<E extends Configurable>(estimator: E): E {
  if (!hasMethods(estimator, ['getParams'])) {
    throw new TypeError(
      `Expected an estimator with getParams() to clone, got ${show(estimator)}.` +
        (awaitAdvice(estimator) || ' Pass an instance, such as new Ridge(), not its class.'),
    )
  }
  const Class = estimator.constructor as new (params: Params) => E
  return new Class(mapConfigurables(estimator.getParams(), clone) as Params)
}

/**
 * Replaces every estimator in an option by the result of `change`, also those in lists and plain objects. An option
 * without estimators is returned itself.
 */
export function mapConfigurables(
  option: unknown,
  change: (estimator: Configurable) => unknown,
): unknown {
  if (isConfigurable(option)) return change(option)
  if (Array.isArray(option))
    return keepSame(
      option,
      option.map((one) => mapConfigurables(one, change)),
    )
  if (!isPlain(option)) return option
  const names = Object.keys(option)
  const values = names.map((name) => mapConfigurables(option[name], change))
  const isSame = values.every((value, i) => value === option[names[i]!])
  return isSame ? option : Object.fromEntries(names.map((name, i) => [name, values[i]]))
}

function keepSame(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  return after.every((value, i) => value === before[i]) ? before : after
}

/** Tells whether `value` has options that can be read and set. */
export function isConfigurable(value: unknown): value is Configurable {
  return hasMethods(value, ['getParams', 'setParams'])
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/**
 * Returns the learned values of an estimator: its own properties whose names end in `_`, and the name of its class.
 *
 * @returns a new record that shares the arrays of the estimator; empty for a class of your own that learns nothing
 * @throws OneCopyError `ERR_NOT_FITTED` before `fit`, for the estimators of onecopy; TypeError for other objects
 */
export function learnedState(estimator: Configurable): LearnedState {
  requireOneEstimator(estimator)
  const state = collectLearned(estimator)
  if (Object.keys(state).length > 0) return { [classKey]: estimator.constructor.name, ...state }
  if (checksLearned(estimator)) throw notFitted(estimator)
  return state
}

/** The learned value that is no property of an estimator. */
const classKey = 'className_'

/** The learned values of an estimator; empty before `fit`. */
export function collectLearned(estimator: object): LearnedState {
  return Object.fromEntries(
    Object.entries(estimator).filter(([name]) => isLearnedName(name)),
  ) as LearnedState
}

/** The error of an estimator that is used before `fit`. */
export function notFitted(estimator: object): OneCopyError {
  return new OneCopyError(
    'ERR_NOT_FITTED',
    `This ${estimator.constructor.name} has not learned anything yet. Call fit() first and await it.`,
  )
}

/**
 * Sets the learned values of an estimator to those of another one with the same class and options.
 *
 * @param estimator - changed: its earlier learned values are dropped
 * @param state - result of {@link learnedState}, also from another thread or process; its arrays are
 *   kept, not copied
 * @returns `estimator`
 * @throws OneCopyError `ERR_FORMAT` when another class has learned the values, when a name doesn't end in `_`, or when a value is not one that an
 *   estimator of onecopy learns: none at all, wrong kind, dtype, shape or length, or not finite. Then nothing is
 *   changed. TypeError when `estimator` is none
 */
export function restore<E extends Configurable>(estimator: E, state: LearnedState): E {
  requireOneEstimator(estimator)
  requireNoPromise(state, 'what learnedState() returned')
  if (typeof state !== 'object' || state === null)
    throw new TypeError(
      `Expected learned values to restore ${estimator.constructor.name} from, got ${show(state)}. ` +
        'Pass what learnedState() returned.',
    )
  const wrong = Object.keys(state).find((name) => !isLearnedName(name))
  if (wrong !== undefined) {
    throw new OneCopyError(
      'ERR_FORMAT',
      `Expected only learned values, whose names end in _, got '${wrong}' to restore ` +
        `${estimator.constructor.name} from. Pass what learnedState() returned.`,
      { details: { name: wrong } },
    )
  }
  const values = new LearnedValues(estimator.constructor.name, state)
  if (checksLearned(estimator)) {
    if (values.names.length === 0) {
      throw new OneCopyError(
        'ERR_FORMAT',
        `Expected learned values to restore ${estimator.constructor.name} from, got none. ` +
          'Pass what learnedState() returned.',
      )
    }
    requireSameClass(values, estimator)
    estimator.checkLearned(values)
  } else if (Object.hasOwn(state, classKey)) requireSameClass(values, estimator)
  values.tableFeatures('takesCategories' in estimator || 'stepsInOrder' in estimator)
  const { [classKey]: _, ...own } = state
  forget(estimator)
  return Object.assign(estimator, own)
}

/** Refuses values of another class: many classes learn values of the same names and forms, with other meanings. */
function requireSameClass(values: LearnedValues, { constructor: { name } }: object): void {
  const found = values.text(classKey)
  if (found === name) return
  throw new OneCopyError(
    'ERR_FORMAT',
    `Expected values learned by ${name}, got those of ${found}. Restore them into a new ${found} with the same options.`,
    { details: { expected: name, found } },
  )
}

function requireOneEstimator(value: unknown): void {
  requireNoPromise(value, 'an estimator')
  if (isConfigurable(value)) return
  throw new TypeError(
    `Expected an estimator with getParams(), got ${show(value)}. Pass an instance, such as a fitted new Ridge().`,
  )
}

/** A promise is an object without learned values, which would be taken for an estimator that has not been fitted. */
function requireNoPromise(value: unknown, what: string): void {
  const advice = awaitAdvice(value)
  if (advice !== '') throw new TypeError(`Expected ${what}, got ${show(value)}.${advice}`)
}

/** Drops all learned values; each `fit` starts with it. */
export function forget(estimator: object): void {
  for (const name of Object.keys(collectLearned(estimator))) Reflect.deleteProperty(estimator, name)
}

/** Tells whether a property of this name is learned (`coef_`), not an option (`alpha`). */
export function isLearnedName(name: string): boolean {
  return /[^_]_$/.test(name)
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  const methods = value as Record<string, unknown>
  return names.every((name) => typeof methods[name] === 'function')
}

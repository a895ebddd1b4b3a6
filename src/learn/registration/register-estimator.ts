/** Registers estimators, so that they can be saved and sent. */

import { OneCopyError, show } from '../../errors.ts'
import { registerOwnClass } from '../../objects/internal.ts'
import { isParallel } from '../../parallel/internal.ts'
import {
  collectLearned,
  type Configurable,
  isLearnedName,
  learnedState,
  type LearnedState,
  type Params,
  restore,
} from '../contract/estimator.ts'
import { checksLearned } from '../contract/learned-values.ts'

/** An estimator, transformer or splitter of onecopy. */
interface EstimatorClass {
  readonly name: string
  readonly prototype: Configurable
  new (options: never): Configurable
}

/**
 * Registers a class whose instances are made of options and have learned values in properties whose names end in `_`. The state of an instance
 * has both, by name.
 *
 * @param Class - called with all options
 * @param name - its name in files, such as `onecopy.Ridge`; never change it
 * @param module - `import.meta.url` of the module that exports it; undefined in bundles of CommonJS
 */
export function registerEstimator(
  Class: EstimatorClass,
  name: string,
  module: string | undefined,
): void {
  registerOwnClass<Configurable, Params>(Class, {
    name,
    version: 1,
    module,
    save: saveEstimator,
    load: (state) =>
      loadEstimator(Class as unknown as new (options: Params) => Configurable, state),
  })
}

/** What is saved runs elsewhere, on other workers. */
function saveEstimator(estimator: Configurable): Params {
  const options = Object.entries(estimator.getParams()).filter(([, value]) => !isParallel(value))
  return { ...Object.fromEntries(options), ...learnedOf(estimator) }
}

/** Learned values; none before `fit`. */
function learnedOf(estimator: Configurable): Params {
  if (Object.keys(collectLearned(estimator)).length === 0) return {}
  const { className_: _, ...learned } = learnedState(estimator)
  return learned
}

/** @throws OneCopyError `ERR_FORMAT` for learned values that no fit can have given; TypeError for unknown options */
function loadEstimator(Class: new (options: Params) => Configurable, state: unknown): Configurable {
  const entries = Object.entries(requireRecord(Class, state))
  const options = entries.filter(([name]) => !isLearnedName(name))
  const learned = entries.filter(([name]) => isLearnedName(name))
  const estimator = new Class(Object.fromEntries(options))
  if (learned.length === 0) return estimator
  if (!checksLearned(estimator))
    throw new OneCopyError(
      'ERR_FORMAT',
      `Expected ${Class.name} to have no learned values, got ${show(learned[0]![0])}.`,
    )
  const values = { className_: Class.name, ...Object.fromEntries(learned) }
  return restore(estimator, values as LearnedState)
}

function requireRecord(Class: { readonly name: string }, state: unknown): object {
  const isRecord =
    typeof state === 'object' && state !== null && Object.getPrototypeOf(state) === Object.prototype
  if (isRecord) return state
  throw new OneCopyError(
    'ERR_FORMAT',
    `Expected options and learned values of ${Class.name}, got ${show(state)}.`,
  )
}

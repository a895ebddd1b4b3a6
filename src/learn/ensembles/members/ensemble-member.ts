/** Members of an ensemble: a learner, what comes before it, its name. */

import { awaitAdvice, OneCopyError, show } from '../../../errors.ts'
import {
  clone,
  isEstimator,
  isTransformer,
  type Estimator,
  type Transformer,
} from '../../contract/estimator.ts'
import type { Classifier } from '../../contract/classifier.ts'
import type { FittedParts } from '../../pipelines/pipeline-parts.ts'
import { kebabCase } from '../../pipelines/kebab-case.ts'
import type { LinearTerms } from '../../linear/predict-linear.ts'
import type { AddedLearner, MemberOutput } from '../../outputs/member-output.ts'

/** Learners to add: one, a list, or a record of names and learners. */
export type Learners = AnyLearner | readonly AnyLearner[] | Readonly<Record<string, AnyLearner>>

/** A learner of numbers or of classes. */
export type AnyLearner = Estimator | Classifier

/** Options of `add`. */
export interface AddOptions {
  /** Transformers to apply before each of the learners, fitted on the training rows of each fold; default: none. */
  readonly preprocess?: Transformer | readonly Transformer[]
  /**
   * For classes: whether probabilities of the learners are stacked (`true`), or the labels that they predict (`false`), as columns of 0
   * and 1. Default: probabilities, decision values of learners without them, or else labels.
   */
  readonly proba?: boolean
}

/** One learner of an ensemble as it was added; it is cloned before each fit. */
export interface EnsembleMember extends AddedLearner {
  /** Steps before the learner, in order; members that were added together have the same list. */
  readonly preprocess: readonly Transformer[]
}

/** A fitted member. */
export interface FittedEnsembleMember {
  readonly member: EnsembleMember
  /** Its name, followed by the number of its partition where there are several: `ridge/0`. */
  readonly name: string
  readonly partition: number
  /** Its first column of out-of-fold predictions of all members, also of failed ones. */
  readonly column: number
  /** The final model. */
  readonly learner: Estimator
  /** Fitted steps before `learner`. */
  readonly preprocess: readonly Transformer[]
  /** The steps and the model as one estimator of raw columns. */
  readonly predictor: Estimator
  /** The model of each fold as an estimator of raw columns, where `keepsFolds` asks for them. */
  readonly bag?: readonly Estimator[]
  /** What `learner`, `preprocess` and `predictor` are made of. */
  readonly parts: FittedParts
  /** Bytes of the largest copy of mapped rows that a fit wrote; 0: none. */
  readonly copiedBytes: number
  /** What it predicts. */
  readonly output: MemberOutput
  /** The same as linear functions, one for each target, when it is linear. */
  readonly terms?: readonly LinearTerms[]
  /** Seconds for each fold. */
  readonly fitSeconds: readonly number[]
  readonly predictSeconds: readonly number[]
}

/** Gives every learner a unique name, and all of them one copy of the preprocessing steps. */
export function makeMembers(
  learners: Learners,
  { preprocess = [], proba }: AddOptions,
  taken: readonly EnsembleMember[],
): EnsembleMember[] {
  const steps = Array.isArray(preprocess) ? preprocess : [preprocess]
  for (const step of steps) requireTransformer(step)
  const copies: readonly Transformer[] = steps.map(clone)
  const names = new Set(taken.map(({ name }) => name))
  return named(learners).map(([wanted, learner]) => {
    const name = freeName(wanted, names)
    names.add(name)
    return { name, learner: clone(requireEstimator(learner)), preprocess: copies, proba }
  })
}

/**
 * Checks that something learns and predicts.
 *
 * @throws TypeError otherwise
 */
export function requireEstimator(value: unknown): Estimator {
  if (isEstimator(value)) return value
  throw new TypeError(
    `Expected a learner with fit() and predict(), got ${show(value)}.` +
      (awaitAdvice(value) || ' Pass an instance, such as new Ridge(), not its class.'),
  )
}

/**
 * Refuses a name, a second learner or a transformer in the arguments of `add`, and says how they are passed.
 *
 * @throws TypeError
 */
export function requireOneArgument(learners: unknown, options: unknown): void {
  const several =
    'Pass several learners as a list, such as [new Ridge(), new Lasso()], ' +
    'or by name, such as { ridge: new Ridge() }.'
  if (typeof learners === 'string')
    throw new TypeError(
      `Expected a learner with fit() and predict(), got ${show(learners)}. ${several}`,
    )
  const got = `Expected options such as { preprocess: … }, got ${show(options)}.`
  if (isEstimator(options)) throw new TypeError(`${got} ${several}`)
  if (isTransformer(options))
    throw new TypeError(
      `${got} Pass a transformer as { preprocess: new ${options.constructor.name}() }.`,
    )
}

/**
 * Checks that something maps rows.
 *
 * @throws TypeError otherwise
 */
export function requireTransformer(value: unknown): void {
  if (isTransformer(value)) return
  throw new TypeError(
    `Expected \`preprocess\` to hold transformers with fit() and transform(), got ${show(value)}.` +
      (awaitAdvice(value) || ' Pass an instance, such as new StandardScaler(), not its class.'),
  )
}

function named(learners: Learners): [string, Estimator][] {
  const list = Array.isArray(learners) || isEstimator(learners) ? [learners].flat() : undefined
  if (list !== undefined && list.length > 0) {
    return list.map((learner: Estimator) => [
      kebabCase(requireEstimator(learner).constructor.name),
      learner,
    ])
  }
  const isRecord = typeof learners === 'object' && learners !== null && awaitAdvice(learners) === ''
  if (!isRecord) requireEstimator(learners)
  const entries = Object.entries(learners as Readonly<Record<string, Estimator>>)
  if (entries.length > 0) return entries
  throw new OneCopyError('ERR_ROWS', 'Expected at least one learner to add, got none.')
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted
  let number = 2
  while (taken.has(`${wanted}-${number}`)) number++
  return `${wanted}-${number}`
}

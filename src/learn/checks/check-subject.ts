/** The estimator under test, and data to test it with. */

import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { array, type NDArray } from '../../arrays/index.ts'
import { isOneCopyError, show } from '../../errors.ts'
import { isClassifier } from '../contract/classifier.ts'
import {
  isEstimator,
  isTransformer,
  type Estimator,
  type FitOptions,
  type PredictOptions,
  type Transformer,
} from '../contract/estimator.ts'

/** A class without arguments, or a function that makes a new estimator each time. */
export type EstimatorMaker = (new () => Estimator | Transformer) | (() => Estimator | Transformer)

/** One promise of the contract, and how to test it. */
export interface EstimatorCheck {
  /** The promise, as a sentence about the estimator. */
  readonly name: string
  /** Rejects when the promise is broken. */
  readonly run: (subject: CheckSubject) => Promise<void>
  /** Whether the check applies to this kind of estimator; default: to all. */
  readonly isFor?: (subject: CheckSubject) => boolean
}

/** A fitted estimator. */
export interface Fitted {
  readonly estimator: Estimator | Transformer
  /** Predicts or transforms. */
  readonly answer: (X: NDArray, options?: PredictOptions) => Promise<NDArray>
}

/** An estimator under test; predictors and transformers answer in the same way. */
export class CheckSubject {
  readonly make: () => Estimator | Transformer

  /** @throws TypeError when `maker` makes no estimator */
  constructor(maker: EstimatorMaker) {
    if (typeof maker !== 'function')
      throw new TypeError(
        `Expected a class or a function that makes estimators, got ${show(maker)}. Write () => new Ridge({ alpha: 2 }).`,
      )
    this.make = isClass(maker) ? () => new maker() : maker
    const made = this.make()
    if (isEstimator(made) || isTransformer(made)) return
    throw new TypeError(
      `Expected an estimator with getParams, setParams, fit, and predict or transform, got ${show(made)}.`,
    )
  }

  /** Whether the subject learns from `y`. */
  get usesTarget(): boolean {
    const made = this.make()
    return isEstimator(made) || made.usesTarget === true
  }

  /** The target for this kind of estimator: `y`, or for classifiers two labels in its place. */
  target(y: NDArray): NDArray {
    const made = this.make()
    if (!isEstimator(made) || !isClassifier(made)) return y
    const labels = valuesOf(y).map((value) => (Number.isNaN(value) ? value : value > 20 ? 30 : 10))
    return array(labels, { shape: y.shape })
  }

  /** Fits a new estimator. */
  async fit(X: NDArray, y: NDArray, options?: FitOptions): Promise<Fitted> {
    const estimator = this.make()
    await estimator.fit(X, this.target(y), options)
    return { estimator, answer: (X, options) => answer(estimator, X, options) }
  }
}

/** Predicts, or transforms when the estimator can't predict. */
export function answer(
  estimator: Estimator | Transformer,
  X: NDArray,
  options?: PredictOptions,
): Promise<NDArray> {
  return isEstimator(estimator) ? estimator.predict(X, options) : estimator.transform(X, options)
}

/** Rows to learn from: whole numbers from 0 to 100, so that every dtype holds them. */
export function checkProblem(n = 40, d = 3): { X: NDArray<'float64'>; y: NDArray<'float64'> } {
  const random = xoroshiro128plus(n * 100 + d)
  const X = Float64Array.from({ length: n * d }, () => Math.floor(uniformFloat64(random) * 101))
  const y = Float64Array.from({ length: n }, (_, i) => {
    const noise = uniformFloat64(random)
    return X[i * d]! - 0.5 * X[i * d + d - 1]! + 0.001 * X[i * d]! ** 2 + 5 * noise
  })
  return { X: array(X, { shape: [n, d] }), y: array(y) }
}

/** Throws the text when a promise is broken. */
export function promise(kept: boolean, text: string): asserts kept {
  if (!kept) throw new Error(text)
}

/** Throws unless two results agree, relative to the largest value. */
export function promiseClose(actual: NDArray, expected: NDArray, tolerance = 1e-9): void {
  promise(
    String(actual.shape) === String(expected.shape),
    `Expected shape (${expected.shape.join(', ')}), got (${actual.shape.join(', ')}).`,
  )
  const [got, wanted] = [valuesOf(actual), valuesOf(expected)]
  const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const at = got.findIndex((value, i) => !(Math.abs(value - wanted[i]!) <= tolerance * largest))
  promise(at === -1, `Expected ${wanted[at]}, got ${got[at]} at position ${at}.`)
}

/** Throws unless `action` is refused by a OneCopyError with one of these codes, perhaps by a learner that the estimator is made of. */
export async function promiseRefusal(
  action: () => Promise<unknown>,
  codes: readonly string[],
): Promise<void> {
  const outcome = await action().then(
    () => 'no error',
    (error: unknown) => {
      if (!isOneCopyError(error)) return String(error)
      const { cause } = error
      return error.code === 'ERR_LEARNER' && isOneCopyError(cause) ? cause.code : error.code
    },
  )
  promise(codes.includes(outcome), `Expected an error ${codes.join(' or ')}, got ${outcome}.`)
}

/** Elements in C order as numbers, in memory of their own. */
export function valuesOf(values: NDArray): Float64Array {
  return Float64Array.from(values.copy().toTypedArray(), Number)
}

function isClass(maker: EstimatorMaker): maker is new () => Estimator | Transformer {
  const prototype: unknown = maker.prototype
  return typeof prototype === 'object' && prototype !== null && 'fit' in prototype
}

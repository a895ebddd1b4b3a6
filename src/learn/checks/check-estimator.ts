/** Tests estimators against the contract. */

import { OneCopyError } from '../../errors.ts'
import { requireKnown } from '../../options.ts'
import { contractChecks } from './check-contract.ts'
import { inputChecks } from './check-inputs.ts'
import { rowChecks } from './check-rows.ts'
import { sharingChecks } from './check-sharing.ts'
import { tableChecks } from './check-tables.ts'
import { CheckSubject, type EstimatorMaker } from './check-subject.ts'

/** Options of {@link checkEstimator}. */
export interface CheckOptions {
  /** Names of checks to leave out, for rules that don't apply to an estimator. */
  readonly except?: readonly string[]
}

/** A check of an estimator, to be run by itself. */
export interface NamedCheck {
  /** The promise, as a sentence about the estimator. */
  readonly name: string
  /** Rejects with `ERR_CHECK` when the promise is broken. */
  run(): Promise<void>
}

/**
 * Tests an estimator or transformer against the contract: options, refusals, row subsets, weights,
 * dtypes, strides, kinds of memory, tables, and what a learner shares over folds. Call it in the tests of your own class.
 *
 * @param maker - a class that needs no arguments, or a function that makes a new estimator each time
 * @returns the names of the checks that it passed, in order
 * @throws OneCopyError `ERR_CHECK` at the first promise that is broken; TypeError when `maker` makes
 *   no estimator, or `except` names no check
 *
 * @example
 * ```ts
 * test('Median keeps the contract', async () => {
 *   await checkEstimator(Median)
 * })
 * test('with few neighbours', async () => {
 *   await checkEstimator(() => new KNeighborsRegressor({ neighbors: 2 }))
 * })
 * ```
 *
 * @see scikit-learn's `sklearn.utils.estimator_checks.check_estimator`
 */
export async function checkEstimator(
  maker: EstimatorMaker,
  options: CheckOptions = {},
): Promise<string[]> {
  const checks = estimatorChecks(maker, options)
  for (const check of checks) await check.run()
  return checks.map(({ name }) => name)
}

/**
 * Lists the checks for an estimator, so that each can be a separate test.
 *
 * @example
 * ```ts
 * for (const { name, run } of estimatorChecks(Median)) test(name, run)
 * ```
 */
export function estimatorChecks(maker: EstimatorMaker, options: CheckOptions = {}): NamedCheck[] {
  requireKnown('checkEstimator', options, { except: true })
  const { except = [] } = options
  const subject = new CheckSubject(maker)
  const all = [...contractChecks, ...inputChecks, ...rowChecks, ...sharingChecks, ...tableChecks]
  const unknown = except.find((name) => all.every((check) => check.name !== name))
  if (unknown !== undefined) {
    throw new TypeError(`Expected \`except\` to name checks, there is none called '${unknown}'.`)
  }
  return all
    .filter(({ name, isFor }) => !except.includes(name) && (isFor?.(subject) ?? true))
    .map(({ name, run }) => ({
      name,
      run: () => run(subject).catch((cause: unknown) => broken(subject, name, cause)),
    }))
}

function broken(subject: CheckSubject, check: string, cause: unknown): never {
  const name = subject.make().constructor.name
  const reason = cause instanceof Error ? cause.message : String(cause)
  throw new OneCopyError('ERR_CHECK', `${name} breaks the rule "${check}": ${reason}`, {
    cause,
    details: { estimator: name, check },
  })
}

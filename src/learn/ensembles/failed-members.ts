/** Members that fail stop the fit, or are left out. */

import { isOneCopyError, OneCopyError } from '../../errors.ts'
import type { EnsembleMember } from './ensemble-member.ts'
import { SharedFailure } from './fit-members.ts'
import { explainFailure } from './layer-tasks.ts'

/** A member that could not be fitted. */
export interface FailedEnsembleMember {
  readonly name: string
  readonly error: OneCopyError
}

/** Runs parts of a fit, and collects the members that fail when they are to be skipped. */
export class MemberAttempts {
  readonly failed: FailedEnsembleMember[] = []
  readonly #skips: boolean

  constructor(onError: 'stop' | 'skip') {
    this.#skips = onError === 'skip'
  }

  /**
   * Runs a part of a member's fit.
   *
   * @returns undefined when it failed and is skipped
   * @throws what stops the fit
   */
  async run<T>({ name }: EnsembleMember, part: () => Promise<T>): Promise<T | undefined> {
    try {
      return await part()
    } catch (reason) {
      const isShared = reason instanceof SharedFailure
      if (isShared && !this.#skips) throw withLearner(name, reason.cause)
      const error = isShared ? await explained(name, reason.cause) : reason
      if (!this.#skips || !isOneCopyError(error) || error.code !== 'ERR_LEARNER') throw error
      this.failed.push({ name, error })
      return undefined
    }
  }
}

/** Says which learner can't use the data; others of the ensemble may. */
function withLearner(name: string, cause: unknown): unknown {
  if (!isOneCopyError(cause) || cause.code !== 'ERR_VALUE') return cause
  const { name: array, value } = cause.details
  const advice =
    array === 'X' && Number.isNaN(value)
      ? ' A learner that is added with { preprocess: new SimpleImputer() } has them filled in.'
      : ''
  return new OneCopyError(
    cause.code,
    `${cause.message} Learner \`${name}\` can't use such values.${advice}`,
    { cause, details: { ...cause.details, learner: name } },
  )
}

function explained(name: string, cause: unknown): Promise<unknown> {
  return explainFailure(name, 'all rows', () => Promise.reject(cause)).catch(
    (error: unknown) => error,
  )
}

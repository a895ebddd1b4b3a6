/** Members that fail stop the fit, or are left out. */

import type { NDArray } from '../../../arrays/index.ts'
import { isOneCopyError, OneCopyError } from '../../../errors.ts'
import { explainMissing, requireReaders } from '../../features/table-refusals.ts'
import { columnsOf } from '../../inputs/feature-input.ts'
import type { ColumnSchema } from '../../inputs/table-columns.ts'
import type { EnsembleMember } from '../members/ensemble-member.ts'
import { SharedFailure } from '../fits/member-fit.ts'
import { explainFailure } from '../calls/layer-tasks.ts'

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
      // Memory that was taken away is no fault of a learner.
      if (isDetached(error)) throw error
      this.failed.push({ name, error })
      return undefined
    }
  }
}

function isDetached(error: unknown): boolean {
  return isOneCopyError(error) && (error.code === 'ERR_DETACHED' || isDetached(error.cause))
}

/** Members of an ensemble, and those of them that can't be fitted on a table. */
interface MembersOfTable {
  readonly readable: readonly EnsembleMember[]
  readonly refused: readonly FailedEnsembleMember[]
}

/**
 * Parts members by whether they take the columns of a table.
 *
 * @throws OneCopyError `ERR_INDEX` naming a column of texts that a member reads as numbers, unless such members are skipped;
 *   `ERR_LEARNER` when all are
 */
export async function readersOf(
  members: readonly EnsembleMember[],
  schema: ColumnSchema,
  onError: 'stop' | 'skip',
): Promise<MembersOfTable> {
  const readable: EnsembleMember[] = []
  const refused: FailedEnsembleMember[] = []
  for (const member of members) {
    try {
      requireReaders([...member.preprocess, member.learner], schema)
      readable.push(member)
    } catch (cause) {
      const error = await explained(member.name, cause)
      if (onError === 'stop' || !isOneCopyError(error)) throw cause
      refused.push({ name: member.name, error })
    }
  }
  if (readable.length === 0) throw refused[0]!.error
  return { readable, refused }
}

/** Why a member failed. Columns of a table that it reads as they are have their names. */
export function reasonOf(
  { name, error }: FailedEnsembleMember,
  members: readonly EnsembleMember[],
  X: NDArray,
): string {
  const columns = columnsOf(X)
  const member = members.find((one) => one.name === name)
  if (columns === undefined || member === undefined || member.preprocess.length > 0)
    return error.message
  const cause = explainMissing(member.learner, columns, undefined, error.cause)
  const reason =
    isOneCopyError(error.cause) && isOneCopyError(cause)
      ? error.message.replace(error.cause.message, () => cause.message)
      : error.message
  return reason.replaceAll(/\bcolumn (\d+) of `X`/g, (text, column: string) => {
    const known = columns.names[Number(column)]
    return known === undefined ? text : `column '${known}'`
  })
}

/** The fold that a member has failed on; none where it has failed elsewhere. */
export function foldOf({ error }: FailedEnsembleMember): { readonly fold?: number } {
  const [, fold] = /^fold (\d+)$/.exec(String(error.details['where'])) ?? []
  return fold === undefined ? {} : { fold: Number(fold) }
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

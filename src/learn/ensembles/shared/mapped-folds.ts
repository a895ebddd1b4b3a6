/** Mapped rows of folds: written once for members that were added together. */

import { isOneCopyError } from '../../../errors.ts'
import type { Estimator, Transformer } from '../../contract/estimator.ts'
import { describeEstimator } from '../../contract/estimator-spec.ts'
import { isScaledEstimator } from '../../contract/scaled-estimator.ts'
import { columnsOf } from '../../inputs/feature-input.ts'
import { rowSharingOf } from '../../pipelines/mapped-training.ts'
import { Pipeline } from '../../pipelines/pipeline.ts'
import { fitsOf, placeOf } from '../folds/layer-folds.ts'
import { type LayerData, rowsOfFit } from '../folds/layer-data.ts'
import { explainFailure, mapFold, type MappedFold } from '../calls/layer-tasks.ts'
import { callOf, type LayerWork, makeCalls } from '../calls/layer-work.ts'
import type { MemberPlan } from '../members/member-plan.ts'

/** A member's use of the mapped rows of every fold, and of all rows. */
export interface MappedUse {
  /** How many members use the same rows. */
  readonly users: number
  /**
   * The mapped rows of a fold, or of all rows for null; the first call of all users makes them, when there is room.
   *
   * @throws OneCopyError `ERR_LEARNER` with the name of the member
   */
  get(fold: number | null, work: LayerWork): Promise<MappedFold>
  /**
   * Says that the member has been fitted on the rows.
   *
   * @param keeps - whether its model keeps the rows, so that they are not freed; default: false
   */
  done(fold: number | null, keeps?: boolean): void
  /** Says so for all fits. */
  release(): void
}

interface Case {
  readonly plans: MemberPlan[]
  readonly entries: Map<number | null, Entry>
}

interface Entry {
  /** Members that have not been fitted on them. */
  waiting: number
  isKept: boolean
  made: Promise<MappedFold> | undefined
}

/**
 * The mapped rows of one fit of a layer. Every member says first that it uses them. All members take the folds in the same order
 * and wait for room before a fold that nobody has asked for. So the members before a fold always free its room: none
 * waits for ever.
 */
export class MappedFolds {
  readonly #data: LayerData
  readonly #cases = new Map<readonly Transformer[], Case>()
  readonly #workers: number
  readonly #freed: Promise<void>[] = []
  readonly #queue: (() => void)[] = []
  #copies = 0

  /** @param workers - how many fits run at once: at most as many copies exist */
  constructor(data: LayerData, workers: number) {
    this.#data = data
    this.#workers = workers
  }

  /** Says that a member will be fitted on rows that its steps map. */
  use(steps: readonly Transformer[], plan: MemberPlan): MappedUse {
    const own: Case = this.#cases.get(steps) ?? { plans: [], entries: new Map() }
    this.#cases.set(steps, own)
    own.plans.push(plan)
    const open = new Set<number | null>(fitsOf(this.#data))
    const done = (fold: number | null, keeps = false): void => {
      if (open.delete(fold)) this.#leave(own, entryOf(own, fold), keeps)
    }
    return {
      get users() {
        return own.plans.length
      },
      get: (fold, work) => this.#get(own, fold, plan.member.name, work),
      done,
      release: () => {
        for (const fold of open) done(fold)
      },
    }
  }

  /** Waits until all rows are freed; every use must be released. */
  async close(): Promise<void> {
    await Promise.all(this.#freed)
  }

  async #get(own: Case, fold: number | null, name: string, work: LayerWork): Promise<MappedFold> {
    const entry = entryOf(own, fold)
    try {
      return await (entry.made ??= this.#make(own, entry, fold, work))
    } catch (error) {
      if (!isOneCopyError(error) || error.code !== 'ERR_LEARNER') throw error
      const where = String(error.details['where'])
      return explainFailure(name, where, () => Promise.reject(error.cause))
    }
  }

  async #make(own: Case, entry: Entry, fold: number | null, work: LayerWork): Promise<MappedFold> {
    await this.#takeRoom()
    try {
      // A run that has ended may still ask for its next input.
      if (entry.waiting === 0) throw new Error('All members that use these rows have ended.')
      const { X, y, weights } = this.#data
      const [{ member, steps, learner }] = own.plans as [MemberPlan]
      const pipeline = new Pipeline({ steps: [...steps, learner] })
      const travels = work.parallel !== undefined
      const spec = { name: member.name, learner: describeEstimator(pipeline, travels) }
      const columns = columnsOf(X)
      const schema = columns && { names: columns.names, categories: columns.categories }
      const rows = rowsOfFit(this.#data, fold)
      const where = placeOf(fold, this.#data)
      const needs = {
        needsRows: own.plans.some((plan) => !isScaledEstimator(plan.learner)),
        sharing: Array.from(sharingsOf(own).values(), (sharer) =>
          describeEstimator(sharer, travels),
        ),
      }
      const data = { X, schema, y, weights, fold, where, rows }
      const one = callOf({ name: member.name, where }, mapFold, spec, data, needs)
      // Progress counts the fits of members alone.
      const [made] = await makeCalls([one], { ...work, step: () => {} })
      return made!
    } catch (error) {
      this.#giveRoom()
      throw error
    }
  }

  /** Frees rows after the last user, unless its model keeps them. */
  #leave(own: Case, entry: Entry, keeps: boolean): void {
    entry.isKept ||= keeps
    entry.waiting--
    if (entry.waiting > 0 || entry.made === undefined) return
    const free = ({ training: { rows, shared } }: MappedFold): void => {
      for (const [kind, learner] of sharingsOf(own))
        if (shared[kind] !== undefined) rowSharingOf(learner)?.free?.(shared[kind])
      if (!entry.isKept) rows?.[Symbol.dispose]()
      this.#giveRoom()
    }
    // What could not be made has been reported to each user.
    this.#freed.push(entry.made.then(free, () => {}))
  }

  /**
   * Waits until one more copy may exist. Members that learn from one copy keep as many workers busy; one more copy is made while the
   * last of them learn.
   */
  async #takeRoom(): Promise<void> {
    const users = Math.min(...Array.from(this.#cases.values(), ({ plans }) => plans.length))
    const most = Math.min(this.#workers, Math.ceil(this.#workers / users) + 1)
    while (this.#copies >= most) await new Promise<void>((resolve) => this.#queue.push(resolve))
    this.#copies++
  }

  #giveRoom(): void {
    this.#copies--
    this.#queue.shift()?.()
  }
}

/** A learner for each kind of object that members share of mapped rows. */
function sharingsOf({ plans }: Case): Map<string, Estimator> {
  const learners = plans.map(({ learner }) => [rowSharingOf(learner)?.kind, learner] as const)
  return new Map(learners.filter((one): one is [string, Estimator] => one[0] !== undefined))
}

function entryOf(own: Case, fold: number | null): Entry {
  const known = own.entries.get(fold)
  if (known !== undefined) return known
  const entry: Entry = { waiting: own.plans.length, isKept: false, made: undefined }
  own.entries.set(fold, entry)
  return entry
}

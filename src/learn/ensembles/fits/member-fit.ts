/** A member of a layer and the objects that its fits use. */

import { type FoldStatistics, momentsOfFolds } from '../../contract/moments-of-folds.ts'
import type { LayerData } from '../folds/layer-data.ts'
import type { LayerWork } from '../calls/layer-work.ts'
import type { MappedFolds, MappedUse } from '../shared/mapped-folds.ts'
import type { MemberPlan } from '../members/member-plan.ts'
import { type FittedScalers, needsMoments, type ScaledFolds } from '../shared/scaled-folds.ts'
import type { SharedObjects, SharedUse } from '../shared/shared-objects.ts'

/** What fits of a layer need. */
export interface LayerContext {
  readonly data: LayerData
  readonly objects: SharedObjects
  readonly work: LayerWork
}

/** What members of a layer use together. */
export interface LayerObjects {
  readonly objects: SharedObjects
  readonly scaled: ScaledFolds
  readonly mappedFolds: MappedFolds
}

/** A member and the objects that it uses. */
export class MemberFit {
  readonly plan: MemberPlan
  /** The mapped rows that it is fitted on; undefined when it needs none. */
  readonly mapped: MappedUse | undefined
  readonly #shared: SharedUse<unknown> | undefined
  readonly #moments: SharedUse<FoldStatistics> | undefined
  readonly #scaled: ScaledFolds

  /** Says what the member will use; `release` must follow. */
  constructor(plan: MemberPlan, { objects, scaled, mappedFolds }: LayerObjects) {
    this.plan = plan
    this.#scaled = scaled
    const { sharing, scalers, scalersNumber, mappedBy } = plan
    this.mapped = mappedBy && mappedFolds.use(mappedBy, plan)
    if (sharing === undefined) return
    this.#shared = objects.use(sharing, scalersNumber)
    if (needsMoments(scalers)) this.#moments = objects.use(momentsOfFolds, scalersNumber)
  }

  /** The shared object; undefined when the member shares nothing. */
  async shared(): Promise<unknown> {
    return this.#shared?.get(async (fold) => (await this.scalers(fold)).map)
  }

  /** What the scalers before the learner learn on a fold, or on all rows; don't change them. */
  scalers(fold: number | null): Promise<FittedScalers> {
    const { scalers, scalersNumber } = this.plan
    return this.#scaled.fit(scalersNumber, scalers, fold, async () => this.#moments?.get())
  }

  /** Seconds of shared work to charge to one of so many folds. */
  shareOfSeconds(folds: number): number {
    return ((this.#shared?.seconds ?? 0) + (this.#moments?.seconds ?? 0)) / folds
  }

  /** Frees what no other member uses. */
  release(): void {
    this.#shared?.release()
    this.#moments?.release()
    this.mapped?.release()
  }

  /** Milliseconds of work so far on the objects that it uses. */
  get sharedMilliseconds(): number {
    return (this.#shared?.milliseconds ?? 0) + (this.#moments?.milliseconds ?? 0)
  }
}

/** Why an object that a member shares could not be made; the cause is about the data, so it may name no learner. */
export class SharedFailure extends Error {}

export async function makeShared(fit: MemberFit): Promise<unknown> {
  try {
    return await fit.shared()
  } catch (cause) {
    throw new SharedFailure('The shared object could not be made.', { cause })
  }
}

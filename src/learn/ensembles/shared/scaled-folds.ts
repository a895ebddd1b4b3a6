/** What the scalers before members learn on each fold. */

import { allRows } from '../../../arrays/internal.ts'
import { clone, learnedState, restore } from '../../contract/estimator.ts'
import {
  type AffineTransformer,
  type ColumnScaling,
  isAffineTransformer,
} from '../../contract/moments-estimator.ts'
import type { FoldStatistics } from '../../contract/moments-of-folds.ts'
import { type AffineMap, composeMaps } from '../../statistics/column-maps.ts'
import type { Moments } from '../../statistics/moments.ts'
import type { LayerData } from '../folds/layer-data.ts'

/** Fitted scalers, and what they do to the columns. */
export interface FittedScalers {
  readonly steps: readonly ColumnScaling[]
  /** The maps of the steps in their order. */
  readonly maps: readonly AffineMap[]
  /** All maps as one; undefined without scalers. */
  readonly map: AffineMap | undefined
}

/** The same scalers of some members: those of each fold are fitted once. */
export class ScaledFolds {
  readonly #data: LayerData
  readonly #fitted = new Map<string, Promise<FittedScalers>>()

  constructor(data: LayerData) {
    this.#data = data
  }

  /**
   * Scalers fitted on a fold's training rows, or on all rows for null.
   *
   * @param number - the same for the same scalers
   * @param statistics - asked for when a scaler learns from moments
   */
  fit(
    number: number,
    scalers: readonly ColumnScaling[],
    fold: number | null,
    statistics: () => Promise<FoldStatistics | undefined>,
  ): Promise<FittedScalers> {
    const key = `${number} ${fold}`
    const made = this.#fitted.get(key) ?? this.#fit(scalers, fold, statistics)
    this.#fitted.set(key, made)
    return made
  }

  async #fit(
    scalers: readonly ColumnScaling[],
    fold: number | null,
    statistics: () => Promise<FoldStatistics | undefined>,
  ): Promise<FittedScalers> {
    const steps: ColumnScaling[] = []
    const maps: AffineMap[] = []
    let moments: Moments | undefined
    for (const scaler of scalers) {
      const fitted = clone(scaler)
      if (isAffineTransformer(fitted)) {
        const all = maps.length === 0 ? undefined : maps.at(-1)!
        const before = moments ?? momentsOf(await statistics(), fold)
        moments = all === undefined ? before : before.affine(all)
        fitted.fitMoments(moments)
      } else await this.#fitOnRows(fitted, fold)
      steps.push(fitted)
      maps.push(fitted.affine())
    }
    return { steps, maps, map: maps.length === 0 ? undefined : maps.reduce(composeMaps) }
  }

  /** Fits the first scaler on raw rows, which it reads in place. */
  async #fitOnRows(scaler: ColumnScaling, fold: number | null): Promise<void> {
    const { X, y, folds, weights } = this.#data
    const rows = fold === null ? allRows(X.shape[0]!) : folds[fold]!.train
    await scaler.fit(X, y, { rows, ...(weights && { weights }) })
  }
}

/** Copies fitted scalers for one member, so that members don't share them. */
export function copyScalers(steps: readonly ColumnScaling[]): ColumnScaling[] {
  return steps.map((step) => restore(clone(step), learnedState(step)))
}

/** Whether a scaler learns from moments. */
export function needsMoments(scalers: readonly ColumnScaling[]): boolean {
  return scalers.some((step): step is AffineTransformer => isAffineTransformer(step))
}

function momentsOf(statistics: FoldStatistics | undefined, fold: number | null): Moments {
  return statistics!.momentsOf(fold)
}

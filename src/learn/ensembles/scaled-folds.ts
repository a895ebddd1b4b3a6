/** What the scalers before a member learn on each fold. */

import { clone } from '../contract/estimator.ts'
import type { AffineTransformer } from '../contract/moments-estimator.ts'
import type { FoldStatistics } from '../contract/moments-of-folds.ts'
import { type AffineMap, composeMaps } from '../statistics/column-maps.ts'
import type { Moments } from '../statistics/moments.ts'

/** Fitted scalers, and what they do to the columns. */
export interface FittedScalers {
  readonly steps: readonly AffineTransformer[]
  /** The maps of the steps in their order. */
  readonly maps: readonly AffineMap[]
  /** All maps as one; undefined without scalers. */
  readonly map: AffineMap | undefined
}

/** Fits scalers one after the other on the moments of a fold's training rows, or of all rows for null. */
export function fitScalers(
  scalers: readonly AffineTransformer[],
  statistics: FoldStatistics | undefined,
  fold: number | null,
): FittedScalers {
  if (scalers.length === 0 || statistics === undefined)
    return { steps: [], maps: [], map: undefined }
  let moments: Moments = statistics.moments[fold ?? statistics.moments.length - 1]!
  const steps: AffineTransformer[] = []
  const maps: AffineMap[] = []
  for (const scaler of scalers) {
    const fitted = clone(scaler).fitMoments(moments)
    steps.push(fitted)
    maps.push(fitted.affine())
    if (steps.length < scalers.length) moments = moments.affine(maps.at(-1)!)
  }
  return { steps, maps, map: maps.reduce(composeMaps) }
}

/** Statistics of every fold's training rows, read once for all learners. */

import type { NDArray } from '../../arrays/index.ts'
import type { Fold } from '../selection/folds.ts'
import { Moments } from '../statistics/moments.ts'
import { QrFactor } from '../statistics/qr-factor.ts'

/** Checked inputs of a layer. */
export interface LayerData {
  readonly X: NDArray
  readonly y: NDArray
  readonly folds: readonly Fold[]
  readonly weights: Float64Array | NDArray | undefined
}

/** Moments of what each fold learns from and of all rows; triangular factors when asked for. */
export class FoldStatistics {
  /** Moments of the training rows of each fold, and of all rows last. */
  readonly moments: readonly Moments[]
  /** Seconds that the pass over the data took. */
  readonly seconds: number
  readonly #data: LayerData
  #factors: Promise<readonly QrFactor[]> | undefined

  private constructor(moments: readonly Moments[], seconds: number, data: LayerData) {
    this.moments = moments
    this.seconds = seconds
    this.#data = data
  }

  /** Reads the moments of all folds in one pass over the data. */
  static async read(data: LayerData): Promise<FoldStatistics> {
    const start = performance.now()
    const parts = await Moments.compute(data.X, data.y, testGroups(data))
    const moments = [...Moments.mergeOthers(parts), Moments.merge(parts)]
    return new FoldStatistics(moments, (performance.now() - start) / 1000, data)
  }

  /**
   * Factors of the same rows as `moments`, from one more pass over the data that happens only when
   * some learner needs it.
   */
  factors(): Promise<readonly QrFactor[]> {
    return (this.#factors ??= readFactors(this.#data))
  }
}

async function readFactors(data: LayerData): Promise<readonly QrFactor[]> {
  const parts = await QrFactor.compute(data.X, data.y, testGroups(data))
  const all = parts.reduce((merged, part) => merged.merge(part))
  return [...QrFactor.mergeOthers(parts), all]
}

function testGroups({ folds, weights }: LayerData): {
  groups: Fold['test'][]
  weights: LayerData['weights']
} {
  return { groups: folds.map(({ test }) => test), weights }
}

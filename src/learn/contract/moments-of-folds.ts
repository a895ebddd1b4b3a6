/** Statistics of every fold's training rows, read once for all learners. */

import { allRows } from '../../arrays/internal.ts'
import { hasLostDigits } from '../statistics/lost-digits.ts'
import { mergeAll } from '../statistics/merge-statistics.ts'
import { type AffineMap, Moments } from '../statistics/moments.ts'
import { QrFactor } from '../statistics/qr-factor.ts'
import type { ReadOptions } from '../statistics/read-moments.ts'
import type { FoldData, FoldFit, FoldSharing } from './fold-sharing.ts'
import { fitStatistics, type MomentsEstimator, type TrainingRows } from './moments-estimator.ts'

/** Moments of each fold's training rows and of all rows; triangular factors on demand. */
export class FoldStatistics {
  /** Moments of the training rows of each fold, and of all rows last. */
  readonly moments: readonly Moments[]
  readonly #data: FoldData
  /** Numbers of the moments that were read separately, because merged ones had lost digits. */
  readonly #readAlone: ReadonlySet<number>
  #merged: Promise<readonly QrFactor[]> | undefined
  readonly #factors = new Map<number, Promise<QrFactor>>()

  private constructor(data: FoldData, moments: readonly Moments[], readAlone: ReadonlySet<number>) {
    this.#data = data
    this.moments = moments
    this.#readAlone = readAlone
  }

  /**
   * Reads the moments of all folds in one pass over the data. A fold is read again by itself when
   * a column of its training rows lies many of its standard deviations from the other rows.
   */
  static async read(data: FoldData): Promise<FoldStatistics> {
    const parts = await Moments.compute(data.X, data.y, testGroups(data))
    const moments = [...Moments.mergeOthers(parts), Moments.merge(parts)]
    const lost = [...moments.keys()].filter((k) => hasLostDigits(moments[k]!))
    for (const k of lost) {
      const [alone] = await Moments.compute(data.X, data.y, trainingGroup(data, k))
      moments[k] = alone!
    }
    return new FoldStatistics(data, moments, new Set(lost))
  }

  /** Fits an estimator on the statistics of a fold's training rows, or of all rows. */
  fit<E extends MomentsEstimator>(estimator: E, { fold, map }: FoldFit): Promise<E> {
    const k = this.#numberOf(fold)
    const moments = this.moments[k]!
    return fitStatistics(
      estimator,
      map === undefined ? moments : moments.affine(map),
      async () => {
        const factor = await this.#factor(k)
        return map === undefined ? factor : factor.affine(map)
      },
      () => this.#rows(k, map),
    )
  }

  /** Moments of a fold's training rows, or of all rows for null. */
  momentsOf(fold: number | null): Moments {
    return this.moments[this.#numberOf(fold)]!
  }

  #numberOf(fold: number | null): number {
    return fold ?? this.#data.folds.length
  }

  /** The rows that `moments[k]` were read from. */
  #rows(k: number, map: AffineMap | undefined): TrainingRows {
    const { X, y } = this.#data
    return { X, y, read: trainingGroup(this.#data, k), map }
  }

  /** The factor of these rows. The first call reads those of all folds in one more pass over the data. */
  #factor(k: number): Promise<QrFactor> {
    const made = this.#factors.get(k) ?? this.#data.timed(() => this.#readFactor(k))
    this.#factors.set(k, made)
    return made
  }

  async #readFactor(k: number): Promise<QrFactor> {
    const { X, y } = this.#data
    if (this.#readAlone.has(k)) {
      const about = this.moments[k]!.mean
      return (await QrFactor.compute(X, y, trainingGroup(this.#data, k), about))[0]!
    }
    return (await (this.#merged ??= readMergedFactors(this.#data)))[k]!
  }
}

/** The sharing of learners that learn from moments. */
export const momentsOfFolds: FoldSharing<FoldStatistics> = {
  kind: 'onecopy/moments-of-folds',
  inThread: true,
  scaling: 'mapped',
  make: (data) => FoldStatistics.read(data),
}

async function readMergedFactors(data: FoldData): Promise<readonly QrFactor[]> {
  const parts = await QrFactor.compute(data.X, data.y, testGroups(data))
  return [...QrFactor.mergeOthers(parts), mergeAll(parts)]
}

function testGroups({ folds, weights }: FoldData): ReadOptions {
  return { groups: folds.map(({ test }) => test), weights }
}

/** The rows that fold k learns from; all rows for the number after the last fold. */
function trainingGroup({ X, folds, weights }: FoldData, k: number): ReadOptions {
  return { groups: [folds[k]?.train ?? allRows(X.shape[0]!)], weights }
}

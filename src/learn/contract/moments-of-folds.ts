/** Statistics of every fold's training rows, read once for all learners. */

import { allRows } from '../../arrays/internal.ts'
import { hasLostDigits } from '../statistics/lost-digits.ts'
import { mergeAll, type Mergeable, PartMerges } from '../statistics/merge-statistics.ts'
import { type AffineMap, Moments } from '../statistics/moments.ts'
import { QrFactor } from '../statistics/qr-factor.ts'
import type { ReadOptions } from '../statistics/read-moments.ts'
import type { FoldData, FoldFit, FoldSharing } from './fold-sharing.ts'
import { fitStatistics, type MomentsEstimator, type TrainingRows } from './moments-estimator.ts'
import type { TrainingParts } from '../row-parts/training-parts.ts'

/** Moments of each fold's training rows and of all rows; triangular factors on demand. */
export class FoldStatistics {
  /** Moments of the training rows of each fold, then of all rows where a model is fitted on them. */
  readonly moments: readonly Moments[]
  readonly #data: FoldData
  /** Numbers of the moments that were read separately, because merged ones had lost digits. */
  readonly #readAlone: ReadonlySet<number>
  #factorOf: Promise<(k: number) => QrFactor> | undefined
  readonly #factors = new Map<number, Promise<QrFactor>>()

  private constructor(data: FoldData, moments: readonly Moments[], readAlone: ReadonlySet<number>) {
    this.#data = data
    this.moments = moments
    this.#readAlone = readAlone
  }

  /**
   * Reads the moments of all folds in one pass over the data, part by part. A fold is read again by itself when
   * a column of its training rows lies many of its standard deviations from the other rows; so is each fold when there are
   * too many parts.
   */
  static async read(data: FoldData): Promise<FoldStatistics> {
    const { X, y, folds, fitsAll, parts } = data
    const numbers = [...folds.keys(), ...(fitsAll ? [folds.length] : [])]
    let moments: (Moments | undefined)[] = numbers.map(() => undefined)
    if (parts !== undefined) {
      const mergedOf = mergesOf(await Moments.compute(X, y, partGroups(data, parts)), data, parts)
      moments = numbers.map(mergedOf)
    }
    const lost = numbers.filter((k) => {
      const merged = moments[k]
      return merged === undefined || hasLostDigits(merged)
    })
    for (const k of lost) {
      const [alone] = await Moments.compute(X, y, trainingGroup(data, k))
      moments[k] = alone!
    }
    return new FoldStatistics(data, moments as Moments[], new Set(lost))
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

  /** The factor of these rows. The first call reads those of all parts in one more pass over the data. */
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
    return (await (this.#factorOf ??= readPartFactors(this.#data)))(k)
  }
}

/** The sharing of learners that learn from moments. */
export const momentsOfFolds: FoldSharing<FoldStatistics> = {
  kind: 'onecopy/moments-of-folds',
  inThread: true,
  scaling: 'mapped',
  make: (data) => FoldStatistics.read(data),
}

async function readPartFactors(data: FoldData): Promise<(k: number) => QrFactor> {
  const parts = data.parts!
  return mergesOf(await QrFactor.compute(data.X, data.y, partGroups(data, parts)), data, parts)
}

/** Merges statistics of parts for a fold, or of all parts for the number after the last fold. */
function mergesOf<T extends Mergeable<T>>(
  read: readonly T[],
  { folds }: FoldData,
  parts: TrainingParts,
): (k: number) => T {
  const merges = new PartMerges(read)
  return (k) => (k === folds.length ? mergeAll(read) : merges.of(parts.learnedBy(k)))
}

/** The parts that some model learns from. */
function partGroups({ fitsAll, weights }: FoldData, { rows, learned }: TrainingParts): ReadOptions {
  return { groups: fitsAll ? rows : rows.slice(0, learned), weights }
}

/** The rows that fold k learns from; all rows for the number after the last fold. */
function trainingGroup({ X, folds, weights }: FoldData, k: number): ReadOptions {
  return { groups: [folds[k]?.train ?? allRows(X.shape[0]!)], weights }
}

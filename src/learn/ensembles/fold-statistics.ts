/** Statistics of every fold's training rows, read once for all learners. */

import type { NDArray } from '../../arrays/index.ts'
import { allRows } from '../../arrays/internal.ts'
import type { Fold } from '../selection/folds.ts'
import type { TrainingRows } from '../contract/moments-estimator.ts'
import { hasLostDigits } from '../statistics/lost-digits.ts'
import { mergeAll } from '../statistics/merge-statistics.ts'
import { type AffineMap, Moments } from '../statistics/moments.ts'
import { QrFactor } from '../statistics/qr-factor.ts'
import type { ReadOptions } from '../statistics/read-moments.ts'

/** Checked inputs of a layer. */
export interface LayerData {
  readonly X: NDArray
  readonly y: NDArray
  readonly folds: readonly Fold[]
  readonly weights: Float64Array | undefined
}

/** Moments of each fold's training rows and of all rows; triangular factors on demand. */
export class FoldStatistics {
  /** Moments of the training rows of each fold, and of all rows last. */
  readonly moments: readonly Moments[]
  readonly #data: LayerData
  /** Numbers of the moments that were read separately, because merged ones had lost digits. */
  readonly #readAlone: ReadonlySet<number>
  #milliseconds: number
  #merged: Promise<readonly QrFactor[]> | undefined
  readonly #factors = new Map<number, Promise<QrFactor>>()

  private constructor(
    data: LayerData,
    moments: readonly Moments[],
    readAlone: ReadonlySet<number>,
  ) {
    this.#data = data
    this.moments = moments
    this.#readAlone = readAlone
    this.#milliseconds = 0
  }

  /**
   * Reads the moments of all folds in one pass over the data. A fold is read again by itself when
   * a column of its training rows lies many of its standard deviations from the other rows.
   */
  static async read(data: LayerData): Promise<FoldStatistics> {
    const start = performance.now()
    const parts = await Moments.compute(data.X, data.y, testGroups(data))
    const moments = [...Moments.mergeOthers(parts), Moments.merge(parts)]
    const lost = [...moments.keys()].filter((k) => hasLostDigits(moments[k]!))
    for (const k of lost) {
      const [alone] = await Moments.compute(data.X, data.y, trainingGroup(data, k))
      moments[k] = alone!
    }
    const statistics = new FoldStatistics(data, moments, new Set(lost))
    statistics.#milliseconds = performance.now() - start
    return statistics
  }

  /** Seconds of all passes over the data so far. */
  get seconds(): number {
    return this.#milliseconds / 1000
  }

  /** The rows that `moments[k]` were read from. */
  rows(k: number, map: AffineMap | undefined): TrainingRows {
    const { X, y } = this.#data
    return { X, y, read: trainingGroup(this.#data, k), map }
  }

  /**
   * The factor of the rows of `moments[k]`. The first call reads those of all folds in one more pass
   * over the data.
   */
  factor(k: number): Promise<QrFactor> {
    const made = this.#factors.get(k) ?? this.#timed(() => this.#readFactor(k))
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

  async #timed<T>(work: () => Promise<T>): Promise<T> {
    const start = performance.now()
    const result = await work()
    this.#milliseconds += performance.now() - start
    return result
  }
}

async function readMergedFactors(data: LayerData): Promise<readonly QrFactor[]> {
  const parts = await QrFactor.compute(data.X, data.y, testGroups(data))
  return [...QrFactor.mergeOthers(parts), mergeAll(parts)]
}

function testGroups({ folds, weights }: LayerData): ReadOptions {
  return { groups: folds.map(({ test }) => test), weights }
}

/** The rows that fold k learns from; all rows for the number after the last fold. */
function trainingGroup({ X, folds, weights }: LayerData, k: number): ReadOptions {
  return { groups: [folds[k]?.train ?? allRows(X.shape[0]!)], weights }
}

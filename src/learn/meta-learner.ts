/** Fits the meta learner on out-of-fold predictions, and scores the ensemble. */

import { type NDArray, zeros } from '../arrays/index.ts'
import { clone, type Estimator } from './estimator.ts'
import { FoldStatistics, type LayerData } from './fold-statistics.ts'
import { secondsSince } from './layer-tasks.ts'
import { fitStatistics, isMomentsEstimator } from './moments-estimator.ts'
import type { Scorer } from './metrics.ts'
import { type ScoreRow, scoreRow } from './score-table.ts'

/** A fitted meta learner and the ensemble's score. */
export interface FittedMeta {
  readonly meta: Estimator
  readonly row: ScoreRow
}

/**
 * Fits the meta learner on all rows of `Z`, and once more without each fold to score the ensemble
 * there. It never predicts rows that it has learned from.
 *
 * @param data - `X` is `Z`, the out-of-fold predictions, shape (n, L)
 */
export async function fitMeta(
  meta: Estimator,
  data: LayerData,
  scorer: Scorer,
): Promise<FittedMeta> {
  const fit = isMomentsEstimator(meta) ? await fitByMoments(meta, data) : fitByRows(meta, data)
  const predicted = zeros('float64', [data.X.shape[0]!])
  const scores: number[] = []
  const fitSeconds: number[] = []
  const predictSeconds: number[] = []
  for (const [k, { test }] of data.folds.entries()) {
    const start = performance.now()
    const model = await fit(k)
    fitSeconds.push(secondsSince(start))
    const again = performance.now()
    await model.predict(data.X, { rows: test, out: predicted })
    predictSeconds.push(secondsSince(again))
    scores.push(scoreFold(scorer, data, k, predicted))
  }
  const row = scoreRow('ensemble', scores, fitSeconds, predictSeconds)
  return { meta: await fit(data.folds.length), row }
}

/** Scores the predictions of one fold's rows. */
export function scoreFold(
  scorer: Scorer,
  { y, folds, weights }: LayerData,
  fold: number,
  predicted: NDArray,
): number {
  const rows = folds[fold]!.test
  return scorer(y, predicted, weights === undefined ? { rows } : { rows, weights })
}

/** Fits without fold `k`, or on all rows when `k` is the number of folds. */
type FitWithout = (k: number) => Promise<Estimator>

async function fitByMoments(
  meta: Estimator & Parameters<typeof fitStatistics>[0],
  data: LayerData,
): Promise<FitWithout> {
  const statistics = await FoldStatistics.read(data)
  return (k) =>
    fitStatistics(clone(meta), statistics.moments[k]!, async () => (await statistics.factors())[k]!)
}

function fitByRows(meta: Estimator, { X, y, folds, weights }: LayerData): FitWithout {
  return (k) => {
    const fold = folds[k]
    return clone(meta).fit(X, y, {
      ...(fold === undefined ? {} : { rows: fold.train }),
      ...(weights === undefined ? {} : { weights }),
    })
  }
}

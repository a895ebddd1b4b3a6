/** Fits the meta learner on out-of-fold predictions, and scores the ensemble. */

import { countRows, type NDArray } from '../../arrays/index.ts'
import { show } from '../../errors.ts'
import type { Estimator } from '../contract/estimator.ts'
import { partitionOf } from './folds/layer-folds.ts'
import type { LayerData } from './layer-data.ts'
import { fitLayer } from './layer.ts'
import type { LayerWork } from './layer-work.ts'
import type { EnsembleMember } from './ensemble-member.ts'
import type { Scorer } from '../scores/scorer.ts'
import { type ScoreRow, scoreRow } from '../selection/score-table.ts'

/** A fitted meta learner and the ensemble's score. */
export interface FittedMeta {
  readonly meta: Estimator
  readonly row: ScoreRow
}

/** The meta learner as the one member of a layer. */
export function metaMember(learner: Estimator): EnsembleMember {
  return { name: 'meta', learner, preprocess: [] }
}

/**
 * Fits the meta learner on all rows of `Z`, and once without each fold to score the ensemble
 * on it. It never predicts rows that it has learned from.
 *
 * @param data - `X` is `Z`, the out-of-fold predictions, shape (n, L)
 */
export async function fitMeta(
  member: EnsembleMember,
  data: LayerData,
  work: LayerWork,
  scorer: Scorer,
): Promise<FittedMeta> {
  const { members, outOfFold } = await fitLayer([member], data, work, 'stop')
  const { learner, fitSeconds, predictSeconds } = members[0]!
  const scores = scoreFolds(scorer, data, outOfFold.column(0))
  outOfFold[Symbol.dispose]()
  return { meta: learner, row: scoreRow('ensemble', scores, fitSeconds, predictSeconds) }
}

/**
 * Scores the predictions of the rows of each fold of a partition.
 *
 * @throws TypeError when a custom scorer doesn't return a number
 */
export function scoreFolds(
  scorer: Scorer,
  { y, folds, splits, weights }: LayerData,
  predicted: NDArray,
  partition = 0,
): number[] {
  const own = [...folds.entries()].filter(
    ([k, fold]) => k < splits && partitionOf(fold) === partition,
  )
  return own.map(([fold, { test: rows }]) => {
    const score: unknown = scorer(
      y,
      predicted,
      weights === undefined ? { rows } : { rows, weights },
    )
    if (typeof score === 'number' && !Number.isNaN(score)) return score
    throw new TypeError(
      `Expected the scorer ${scorer.name} to return a number for fold ${fold}, got ${show(score)}.` +
        (countRows(rows) === 1
          ? ' This fold holds a single row. Use fewer folds, or another scorer.'
          : ''),
    )
  })
}

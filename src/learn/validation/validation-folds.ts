/** Folds as fits of a layer that are scored one by one. */

import type { Rows } from '../../arrays/index.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { RowBits, uniteRows } from '../row-parts/row-bits.ts'
import { type LayerFolds, planFits } from '../ensembles/folds/layer-folds.ts'

/**
 * Plans fits of folds alone, without a model of all rows. Folds whose test rows overlap predict into columns of their own, so that
 * each is scored on its own predictions.
 *
 * @param splits - checked folds
 * @param keepsModels - whether the model of each fold is kept: then each fold has columns of its own
 */
export function planValidation(
  splits: readonly Fold[],
  n: number,
  keepsModels: boolean,
): LayerFolds {
  const partitions = keepsModels ? [...splits.keys()] : roundsOf(splits, n)
  const folds = splits.map((fold, k): Fold => ({
    test: fold.test,
    // Listed on each access, as in the fold itself.
    get train(): Rows {
      return fold.train
    },
    partition: partitions[k]!,
  }))
  const planned = planFits(folds, n)
  const count = 1 + Math.max(...partitions)
  return {
    ...planned,
    folds,
    // A layer has a model for each partition: that of a fold needs no other fit.
    finals: Array.from({ length: count }, (_, partition) => partitions.indexOf(partition)),
    keepsModels,
    fitsAll: false,
    rows: uniteRows(
      folds.map(({ train }) => train),
      n,
    ),
  }
}

/** The number of each fold's round: in a round no row is tested twice. */
function roundsOf(splits: readonly Fold[], n: number): number[] {
  let taken = new RowBits(n)
  let round = 0
  return splits.map(({ test }) => {
    if (taken.add(test) > 0) {
      taken = new RowBits(n)
      taken.add(test)
      round++
    }
    return round
  })
}

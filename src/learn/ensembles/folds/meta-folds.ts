/** Folds of the rows that have predictions, for a meta learner. */

import { countRows, rowRanges, type Rows, toRowNumbers } from '../../../arrays/index.ts'
import { rowNumbers } from '../../../arrays/internal.ts'
import type { Fold } from '../../contract/fold-sharing.ts'
import type { RowLabels } from '../../contract/splitter.ts'
import { RowBits, uniteRows } from '../../row-parts/row-bits.ts'
import { requireFolds } from '../../splits/require-folds.ts'
import { readGroups, takeGroups } from '../../splits/read-groups.ts'
import { shuffledFolds } from './shuffled-folds.ts'
import { inOrderOf } from './split-layer.ts'
import { areSameRows, type LayerFolds, planFits } from './layer-folds.ts'

/** What the rows of a layer have beside their folds. */
interface MetaRows {
  readonly n: number
  readonly weights: Float64Array | undefined
  /** Seed of a shuffle. */
  readonly seed: number
  /** The order that rows were given in; default: ascending. */
  readonly order?: Rows | undefined
  /** The group of each of the n rows, whose rows are in one fold; default: none. */
  readonly groups?: RowLabels | undefined
}

/** How many folds rows are split into when those of the layer can't serve. */
const ownFolds = 5

/**
 * Plans the fits of a meta learner, which learns from rows with predictions. It is scored on the folds of its layer: on the rows
 * that a fold holds out, by a model of the rows with predictions that the fold learns from. Partitions that hold out the same rows are one
 * fold. Where no fold learns from rows with predictions, as when one part of the rows is held out, those rows are split
 * into shuffled folds, which keep rows of a group together.
 */
export function planMetaFits(layer: LayerFolds, rows: MetaRows): LayerFolds {
  const { folds, splits, partitions, predicted } = layer
  const { n, weights, order } = rows
  if (partitions === 1 && countRows(predicted) === n) return planFits(folds.slice(0, splits), n)
  const among = keepAmong(predicted, n)
  const predicting = folds.slice(0, splits)
  const own = (partitions === 1 ? predicting : joinPartitions(predicting, n))
    .map(({ test, train }) => ({ test: among(test), train: among(train) }))
    .filter(({ test, train }) => [test, train].every((side) => hasWeight(side, weights)))
  const split = (): Fold[] => splitPredicted(toRowNumbers(inOrderOf(order, predicted, n)), rows)
  return planFits(own.length > 0 ? own : split(), n, predicted)
}

/** Folds of all partitions that hold out the same rows as one, which learns from what any of them learns from. */
function joinPartitions(folds: readonly Fold[], n: number): Fold[] {
  const joined: { test: Rows; trains: Rows[] }[] = []
  for (const { test, train } of folds) {
    const known = joined.find((one) => areSameRows(one.test, test))
    if (known === undefined) joined.push({ test, trains: [train] })
    else known.trains.push(train)
  }
  return joined.map(({ test, trains }) => {
    const train = trains.length === 1 ? trains[0]! : uniteRows(trains, n)
    return { test, train }
  })
}

/** Keeps of some rows those that are among others. */
function keepAmong(chosen: Rows, n: number): (rows: Rows) => Rows {
  const bits = new RowBits(n)
  bits.add(chosen)
  return (rows) => {
    if ('ranges' in rows && 'ranges' in chosen) return commonRanges(rows.ranges, chosen.ranges)
    return rowNumbers(toRowNumbers(rows).filter((row) => bits.has(row)))
  }
}

type Ranges = readonly (readonly [number, number])[]

function commonRanges(some: Ranges, others: Ranges): Rows {
  const common: [number, number][] = []
  for (const [from, to] of some)
    for (const [start, stop] of others) {
      const [low, high] = [Math.max(from, start), Math.min(to, stop)]
      if (low < high) common.push([low, high])
    }
  return rowRanges(common)
}

function hasWeight(rows: Rows, weights: Float64Array | undefined): boolean {
  if (weights === undefined) return countRows(rows) > 0
  return toRowNumbers(rows).some((row) => weights[row]! > 0)
}

function splitPredicted(numbers: Int32Array, { n, seed, groups: all }: MetaRows): Fold[] {
  const { length: count } = numbers
  const groups = all && takeGroups(all, n, numbers)
  const units = groups === undefined ? count : readGroups('GroupKFold', count, groups).labels.length
  const folds = Math.min(ownFolds, units)
  if (folds < 2) return []
  const at = (positions: Rows): Rows =>
    rowNumbers(
      toRowNumbers(positions)
        .map((position) => numbers[position]!)
        .sort(),
    )
  const splitter = shuffledFolds(folds, seed, 'regression', groups)
  return requireFolds(splitter, count, { groups }).map(({ test, train }) => ({
    test: at(test),
    train: at(train),
  }))
}

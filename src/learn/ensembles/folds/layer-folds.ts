/** The fits of a layer: folds that predict, and final models. */

import { countRows, rowRanges, type Rows } from '../../../arrays/index.ts'
import { allRows } from '../../../arrays/internal.ts'
import type { Fold } from '../../contract/fold-sharing.ts'
import { RowBits, uniteRows } from '../../row-parts/row-bits.ts'

/** Which rows the models of a layer learn from, and which they predict. */
export interface LayerFolds {
  /** The folds that predict, then final models of other rows, which hold nothing out. */
  readonly folds: readonly Fold[]
  /** How many of `folds` predict. */
  readonly splits: number
  /** How many partitions there are: each learner has a final model and predictions for each of them. */
  readonly partitions: number
  /** For each partition the number in `folds` of its final model; null for a model of all rows. */
  readonly finals: readonly (number | null)[]
  /** Whether final models are used when the layer has been fitted; otherwise they may be unfitted, or need what folds share. Default: true. */
  readonly keepsModels?: boolean
  /** Whether the models of all folds that predict are kept, as `bag` of each member that is fitted by calls. Default: false. */
  readonly keepsFolds?: boolean
  /** Whether a model of all rows is among them. */
  readonly fitsAll: boolean
  /** The rows that some model learns from, ascending. */
  readonly rows: Rows
  /** Rows with a prediction of each partition, ascending. */
  readonly predicted: Rows
  /** Numbers of the folds that predict, in order: in a round no row is predicted twice in a partition. */
  readonly rounds: readonly (readonly number[])[]
}

/**
 * Plans the fits of a layer.
 *
 * @param splits - checked folds; rows ascend
 * @param refit - rows that final models learn from; default: all, and with partitions those that some fold of the partition
 *   learns from
 */
export function planFits(splits: readonly Fold[], n: number, refit?: Rows): LayerFolds {
  const partitions = 1 + splits.reduce((most, { partition = 0 }) => Math.max(most, partition), 0)
  const folds = [...splits]
  const finals = Array.from({ length: partitions }, (_, partition) => {
    const own = splits.filter((fold) => partitionOf(fold) === partition)
    const rows =
      partitions === 1
        ? (refit ?? allRows(n))
        : uniteRows(
            own.map(({ train }) => train),
            n,
          )
    return placeFinal(folds, rows, { n, partition })
  })
  const fitsAll = finals.includes(null)
  const trains = (): Rows[] => folds.map(({ train }) => train)
  return {
    folds,
    splits: splits.length,
    partitions,
    finals,
    fitsAll,
    rows: fitsAll ? allRows(n) : uniteRows(trains(), n),
    ...findRounds(splits, n, partitions),
  }
}

/** The partition of a fold. */
export function partitionOf({ partition = 0 }: Fold): number {
  return partition
}

/** The folds of a partition that predict, by their numbers. */
export function foldsOf({ folds, splits }: LayerFolds, partition: number): Map<number, Fold> {
  const own = [...folds.entries()].filter(
    ([k, fold]) => k < splits && partitionOf(fold) === partition,
  )
  return new Map(own)
}

/** Numbers of all fits: of the folds, then null where a model of all rows is fitted. */
export function fitsOf({ folds, fitsAll }: LayerFolds): (number | null)[] {
  return [...folds.keys(), ...(fitsAll ? [null] : [])]
}

/** What a fit learns from, for error texts. */
export function placeOf(fold: number | null, { splits, partitions, folds }: LayerFolds): string {
  if (fold === null) return 'all rows'
  if (fold < splits) return `fold ${fold}`
  return partitions === 1 ? 'the rows of its final model' : `partition ${folds[fold]!.partition}`
}

/** The fit of some rows: one of all rows, that of a fold with the same rows, or one more. */
function placeFinal(
  folds: Fold[],
  rows: Rows,
  { n, partition }: { readonly n: number; readonly partition: number },
): number | null {
  if (countRows(rows) === n) return null
  const known = folds.findIndex(
    (fold) => partitionOf(fold) === partition && areSameRows(fold.train, rows),
  )
  if (known !== -1) return known
  return folds.push({ test: rowRanges([]), train: rows, partition }) - 1
}

/** Whether lists hold the same rows in the same form. */
export function areSameRows(a: Rows, b: Rows): boolean {
  if (a === b) return true
  if ('numbers' in a)
    return (
      'numbers' in b &&
      a.numbers.length === b.numbers.length &&
      a.numbers.every((row, i) => row === b.numbers[i])
    )
  if ('numbers' in b || a.ranges.length !== b.ranges.length) return false
  return a.ranges.every(([start, stop], i) => {
    const [from, to] = b.ranges[i]!
    return start === from && stop === to
  })
}

/** Parts folds into rounds, and finds the rows that all partitions predict. */
function findRounds(
  splits: readonly Fold[],
  n: number,
  partitions: number,
): Pick<LayerFolds, 'rounds' | 'predicted'> {
  const rounds: number[][] = [[]]
  const empty = (): RowBits[] => Array.from({ length: partitions }, () => new RowBits(n))
  const ever = empty()
  let held = empty()
  for (const [k, fold] of splits.entries()) {
    const own = partitionOf(fold)
    if (held[own]!.add(fold.test) > 0) {
      held = empty()
      held[own]!.add(fold.test)
      rounds.push([])
    }
    ever[own]!.add(fold.test)
    rounds.at(-1)!.push(k)
  }
  const [all, ...others] = ever
  for (const one of others) all!.keepOnly(one)
  return { rounds, predicted: all!.count === n ? allRows(n) : all!.rows() }
}

/** Folds of an automatic ensemble, and rows that no learner sees. */

import { countRows, type NDArray, type Rows, toRowNumbers } from '../../arrays/index.ts'
import { allRows, rowNumbers } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import type { RowLabels, Splitter } from '../contract/splitter.ts'
import { requireWeighedFolds } from '../ensembles/folds/layer-data.ts'
import type { LayerFolds } from '../ensembles/folds/layer-folds.ts'
import { splitLayer } from '../ensembles/folds/split-layer.ts'
import { takeRows } from '../inputs/take-rows.ts'
import type { FoldScores } from '../outputs/fold-scores.ts'
import type { StackTarget } from '../outputs/stack-target.ts'
import { GroupKFold } from '../splits/group-k-fold.ts'
import { readGroups, takeGroups } from '../splits/read-groups.ts'
import { ShuffleSplit } from '../splits/shuffle-split.ts'
import { StratifiedGroupKFold } from '../splits/stratified-group-k-fold.ts'
import type { PresetNumbers } from './presets.ts'

/** How the rows of a fit are used. */
export interface RowPlan {
  /** All rows that are learned from, or set aside, in their order. */
  readonly rows: Rows
  /** Folds, and final models of all rows that learners may see. */
  readonly refit: LayerFolds
  /** The same folds, whose models are the final ones. */
  readonly bag: LayerFolds
  /** Rows that no learner sees, by which layers are compared; undefined: none. */
  readonly heldOut: Rows | undefined
  /** Whether forests may predict each row by the trees that have not drawn it, in place of folds. */
  readonly allowsOutOfBag: boolean
}

/** What rows are split by. */
export interface PlannedRows {
  readonly X: NDArray
  readonly target: StackTarget
  /** Those to split, each once; undefined: all. */
  readonly rows: Rows | undefined
  readonly groups: RowLabels | undefined
  readonly weights: Float64Array | undefined
  readonly seed: number
  /** Whether rows may be set aside for a second layer. */
  readonly stacks: boolean
}

/** Fewest rows that can be learned from and scored. */
const fewestRows = 4

/**
 * Splits the rows.
 *
 * @param given - the option `folds`; null: as the preset and the number of rows demand
 * @throws OneCopyError `ERR_ROWS` for too few rows, and what splitters throw
 */
async function planRows(
  given: number | Splitter | null,
  preset: PresetNumbers,
  all: PlannedRows,
): Promise<RowPlan> {
  const { X, target, groups, weights, seed } = all
  const { y, labels } = target
  const { rows = allRows(X.shape[0]!) } = all
  const chosen = all.rows === undefined ? y : takeRows(y, all.rows)
  const own = { ...all, target: { ...target, y: chosen } }
  const n = countRows(rows)
  if (n < fewestRows)
    throw new OneCopyError(
      'ERR_ROWS',
      `Expected at least ${fewestRows} rows to learn from and to score learners on, got ${n}.`,
      { details: { rows: n } },
    )
  const isOwn = given === null || typeof given === 'number'
  const isFree = isOwn && groups === undefined
  const parts = isFree && all.stacks ? setAside(n, preset, own) : undefined
  const heldOut = parts && placeRows(parts.test, all.rows)
  const seen = parts === undefined ? all.rows : placeRows(parts.train, all.rows)
  const splitter = given === null ? ownFolds(n, preset, own) : given
  const grouped = typeof splitter === 'number' ? byGroups(splitter, all) : splitter
  const refit = await splitLayer(grouped, { X, y, labels, groups, seed }, seen)
  if (refit.partitions > 1)
    throw new OneCopyError(
      'ERR_FOLDS',
      `Expected \`folds\` of an AutoEnsemble to be those of all rows, got folds of ${refit.partitions} partitions. ` +
        'Use a splitter without partitions, or a Subsemble, which fits learners for each of them.',
      { details: { partitions: refit.partitions } },
    )
  requireWeighedFolds(refit.folds.slice(0, refit.splits), weights)
  return { rows, refit, bag: bagOf(refit), heldOut, allowsOutOfBag: isFree }
}

/**
 * Splits the rows as {@link planRows} does, so that each fold can be scored: where a scorer needs rows of every class in each fold, there are no more
 * folds than the rarest class has rows.
 *
 * @throws what `planRows` throws, and the scorer for folds that were given, and for a class with a single row
 */
export async function planScorableRows(
  given: number | Splitter | null,
  preset: PresetNumbers,
  all: PlannedRows,
  scores: FoldScores,
): Promise<RowPlan> {
  const scorable = ({ refit: { folds, splits } }: RowPlan): void =>
    scores.requireScorable(folds.slice(0, splits))
  const plan = await planRows(given, preset, all)
  try {
    scorable(plan)
    return plan
  } catch (cause) {
    const { y, labels } = all.target
    const chosen = all.rows === undefined ? y : takeRows(y, all.rows)
    const rarest = labels === undefined ? 0 : Math.min(...countClasses(chosen, labels.length))
    if (given !== null || rarest < 2) throw cause
    const fewer = await planRows(given, { ...preset, folds: Math.min(preset.folds, rarest) }, all)
    scorable(fewer)
    return fewer
  }
}

/** The rows at positions among others, in the order of the positions. */
function placeRows(positions: Rows, rows: Rows | undefined): Rows {
  if (rows === undefined) return positions
  const numbers = toRowNumbers(rows)
  return rowNumbers(toRowNumbers(positions).map((position) => numbers[position]!))
}

/** The same folds without another final model: those of the folds are kept. */
export function bagOf({ folds, splits, ...others }: LayerFolds): LayerFolds {
  const own = { folds: folds.slice(0, splits), splits, finals: [0], fitsAll: false }
  return { ...others, ...own, keepsFolds: true }
}

/** Positions of rows to compare layers by, and of the others; undefined without a second layer. */
function setAside(
  n: number,
  { layer2Rows, heldOutRows }: PresetNumbers,
  { target: { y, labels }, seed }: PlannedRows,
): { readonly test: Rows; readonly train: Rows } | undefined {
  if (n < layer2Rows) return undefined
  const testSize = Math.min(heldOutRows, Math.floor(n / 10))
  const isStratified = labels !== undefined && hasPairs(y, labels.length)
  const split = new ShuffleSplit({ splits: 1, testSize, seed, stratified: isStratified })
  return isStratified ? split.split(n, y)[0] : split.split(n)[0]
}

/** Whether every class has two rows, so that both parts can have one. */
function hasPairs(y: NDArray, classes: number): boolean {
  const counts = countClasses(y, classes)
  return counts.every((count) => count >= 2)
}

function countClasses(y: NDArray, classes: number): Int32Array {
  const counts = new Int32Array(classes)
  for (const code of y.toTypedArray()) counts[Number(code)]!++
  return counts
}

/** So many folds as the preset demands, or one split for many rows. */
function ownFolds(
  n: number,
  { folds, holdoutRows, holdoutSize }: PresetNumbers,
  { X, target: { y, labels }, rows, groups, seed }: PlannedRows,
): number | Splitter {
  if (n >= holdoutRows && groups === undefined) {
    const testSize = Math.min(holdoutSize, Math.floor(n / 5))
    const stratified = labels !== undefined && hasPairs(y, labels.length)
    return new ShuffleSplit({ splits: 1, testSize, seed, stratified })
  }
  const most = labels === undefined ? n : Math.max(...countClasses(y, labels.length))
  const wanted = Math.max(2, Math.min(folds, Math.floor(n / 2), most))
  return groups === undefined ? wanted : Math.min(wanted, countGroups(groups, rows, X.shape[0]!))
}

/** How many groups rows have. @throws OneCopyError `ERR_ROWS` for one */
function countGroups(groups: RowLabels, rows: Rows | undefined, n: number): number {
  const numbers = toRowNumbers(rows ?? allRows(n))
  const own = takeGroups(groups, n, numbers)
  const { length } = readGroups('AutoEnsemble', numbers.length, own).labels
  if (length > 1) return length
  throw new OneCopyError(
    'ERR_ROWS',
    'Expected at least 2 groups among the rows that are learned from, got 1: each fold holds out whole groups. Leave out `groups`, or pass other ones.',
    { details: { groups: length } },
  )
}

/** Folds that keep the rows of a group together, where there are groups. */
function byGroups(
  folds: number,
  { target: { labels }, groups, seed }: PlannedRows,
): number | Splitter {
  if (groups === undefined) return folds
  const options = { folds, shuffle: true, seed }
  return labels === undefined ? new GroupKFold(options) : new StratifiedGroupKFold(options)
}

/** Divides the bounds of splits among binned columns. */

import { OneCopyError } from '../../../errors.ts'
import type { BinColumns } from '../bin-columns.ts'
import { type IntervalSplit, isSet, type SplitTree } from './split-tree.ts'

/** The binned column of a split, and for each of its bounds the bin that ends at it. */
export interface SplitPlace {
  readonly column: number
  readonly bins: readonly number[]
}

/** Most edges of a binned column. */
const mostEdges = 254

/**
 * Divides the bounds of all splits among binned columns: one for each column of `X`, and more where one has no room for them.
 *
 * @throws OneCopyError `ERR_FORMAT` for a split of more than 254 bounds
 */
export function packColumns(
  trees: readonly SplitTree[],
  columns: number,
): { readonly columns: BinColumns; readonly placeOf: (split: IntervalSplit) => SplitPlace } {
  const groups = new Map<number, ColumnGroups>()
  let [binned, edges] = [columns, 0]
  for (const [column, splits] of groupSplits(trees)) {
    const packed = groupBounds(splits)
    groups.set(column, packed)
    binned += packed.edges.length - 1
    edges += packed.edges.reduce((sum, own) => sum + own.length, 0)
  }
  const binEdges_ = new Float64Array(edges)
  const binStarts_ = new Int32Array(binned + 1)
  const binColumns_ = new Int32Array(binned)
  const firsts = new Map<number, number>()
  for (let column = 0, b = 0; column < columns; column++) {
    const packed = groups.get(column)
    if (packed !== undefined) firsts.set(column, b)
    for (const own of packed?.edges ?? noEdges) {
      binEdges_.set(own, binStarts_[b])
      binStarts_[b + 1] = binStarts_[b]! + own.length
      binColumns_[b++] = column
    }
  }
  const placeOf = (split: IntervalSplit): SplitPlace => {
    const { edges: own, groupOf } = groups.get(split.column)!
    const group = own.length === 1 ? 0 : groupOf(split)
    const bins = split.bounds.map((bound) => placeIn(own[group]!, bound))
    return { column: firsts.get(split.column)! + group, bins }
  }
  const sets = new Set<number>()
  for (const { splits } of trees)
    for (const split of splits) if (isSet(split)) sets.add(placeOf(split).column)
  return {
    columns: {
      binEdges_,
      binStarts_,
      categoricalColumns_: new Int32Array(),
      ...(binned > columns && { binColumns_ }),
      ...(sets.size > 0 && { setColumns_: Int32Array.from(sets).sort() }),
    },
    placeOf,
  }
}

/** The binned columns of one column of `X`. */
interface ColumnGroups {
  readonly edges: readonly Float64Array[]
  readonly groupOf: (split: IntervalSplit) => number
}

/** Of a column without splits. */
const noEdges = [new Float64Array()]

function groupSplits(trees: readonly SplitTree[]): Map<number, IntervalSplit[]> {
  const splitsOf = new Map<number, IntervalSplit[]>()
  for (const { splits } of trees)
    for (const split of splits) {
      const own = splitsOf.get(split.column)
      if (own === undefined) splitsOf.set(split.column, [split])
      else own.push(split)
    }
  return splitsOf
}

/** Divides bounds so that those of one split are together. */
function groupBounds(splits: readonly IntervalSplit[]): ColumnGroups {
  const all = ascending(splits.flatMap(({ bounds }) => [...bounds]))
  if (all.length <= mostEdges) return { edges: [all], groupOf: () => 0 }
  const groups: Set<number>[] = []
  const placed = new Map<number | string, number>()
  const add = (bounds: readonly number[]): void => {
    const key = keyOf(bounds)
    if (placed.has(key)) return
    const fits = (group: Set<number>): boolean =>
      group.size + bounds.filter((bound) => !group.has(bound)).length <= mostEdges
    let at = groups.findIndex(fits)
    if (at === -1) at = groups.push(new Set()) - 1
    for (const bound of bounds) groups[at]!.add(bound)
    placed.set(key, at)
  }
  for (const { column, bounds } of splits) if (bounds.length > 1) add(requireRoom(bounds, column))
  for (const bound of ascending(
    splits.flatMap(({ bounds }) => (bounds.length === 1 ? bounds : [])),
  ))
    add([bound])
  const groupOf = ({ bounds }: IntervalSplit): number => placed.get(keyOf(bounds)) ?? 0
  return { edges: groups.map((group) => ascending([...group])), groupOf }
}

/** Tells bounds of splits apart; most have one. */
function keyOf(bounds: readonly number[]): number | string {
  return bounds.length === 1 ? bounds[0]! : bounds.join(' ')
}

function requireRoom(bounds: readonly number[], column: number): readonly number[] {
  if (bounds.length <= mostEdges) return bounds
  throw new OneCopyError(
    'ERR_FORMAT',
    `Expected each split of column ${column} to send at most 127 separate groups of values left, got one with ${bounds.length} bounds. ` +
      'Train the model with fewer categories in a split.',
    { details: { column, bounds: bounds.length } },
  )
}

/** Distinct numbers, ascending; -0 is 0. */
function ascending(numbers: readonly number[]): Float64Array {
  const sorted = Float64Array.from(numbers, (value) => value + 0).sort()
  return sorted.filter((value, i) => i === 0 || value !== sorted[i - 1])
}

/** The position of a number that is among those that ascend. */
function placeIn(sorted: Float64Array, value: number): number {
  let low = 0
  for (let high = sorted.length; low < high;) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

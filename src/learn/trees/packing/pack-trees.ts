/** Writes trees that other libraries have grown as ours. */

import { type NDArray, shared } from '../../../arrays/index.ts'
import type { BinColumns } from '../bin-columns.ts'
import { packColumns } from './pack-columns.ts'
import { type IntervalSplit, isSet, type SplitTree } from './split-tree.ts'

/** What a model of trees has learned, but for what leaves mean. */
export interface PackedTrees extends BinColumns {
  readonly nodes_: NDArray<'uint64'>
  readonly treeStarts_: Float64Array
}

/**
 * Writes trees as nodes and edges between bins. Predictions are the same for every number: a column that is split at more than 254
 * places becomes several binned columns.
 *
 * @param trees - whole, see `findWrongChild`
 * @param columns - of `X`, at most 2^22
 * @throws OneCopyError `ERR_FORMAT` for a split of more than 254 bounds
 */
export function packTrees(trees: readonly SplitTree[], columns: number): PackedTrees {
  const packed = packColumns(trees, columns)
  const treeStarts_ = new Float64Array(trees.length + 1)
  for (const [t, tree] of trees.entries()) {
    const inner = tree.splits.reduce((sum, split) => sum + slotsOf(split), 0)
    treeStarts_[t + 1] = treeStarts_[t]! + inner + tree.splits.length + 1
  }
  const nodes_ = shared([treeStarts_.at(-1)!], 'uint64')
  const slots = nodes_.toTypedArray()
  for (const [t, tree] of trees.entries())
    writeTree(tree, packed, slots.subarray(treeStarts_[t], treeStarts_[t + 1]))
  return { ...packed.columns, nodes_, treeStarts_ }
}

const setWords = 4

function slotsOf(split: IntervalSplit): number {
  return isSet(split) ? 1 + setWords : 1
}

/** Writes a tree in preorder; see `native/trees/grow/slot_bits.h`. */
function writeTree(
  tree: SplitTree,
  { placeOf }: ReturnType<typeof packColumns>,
  slots: BigUint64Array,
): void {
  const { splits, left, right, leaves } = tree
  const values = new Float64Array(slots.buffer, slots.byteOffset, slots.length)
  const sizes = subtreeSizes(tree)
  const sizeOf = (child: number): number => (child >= 0 ? sizes[child]! : 1)
  const open: [child: number, at: number][] = [[splits.length === 0 ? -1 : 0, 0]]
  for (let next; (next = open.pop()) !== undefined;) {
    const [child, at] = next
    if (child < 0) {
      values[at] = leaves[-1 - child]!
      continue
    }
    const split = splits[child]!
    const { column, bins } = placeOf(split)
    // A split whose low values go right is written as its mirror image.
    const isTurned = !split.firstLeft && !isSet(split)
    const [first, second] = isTurned ? [right[child]!, left[child]!] : [left[child]!, right[child]!]
    const own = slotsOf(split)
    const toSecond = own + sizeOf(first)
    const low = toSecond + (first < 0 ? 2 ** 30 : 0) + (second < 0 ? 2 ** 31 : 0)
    const missingLeft = split.missingLeft !== isTurned ? 1n << 40n : 0n
    const head = BigInt(low) | missingLeft | (BigInt(column) << 41n)
    if (isSet(split)) {
      slots[at] = head | (1n << 63n)
      for (const [i, word] of setOf(split, bins).entries()) slots[at + 1 + i] = word
    } else slots[at] = head | (BigInt(bins[0] ?? lastBin) << 32n)
    open.push([second, at + toSecond], [first, at + own])
  }
}

/** A bin that is at least that of every number. */
const lastBin = 254

/** Slots of the subtree below each split, itself included. */
function subtreeSizes({ splits, left, right }: SplitTree): Float64Array {
  const order: number[] = []
  const open = splits.length === 0 ? [] : [0]
  for (let at; (at = open.pop()) !== undefined;) {
    order.push(at)
    for (const child of [left[at]!, right[at]!]) if (child >= 0) open.push(child)
  }
  const sizes = new Float64Array(splits.length)
  for (const at of order.toReversed()) {
    let size = slotsOf(splits[at]!)
    for (const child of [left[at]!, right[at]!]) size += child >= 0 ? sizes[child]! : 1
    sizes[at] = size
  }
  return sizes
}

/**
 * The bins that go left, a bit each.
 *
 * @param bins - for each bound of the split the bin that ends at it
 */
function setOf({ firstLeft, missingLeft }: IntervalSplit, bins: readonly number[]): BigUint64Array {
  const set = new Uint8Array(8 * setWords)
  let goesLeft = firstLeft
  for (let bin = 0, next = 0; bin <= lastBin; bin++) {
    if (goesLeft) set[bin >>> 3]! |= 1 << (bin & 7)
    if (bin === bins[next]) {
      goesLeft = !goesLeft
      next++
    }
  }
  if (missingLeft) set[31]! |= 128
  return new BigUint64Array(set.buffer)
}

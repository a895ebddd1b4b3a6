/** Reads one tree of LightGBM's text model. */

import { findWrongChild, type IntervalSplit, type SplitTree } from '../../learn/internal.ts'
import { mostLeaf } from '../boosted/boosted-model.ts'
import { categoryBounds } from '../boosted/category-bounds.ts'
import { numberBelow } from '../boosted/next-number.ts'
import type { ModelLines } from './model-lines.ts'

/** A tree, and what its splits have gained. */
export interface LightGBMTree {
  readonly tree: SplitTree
  readonly gains: Float64Array
}

/** Values of this size and less are missing values where zeros are; it is a float32. */
const zeroThreshold = Math.fround(1e-35)

/** More leaves than LightGBM grows. */
const mostLeaves = 2 ** 28

/**
 * Reads a tree.
 *
 * @param columns - of the model
 * @param factor - what leaves are multiplied by
 * @throws OneCopyError `ERR_FORMAT`
 */
export function treeOfLines(lines: ModelLines, columns: number, factor: number): LightGBMTree {
  if (lines.has('is_linear') && lines.text('is_linear') !== '0') {
    throw lines.refuse(
      'is_linear',
      '0',
      lines.text('is_linear'),
      'Trees with linear models in their leaves have no counterpart: train without `linear_tree`.',
    )
  }
  const count = lines.count('num_leaves', 1, mostLeaves)
  const leaves = lines.numbers('leaf_value', count, mostLeaf / Math.max(1, factor))
  const scaled = factor === 1 ? leaves : leaves.map((value) => value * factor)
  if (count === 1) {
    const tree = { splits: [], left: [], right: [], leaves: scaled }
    return { tree, gains: new Float64Array() }
  }
  const left = lines.integers('left_child', count - 1, -count, count - 2)
  const right = lines.integers('right_child', count - 1, -count, count - 2)
  const gains = lines.has('split_gain')
    ? lines.numbers('split_gain', count - 1)
    : new Float64Array(count - 1)
  const tree = { splits: readSplits(lines, count - 1, columns), left, right, leaves: scaled }
  const wrong = findWrongChild(tree)
  if (wrong === undefined) return { tree, gains }
  throw lines.refuse(
    `${wrong.side}_child`,
    'children of one tree, each with one parent and at most 4000 splits above it',
    `${wrong.child} at position ${wrong.split}, which is ${wrong.reason === 'deep' ? 'deeper' : 'a child already or the root'}`,
  )
}

function readSplits(lines: ModelLines, count: number, columns: number): IntervalSplit[] {
  const features = lines.integers('split_feature', count, 0, columns - 1)
  const thresholds = lines.numbers('threshold', count, Infinity)
  const kinds = lines.integers('decision_type', count, 0, 11)
  const sets = kinds.some(isCategorical) ? readSets(lines) : []
  return Array.from(kinds, (kind, i): IntervalSplit => {
    const column = features[i]!
    if (!isCategorical(kind)) return { column, ...numberSplit(thresholds[i]!, kind) }
    const codes = sets[thresholds[i]!]
    if (codes === undefined) {
      const found = `${thresholds[i]} at position ${i}`
      throw lines.refuse('threshold', `numbers of ${sets.length} sets of categories`, found)
    }
    const bounds = categoryBounds(codes, beforeCode)
    return { column, bounds, firstLeft: false, missingLeft: false }
  })
}

/** LightGBM cuts fractions: numbers between -1 and 0 are category 0. */
function beforeCode(code: number): number {
  return code === 0 ? -1 : numberBelow(code)
}

function isCategorical(kind: number): boolean {
  return (kind & 1) === 1
}

/** A split of numbers. Where missing values are none, NaN counts as 0; where they are zeros, zeros and NaN go the same way. */
function numberSplit(threshold: number, kind: number): Omit<IntervalSplit, 'column'> {
  const defaultLeft = (kind & 2) !== 0
  const missing = (['none', 'zero', 'nan'] as const)[kind >> 2]
  // An infinite threshold divides missing values from all others.
  const plain = { bounds: threshold === Infinity ? [] : [threshold], firstLeft: true }
  if (missing === 'nan') return { ...plain, missingLeft: defaultLeft }
  if (missing === 'none') return { ...plain, missingLeft: threshold >= 0 }
  const [low, high] = [numberBelow(-zeroThreshold), zeroThreshold]
  return { ...withoutZeros(threshold, { low, high }, defaultLeft), missingLeft: defaultLeft }
}

/** Numbers up to a threshold, but those above `low` up to `high` all on one side. */
function withoutZeros(
  threshold: number,
  { low, high }: { readonly low: number; readonly high: number },
  zerosLeft: boolean,
): Pick<IntervalSplit, 'bounds' | 'firstLeft'> {
  const firstLeft = true
  if (threshold < low)
    return { firstLeft, bounds: zerosLeft ? [threshold, low, high] : [threshold] }
  if (threshold <= high) return { firstLeft, bounds: [zerosLeft ? high : low] }
  return {
    firstLeft,
    bounds: (zerosLeft ? [threshold] : [low, high, threshold]).filter(Number.isFinite),
  }
}

/** For each set the categories in it, ascending: words of 32 bits from one boundary to the next. */
function readSets(lines: ModelLines): number[][] {
  const count = lines.count('num_cat', 0, mostLeaves)
  const words = lines.text('cat_threshold').split(' ').length
  const starts = lines.integers('cat_boundaries', count + 1, 0, words)
  const bits = lines.integers('cat_threshold', words, 0, 2 ** 32 - 1)
  const ascend = starts.every((start, s) => (s === 0 ? start === 0 : start > starts[s - 1]!))
  if (!ascend || starts.at(-1) !== words)
    throw lines.refuse('cat_boundaries', `numbers that ascend from 0 to ${words}`, 'others')
  return Array.from({ length: count }, (_, s) => codesOf(bits.subarray(starts[s], starts[s + 1])))
}

function codesOf(words: Float64Array): number[] {
  const codes: number[] = []
  for (const [i, word] of words.entries())
    for (let bit = 0; bit < 32; bit++)
      if (Math.floor(word / 2 ** bit) % 2 === 1) codes.push(32 * i + bit)
  return codes
}

/** Checks of trees that come from elsewhere. */

import type { LearnedValues } from '../contract/learned-values.ts'
import { findWrongNode, type LeafCheck } from './check-nodes.ts'

/** Most edges of a column. */
const mostEdges = 254

/** What leaves can hold. */
export interface LeafRule {
  readonly isLeaf: LeafCheck
  /** In words, for error texts. */
  readonly expected: string
}

/**
 * Refuses values that no fit of a model of trees can have given.
 *
 * @throws OneCopyError `ERR_FORMAT`
 */
export function checkTrees(values: LearnedValues, { isLeaf, expected }: LeafRule): void {
  const nodes = values.array('nodes_', { dtype: 'uint64', shape: [undefined] })
  const starts = values.floats('treeStarts_')
  const ascend = starts.every(
    (start, t) => Number.isInteger(start) && (t === 0 ? start === 0 : start > starts[t - 1]!),
  )
  if (starts.length === 0 || !ascend || starts.at(-1)! > nodes.size) {
    throw values.refuse(
      'treeStarts_',
      `whole numbers that ascend from 0 to at most ${nodes.size}`,
      'others',
    )
  }
  const columns = checkEdges(values)
  checkColumns(values, columns)
  const categorical = values.ascendingColumns('categoricalColumns_', columns)
  const sets = values.has('setColumns_')
    ? values.ascendingColumns('setColumns_', columns)
    : new Int32Array()
  const words = nodes.toTypedArray() as BigUint64Array
  const list = { nodes: words, starts, columns, categorical, sets }
  const wrong = findWrongNode(list, isLeaf)
  if (wrong !== undefined) {
    const { node, value } = wrong
    throw value === undefined
      ? values.refuse('nodes_', 'whole trees', `others at node ${node}`)
      : values.refuse('nodes_', `trees whose leaves hold ${expected}`, `${value} at node ${node}`)
  }
  const shape = values.record('targetShape_')
  if (!Array.isArray(shape) || shape.length > 1 || (shape.length === 1 && shape[0] !== 1))
    throw values.refuse('targetShape_', '[] or [1]')
}

/**
 * Leaves whose values are added up: whatever leaves a row comes to, the sum is a number.
 *
 * @param baselines - where sums begin
 */
export function addedLeaves(values: LearnedValues, baselines: readonly number[]): LeafRule {
  const starts = values.floats('treeStarts_')
  const mostBaseline = Math.max(...baselines.map(Math.abs))
  // The greatest leaf of each tree in full would be one more pass over them.
  const most = (Number.MAX_VALUE - mostBaseline) / Math.max(1, starts.length - 1)
  return {
    isLeaf: (value) => Math.abs(value) <= most,
    expected: 'numbers whose sum is finite',
  }
}

/** Checks the columns of `X` that binned columns are made of. */
function checkColumns(values: LearnedValues, binned: number): void {
  const columns = values.floats('featureGains_').length
  values.floats('featureImportances_', columns)
  const fits = (sources: Int32Array): boolean =>
    sources.length === binned && sources.every((one, b) => b === 0 || one >= sources[b - 1]!)
  if (values.has('binColumns_')) {
    if (!fits(values.integers('binColumns_', columns)))
      throw values.refuse('binColumns_', `${binned} column numbers, none less than the one before`)
  } else if (columns !== binned)
    throw values.refuse('featureGains_', `a Float64Array of ${binned} finite numbers`)
}

/** Checks the edges of bins; returns the number of binned columns. */
function checkEdges(values: LearnedValues): number {
  const starts: object = values.record('binStarts_')
  const expected = `an Int32Array that ascends from 0 by at most ${mostEdges} for each column`
  if (!(starts instanceof Int32Array) || starts.length < 2)
    throw values.refuse('binStarts_', expected)
  const steps = starts.map((start, j) => (j === 0 ? start : start - starts[j - 1]!))
  if (starts[0] !== 0 || steps.some((step) => step < 0 || step > mostEdges))
    throw values.refuse('binStarts_', expected, 'others')
  const edges: object = values.record('binEdges_')
  if (!(edges instanceof Float64Array) || edges.length !== starts.at(-1))
    throw values.refuse('binEdges_', `a Float64Array of ${starts.at(-1)} numbers`)
  for (let j = 1; j < starts.length; j++) {
    const column = edges.subarray(starts[j - 1], starts[j])
    if (column.every((edge, i) => (i === 0 ? !Number.isNaN(edge) : edge > column[i - 1]!))) continue
    throw values.refuse(
      'binEdges_',
      'numbers that ascend in each column',
      `others in column ${j - 1}`,
    )
  }
  return starts.length - 1
}

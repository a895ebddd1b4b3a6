/** An index of rows that every fold and scaling shares. */

import { shared, type NDArray, type Rows } from '../../arrays/index.ts'
import { kernelMatrix, kernelRows, rowNumbers } from '../../arrays/internal.ts'
import { isOneCopyError } from '../../errors.ts'
import {
  kernelThreads,
  native,
  type NeighborLists,
  type NeighborMeans,
  type NeighborSearch,
  type NeighborTree,
  type RangeMeans,
} from '../../native/index.ts'
import { findOutside, type LearnedValues } from '../contract/learned-values.ts'
import { explainChanged, explainNonFinite, findNonFinite } from '../statistics/non-finite.ts'

/** Search method; all give the same result, to the last bit. */
export type NeighborAlgorithm = 'auto' | 'tree' | 'brute'

/**
 * Which rows are points, and the tree over them. It lies in scratch memory, so that all
 * threads and processes share it. It holds row numbers and boxes, no rows.
 */
export type NeighborIndex = {
  /** Row numbers of the points, ordered so that near points are adjacent. */
  readonly order: NDArray<'int32'>
  /** Boxes around the points of each node, shape (nodes, 2, d); null without a tree. */
  readonly boxes: NDArray<'float64'> | null
  /** Least row number of each node, shape (nodes); null without a tree. */
  readonly least: NDArray<'int32'> | null
  /** In the model of a fold: points that are no neighbours. */
  readonly passedOver?: PassedOver
}

/** Points of an index that a search passes over. */
export type PassedOver = {
  /** A label for each row, shape (n); without it each row has its own number for a label. */
  readonly labels?: NDArray<'uint16'>
  /** The label that is passed over. */
  readonly skip?: number
  /** A bit for each label that is passed over, for several: that of label i is bit i % 8 of byte i / 8. */
  readonly skips?: NDArray<'uint8'>
}

/** A search of an index. */
export interface IndexSearch {
  /** The indexed rows, shape (n, d). */
  readonly points: NDArray
  /** Targets of the indexed rows, shape (n) or (n, m), for error texts. */
  readonly targets?: NDArray | null
  /** Shape (any, d). */
  readonly queries: NDArray
  readonly rows: Rows
  /** Factors of the differences in each column, shape (d). */
  readonly scale: Float64Array
  /** Order of the Minkowski metric. */
  readonly p: number
  readonly neighbors: number
}

/** A search for all points within a distance. */
export interface RangeIndexSearch extends Omit<IndexSearch, 'neighbors'> {
  readonly radius: number
}

/** Options for building an index. */
export interface IndexOptions {
  /** `'auto'` uses the tree when a trial shows that it saves enough distances. */
  readonly algorithm: NeighborAlgorithm
  /** Factors of the columns in most searches, shape (d). */
  readonly scale: Float64Array
  /** Order of the Minkowski metric of the searches. */
  readonly p: number
  readonly neighbors: number
}

/**
 * Builds an index of some rows, for searches by a tree or not.
 *
 * @param order - their numbers, in scratch memory; kept, and reordered for a tree
 * @throws OneCopyError `ERR_VALUE`
 */
export async function makeIndex(
  X: NDArray,
  order: NDArray<'int32'>,
  { algorithm, scale }: Pick<IndexOptions, 'algorithm' | 'scale'>,
): Promise<NeighborIndex> {
  if (algorithm === 'brute') return { order, boxes: null, least: null }
  return makeTree(X, order, scale)
}

const choices = new WeakMap<NeighborIndex, Map<string, Promise<NeighborIndex>>>()

/** The index that searches are fastest by: itself, or without its tree. It is tried once for each number of neighbours and metric. */
export function chooseIndex(
  index: NeighborIndex,
  X: NDArray,
  { algorithm, scale, p, neighbors }: IndexOptions,
): Promise<NeighborIndex> {
  if (algorithm !== 'auto') return Promise.resolve(index)
  const made = choices.get(index) ?? new Map<string, Promise<NeighborIndex>>()
  choices.set(index, made)
  const key = `${neighbors} ${p}`
  const choice =
    made.get(key) ??
    treeSaves(index, X, { scale, p, neighbors }).then((saves) =>
      saves ? index : { order: index.order, boxes: null, least: null },
    )
  made.set(key, choice)
  return choice
}

async function makeTree(
  X: NDArray,
  order: NDArray<'int32'>,
  scale: Float64Array,
): Promise<NeighborIndex> {
  const nodes = native.treeNodes(order.size)
  const boxes = shared([nodes, 2, X.shape[1]!], 'float64')
  const least = shared([nodes], 'int32')
  const index = { order, boxes, least }
  const rows = rowNumbers(order.toTypedArray())
  const tree = treeOf(index)!
  await freeOnFailure([boxes, least], () =>
    explained(native.buildTree(kernelMatrix(X), scale, tree, kernelThreads()), X, rows),
  )
  return index
}

/** Frees scratch memory when the work that it was made for fails. */
export async function freeOnFailure<T>(
  memory: readonly NDArray[],
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    for (const one of memory) one[Symbol.dispose]()
    throw error
  }
}

/** Refuses an index with row numbers outside [0, n), or with a tree of another size. */
export function checkIndex(values: LearnedValues, n: number, d: number): void {
  const order = values.entry('index_', 'order', { dtype: 'int32', shape: [undefined] })!
  const numbers = order.toTypedArray() as Int32Array
  const wrong = findOutside(numbers, 0, n)
  if (numbers.length === 0 || wrong !== -1) {
    const found = numbers.length === 0 ? 'none' : `${numbers[wrong]}`
    throw values.refuse('index_.order', `numbers of the ${n} rows`, found)
  }
  const nodes = native.treeNodes(numbers.length)
  const boxes = values.entry('index_', 'boxes', { dtype: 'float64', shape: [nodes, 2, d] }, true)
  const least = values.entry('index_', 'least', { dtype: 'int32', shape: [nodes] }, true)
  if ((boxes === null) !== (least === null))
    throw values.refuse('index_', 'an index with or without a tree', 'one with half of it')
}

/**
 * Searches an index; resolves to the number of distances that it took.
 *
 * @throws OneCopyError `ERR_VALUE` naming a value that is not finite, in the queries or in the indexed rows
 */
export function searchIndex(
  index: NeighborIndex,
  search: IndexSearch,
  answer: NeighborLists | NeighborMeans,
): Promise<number> {
  const given = { ...kernelSearch(index, search), neighbors: search.neighbors }
  return explainSearch(index, search, () => native.findNeighbors(given, answer, kernelThreads()))
}

/**
 * Averages over the points of an index within a distance of each query.
 *
 * @throws OneCopyError `ERR_VALUE` as `searchIndex`
 */
export function searchWithin(
  index: NeighborIndex,
  search: RangeIndexSearch,
  answer: RangeMeans,
): Promise<void> {
  const given = { ...kernelSearch(index, search), radius: search.radius }
  return explainSearch(index, search, () => native.findWithin(given, answer, kernelThreads()))
}

type AnySearch = Omit<IndexSearch, 'neighbors'>

function kernelSearch(
  index: NeighborIndex,
  { points, queries, rows, scale, p }: AnySearch,
): Omit<NeighborSearch, 'neighbors'> {
  return {
    points: kernelMatrix(points),
    tree: treeOf(index),
    pointRows: kernelRows(rowNumbers(index.order.toTypedArray())),
    queries: kernelMatrix(queries),
    queryRows: kernelRows(rows),
    scale,
    p,
    labels: index.passedOver?.labels?.toTypedArray() ?? null,
    skip: index.passedOver?.skip ?? -1,
    skips: index.passedOver?.skips?.toTypedArray() ?? null,
  }
}

async function explainSearch<T>(
  index: NeighborIndex,
  { points, targets = null, queries, rows }: AnySearch,
  search: () => Promise<T>,
): Promise<T> {
  try {
    return await search()
  } catch (error) {
    if (!isOneCopyError(error) || error.code !== 'ERR_VALUE') throw error
    const kept = rowNumbers(index.order.toTypedArray())
    throw findNonFinite(queries, null, [rows]) === undefined
      ? explainChanged(points, targets, [kept])
      : explainNonFinite(queries, null, [rows])
  }
}

function treeOf({ order, boxes, least }: NeighborIndex): NeighborTree | null {
  if (boxes === null || least === null) return null
  return {
    order: order.toTypedArray(),
    boxes: boxes.toTypedArray(),
    least: least.toTypedArray(),
  }
}

/** A trial has so many groups of queries, which are as near each other as those that the kernel walks the tree with together. */
const trialGroups = 8
const groupQueries = 8

/**
 * Whether the tree is faster than comparing with all points, judged by a trial with some of them. A distance in
 * the tree takes as long as about 20 + 100 / d distances in a bulk comparison (72 with 2 columns, 40 with 8,
 * 15 to 24 with 26; `bench/neighbors.ts`). The count doesn't depend on the machine, and neither does the choice.
 */
async function treeSaves(
  index: NeighborIndex,
  X: NDArray,
  { scale, p, neighbors }: Omit<IndexOptions, 'algorithm'>,
): Promise<boolean> {
  const order = index.order.toTypedArray()
  const count = Math.min(trialGroups * groupQueries, order.length)
  const most = Math.min(neighbors, order.length)
  // Points of a leaf stand side by side in the order. Single points from everywhere would share long walks.
  const step = Math.floor((order.length - count) / (trialGroups - 1))
  const rows = rowNumbers(
    Int32Array.from({ length: count }, (_, i) => order[Math.floor(i / groupQueries) * step + i]!),
  )
  const lists = { rows: new Int32Array(count * most), squares: new Float64Array(count * most) }
  const search = { points: X, queries: X, rows, scale, p, neighbors: most }
  const distances = await searchIndex(index, search, lists)
  // Only Euclidean distances are compared in bulk by a screen in float32.
  const cost = p === 2 ? 20 + 100 / X.shape[1]! : 2
  return (distances / count) * cost < order.length
}

/** Names the value when the kernel meets one that is not finite. */
async function explained<T>(work: Promise<T>, X: NDArray, rows: Rows): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!isOneCopyError(error) || error.code !== 'ERR_VALUE') throw error
    throw explainNonFinite(X, null, [rows])
  }
}

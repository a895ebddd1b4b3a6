/** Lloyd's iterations of k-means. */

import { toRowNumbers } from '../../arrays/index.ts'
import { valueAt } from '../statistics/sampled-means.ts'
import { assignRows, type WeighedRows } from './assign-rows.ts'

/** A clustering of rows. */
export interface Clustering {
  /** Shape (k, d). */
  readonly centers: Float64Array
  /** Number of each row's cluster, shape (m). */
  readonly labels: Int32Array
  /** Sum of weights times squared distances to the centres. */
  readonly inertia: number
  readonly iterations: number
}

/** When the iterations end. */
export interface LloydOptions {
  readonly maxIter: number
  /** Sum of squared moves of the centres that is small enough. */
  readonly tol: number
}

/**
 * Moves each centre to the mean of its rows until no row changes its cluster, or the centres hardly move. A centre without rows is moved
 * to the row that lies farthest from its own, as scikit-learn does.
 *
 * @param start - shape (k, d)
 */
export async function lloyd(
  given: WeighedRows,
  start: Float64Array,
  { maxIter, tol }: LloydOptions,
): Promise<Clustering> {
  const d = given.X.shape[1]!
  const count = start.length / d
  const labels = new Int32Array(toRowNumbers(given.rows).length).fill(-1)
  let centers = start
  for (let iterations = 1; ; iterations++) {
    const pass = await assignRows(given, { count, values: centers }, { labels, withSums: true })
    if (pass.changed === 0) return { centers, labels, inertia: pass.inertia, iterations }
    const moved = await moveCenters(given, centers, labels, pass.sums)
    const move = moved.reduce((sum, value, i) => sum + (value - centers[i]!) ** 2, 0)
    centers = moved
    if (move > tol && iterations < maxIter) continue
    const { inertia } = await assignRows(given, { count, values: centers }, { labels })
    return { centers, labels, inertia, iterations }
  }
}

/** The means of the clusters; sums are changed. */
async function moveCenters(
  given: WeighedRows,
  centers: Float64Array,
  labels: Int32Array,
  sums: Float64Array,
): Promise<Float64Array> {
  const d = given.X.shape[1]!
  const count = centers.length / d
  const weightOf = (c: number): number => sums[c * (d + 1)]!
  const moved = centers.slice()
  const numbers = Array.from({ length: count }, (_, c) => c)
  const empty = numbers.filter((c) => weightOf(c) === 0)
  if (empty.length > 0) await fillEmpty(given, { centers, labels, sums, empty }, moved)
  for (const c of numbers) {
    const weight = weightOf(c)
    if (weight <= 0) continue
    for (let j = 0; j < d; j++) moved[c * d + j]! += sums[c * (d + 1) + 1 + j]! / weight
  }
  const heaviest = numbers.reduce((best, c) => (weightOf(c) > weightOf(best) ? c : best), 0)
  for (const c of numbers)
    if (weightOf(c) <= 0) moved.set(moved.subarray(heaviest * d, (heaviest + 1) * d), c * d)
  return moved
}

/** Gives each empty cluster the farthest row that is left, which its own cluster loses. */
async function fillEmpty(
  given: WeighedRows,
  state: {
    readonly centers: Float64Array
    readonly labels: Int32Array
    readonly sums: Float64Array
    readonly empty: readonly number[]
  },
  moved: Float64Array,
): Promise<void> {
  const { centers, labels, sums, empty } = state
  const { X, weights } = given
  const d = X.shape[1]!
  const squares = new Float64Array(labels.length)
  await assignRows(given, { count: centers.length / d, values: centers }, { labels, squares })
  const rows = toRowNumbers(given.rows)
  for (const [i, position] of farthest(squares, empty.length).entries()) {
    // More clusters than different rows: there is nothing to move to.
    if (squares[position] === 0) return
    const [cluster, label, row] = [empty[i]!, labels[position]!, rows[position]!]
    const weight = weights?.[row] ?? 1
    sums[label * (d + 1)]! -= weight
    sums[cluster * (d + 1)] = weight
    for (let j = 0; j < d; j++) {
      const value = valueAt(X, row, j)
      sums[label * (d + 1) + 1 + j]! -= weight * (value - centers[label * d + j]!)
      moved[cluster * d + j] = value
      sums[cluster * (d + 1) + 1 + j] = 0
    }
  }
}

/** Positions of the greatest values, the greatest first; of equal ones the first. */
function farthest(squares: Float64Array, count: number): number[] {
  const found: number[] = []
  for (let n = 0; n < Math.min(count, squares.length); n++) {
    let best = -1
    for (const [i, square] of squares.entries())
      if (!found.includes(i) && (best === -1 || square > squares[best]!)) best = i
    found.push(best)
  }
  return found
}

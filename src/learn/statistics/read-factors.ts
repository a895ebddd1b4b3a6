/** Reads the triangular factors of groups of rows in one native pass. */

import type { NDArray } from '../../arrays/index.ts'
import { kernelMatrix, kernelRows } from '../../arrays/internal.ts'
import { kernelThreads, native } from '../../native/index.ts'
import { explainNonFinite } from './non-finite.ts'
import { checkInputs, type CheckedInputs, type ReadOptions, sizeOf } from './read-moments.ts'
import { withMemoryCheck } from './memory-check.ts'
import { sampledMeans } from './sampled-means.ts'

/** A triangular factor as plain data; p = d + m columns stand for `[X y]`. */
export interface QrFactorData {
  /** Number of columns of `X`, d. */
  readonly columns: number
  /** Shape of one row of `y`: [] for a vector, [m] for a matrix. */
  readonly targetShape: readonly number[]
  /** Sum of the weights; the number of rows without weights. */
  readonly weight: number
  /** A point near the means, shape (p); see `MomentsData`. */
  readonly origin: Float64Array
  /** Weighted means minus `origin`, shape (p). */
  readonly deviation: Float64Array
  /** R, shape (p, p), upper triangular: RᵀR are the weighted products about the means. */
  readonly triangle: Float64Array
}

/** Reads the factor of every group; see `QrFactor.compute`. */
export async function readFactors(
  X: NDArray,
  y: NDArray,
  options: ReadOptions,
  about?: Float64Array,
): Promise<QrFactorData[]> {
  const inputs = checkInputs(X, y, options)
  return withMemoryCheck(sizeOf(inputs), () => readChecked(X, y, inputs, about))
}

async function readChecked(
  X: NDArray,
  y: NDArray,
  { columns, targetShape, groups, weights, weighedGroups }: CheckedInputs,
  about: Float64Array | undefined,
): Promise<QrFactorData[]> {
  const origin = about ?? sampledMeans(X, y, weighedGroups)
  const found = await native.leastSquaresQr(
    kernelMatrix(X),
    kernelMatrix(y),
    weights,
    groups.map((rows) => kernelRows(rows)),
    origin,
    new Float64Array(origin.length).fill(1),
    kernelThreads(),
  )
  if (found.nonFinite.some((rows) => rows > 0)) throw explainNonFinite(X, y, weighedGroups)
  const size = (origin.length + 1) ** 2
  return groups.map((_, k) => ({
    columns,
    targetShape,
    weight: found.weight[k]!,
    origin,
    ...centre(found.triangle.subarray(k * size, (k + 1) * size), origin.length),
  }))
}

/** Splits the factor of `[1 X y]` into means and the factor of the centred columns. */
function centre(withOnes: Float64Array, p: number): Pick<QrFactorData, 'deviation' | 'triangle'> {
  const row = (i: number): Float64Array => withOnes.subarray(i * (p + 1) + 1, (i + 1) * (p + 1))
  const root = withOnes[0]! || 1 // 0 without rows
  const triangle = new Float64Array(p * p)
  for (let i = 0; i < p; i++) triangle.set(row(i + 1), i * p)
  return { deviation: row(0).map((sum) => sum / root), triangle }
}

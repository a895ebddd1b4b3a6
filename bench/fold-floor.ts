/** The least time that a layer of linear models can take here. */

import { join } from 'node:path'
import { exclusive, openArray, shared } from '../src/arrays/index.ts'
import { kernelMatrix } from '../src/arrays/internal.ts'
import { kernelThreads, native } from '../src/native/index.ts'
import { delayed, type Parallel } from '../src/parallel/index.ts'
import { readAndTouch } from './tasks/read-rows.ts'

/**
 * Does what no layer can do without, one after the other: the products of all pairs of columns of `[X y]`, by our kernel; one
 * plain read of `X`, which predicting needs; and the first touch of the pages of the result.
 *
 * @param folder - has `X.npy` and `y.npy`; they are mapped anew, as `fit` does
 * @param resultBytes - of the result, float64 of shape (n, m)
 * @param parallel - threads that read and touch, as many as the kernel uses
 */
export async function runFloor(
  folder: string,
  resultBytes: number,
  parallel: Parallel,
): Promise<void> {
  const [X, y] = [openArray(join(folder, 'X.npy')), openArray(join(folder, 'y.npy'))]
  const [rows, columns] = X.shape as [number, number]
  const groups = [{ ranges: Float64Array.of(0, rows) }]
  const shift = new Float64Array(columns + 1).fill(0.5)
  const threads = kernelThreads()
  await native.moments(kernelMatrix(X), kernelMatrix(y), null, groups, shift, threads)
  const Z = shared([rows, resultBytes / 8 / rows], 'float64')
  const parts = splitRange(rows, threads).map(([start, stop]) =>
    delayed(readAndTouch)(X.rows(start, stop), exclusive(Z.rows(start, stop))),
  )
  try {
    const found = await parallel.run(parts)
    if (found.some((at) => at !== -1)) throw new Error('a negative value')
  } finally {
    Z[Symbol.dispose]()
  }
}

function splitRange(n: number, parts: number): [start: number, stop: number][] {
  return Array.from({ length: parts }, (_, i) => [
    Math.floor((n * i) / parts),
    Math.floor((n * (i + 1)) / parts),
  ])
}

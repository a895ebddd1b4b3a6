/** Friedman's first problem, in files. */

import { join } from 'node:path'
import { createArray, openArray } from '../src/arrays/index.ts'
import { makeRandom, writeNumbers } from './random.ts'

export const friedmanRows = 1_000_000
const columns = 50

/** Writes `X.npy` and `y.npy`: five columns matter, the others are noise. */
export function makeFriedman(folder: string): void {
  writeNumbers(join(folder, 'X.npy'), [friedmanRows, columns])
  const X = openArray(join(folder, 'X.npy'))
  const y = createArray(join(folder, 'y.npy'), { dtype: 'float64', shape: [friedmanRows] })
  const random = makeRandom()
  for (let row = 0; row < friedmanRows; row++) {
    const [a, b, c, d, e] = X.slice(row, [0, 5]).toTypedArray() as Float64Array
    const signal = 10 * Math.sin(Math.PI * a! * b!) + 20 * (c! - 0.5) ** 2 + 10 * d! + 5 * e!
    y.data[y.offset + row] = signal + random() - 0.5
  }
}

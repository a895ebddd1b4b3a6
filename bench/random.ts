/** Numbers that look random and are the same in every run. */

import { createArray } from '../src/arrays/index.ts'

/** A generator of numbers in [0, 1), fast and good enough (xorshift32). */
export function makeRandom(): () => number {
  let state = 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** Writes a `.npy` file of such numbers. */
export function writeNumbers(path: string, shape: readonly [number, number]): void {
  const { data, offset, size } = createArray(path, { dtype: 'float64', shape })
  const random = makeRandom()
  for (let i = offset; i < offset + size; i++) data[i] = random()
}

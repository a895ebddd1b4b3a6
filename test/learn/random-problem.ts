/** Regression problems that are the same on every run. */

import { array, type NDArray } from '../../src/arrays/index.ts'

/** A generator of numbers in [0, 1) that is the same on every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let z = Math.imul(state ^ (state >>> 15), state | 1)
    z = (z + Math.imul(z ^ (z >>> 7), z | 61)) ^ z
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A regression problem of n rows whose d columns have `offset` for a mean and 1 for a spread. */
export function randomProblem(
  n: number,
  d: number,
  { seed = 1, offset = 0, targets = 0 } = {},
): { X: NDArray<'float64'>; y: NDArray<'float64'>; weights: Float64Array } {
  const random = seeded(seed)
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const X = Float64Array.from({ length: n * d }, () => offset + normal())
  const slope = Float64Array.from({ length: d * Math.max(targets, 1) }, normal)
  const y = Float64Array.from({ length: n * Math.max(targets, 1) }, (_, i) => {
    const row = Math.floor(i / Math.max(targets, 1))
    const target = i % Math.max(targets, 1)
    let value = 3 + 0.3 * normal()
    for (let j = 0; j < d; j++) value += slope[target * d + j]! * (X[row * d + j]! - offset)
    return value
  })
  return {
    X: array(X, { shape: [n, d] }),
    y: array(y, { shape: targets === 0 ? [n] : [n, targets] }),
    weights: Float64Array.from({ length: n }, () => Math.floor(random() * 4)),
  }
}

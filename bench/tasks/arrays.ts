/** Tasks that fill and read arrays. */

import { type NDArray, shared } from '../../src/arrays/index.ts'

/** A filled array in scratch memory. */
export function fillShared(n: number, value: number): NDArray<'float64'> {
  const result = shared([n], 'float64')
  result.data.fill(value)
  return result
}

/** A filled array in private memory. */
export function fillPrivate(n: number, value: number): Float64Array {
  return new Float64Array(n).fill(value)
}

/** The sum of an array, and when it was begun and ended. */
export function sum(values: NDArray<'float64'>): { sum: number; start: number; end: number } {
  const start = now()
  const { data, offset, size } = values
  let total = 0
  for (let i = offset; i < offset + size; i++) total += data[i]!
  return { sum: total, start, end: now() }
}

/** Milliseconds since 1970, to a microsecond, equal in all processes of a machine. */
export function now(): number {
  return performance.timeOrigin + performance.now()
}

/** A filled array in scratch memory, after a while. */
export async function fillLater(n: number, value: number, ms: number): Promise<NDArray<'float64'>> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
  return fillShared(n, value)
}

/** The same in private memory. */
export async function fillPrivateLater(
  n: number,
  value: number,
  ms: number,
): Promise<Float64Array> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
  return fillPrivate(n, value)
}

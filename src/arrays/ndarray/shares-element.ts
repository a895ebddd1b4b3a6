/** Tells whether two arrays have an element in common. */

import { bytesOf } from '../layout/byte-ranges.ts'
import { hasCommonElement } from '../layout/overlap.ts'
import type { NDArray } from './ndarray.ts'

/** Tells whether an element of one array lies in the memory of an element of the other one, whatever their dtypes. */
export function sharesElement(a: NDArray, b: NDArray): boolean {
  return memoryOf(a) === memoryOf(b) && hasCommonElement(inBytes(a), inBytes(b))
}

/**
 * Tells whether row i of one array shares memory with no row of the other one but row i, for each i.
 *
 * @param a - at least one axis
 * @param b - as many rows as `a`
 */
export function sharesRowByRow(a: NDArray, b: NDArray): boolean {
  if (!sharesElement(a, b)) return true
  const [step, other] = [a, b].map(({ strides, data }) => strides[0]! * data.BYTES_PER_ELEMENT)
  if (step !== other) return a.shape[0] === 1
  const ranges = [a, b].map((array) => {
    const [start, stop] = bytesOf(array.slice(0))
    return [start + array.data.byteOffset, stop + array.data.byteOffset] as const
  })
  const starts = ranges.map(([start]) => start)
  const stops = ranges.map(([, stop]) => stop)
  return a.shape[0] === 1 || Math.max(...stops) - Math.min(...starts) <= Math.abs(step!)
}

/** What two arrays over the same memory have in common. */
export function memoryOf({ mapping, buffer }: NDArray): string | ArrayBufferLike {
  return mapping?.identity ?? buffer
}

/** The layout of an array's bytes, which those of another dtype can be compared with. */
function inBytes({ shape, strides, offset, data }: NDArray): {
  shape: number[]
  strides: number[]
  offset: number
} {
  const size = data.BYTES_PER_ELEMENT
  return {
    shape: [...shape, size],
    strides: [...strides.map((stride) => stride * size), 1],
    offset: offset * size + data.byteOffset,
  }
}

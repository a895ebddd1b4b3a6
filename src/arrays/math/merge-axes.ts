/** Joins axes that can be walked as one. */

import type { Layout } from '../layout/layout.ts'

/**
 * The same elements in the same C order with as few axes as possible: axes of length 1 are left out, and neighbours
 * whose steps fit are joined. Long inner axes make copying and reading fast.
 */
export function mergeAxes({ shape, strides, offset }: Layout): Layout {
  const lengths: number[] = []
  const steps: number[] = []
  for (const [axis, length] of shape.entries()) {
    if (length === 1) continue
    const stride = strides[axis]!
    const last = lengths.length - 1
    if (last >= 0 && steps[last] === stride * length) {
      lengths[last]! *= length
      steps[last] = stride
    } else {
      lengths.push(length)
      steps.push(stride)
    }
  }
  return { shape: lengths, strides: steps, offset }
}

/** Formats an array as short text. */

import type { Elements } from './elements.ts'

/** Elements shown at each end of an axis, as NumPy does. */
const shownAtEnds = 3

/** `NDArray float64 [2, 3]` and its elements, long axes cut in the middle. */
export function showElements(elements: Elements): string {
  return `NDArray ${elements.dtype} [${elements.shape.join(', ')}] ${showAxis(elements, 0, elements.offset)}`
}

function showAxis(elements: Elements, axis: number, position: number): string {
  const { data, shape, strides } = elements
  if (axis === shape.length) return String(data[position])
  const length = shape[axis]!
  const parts: string[] = []
  for (let i = 0; i < length; i++) {
    if (length > 2 * shownAtEnds && i === shownAtEnds) {
      parts.push('…')
      i = length - shownAtEnds
    }
    parts.push(showAxis(elements, axis + 1, position + i * strides[axis]!))
  }
  return `[${parts.join(', ')}]`
}

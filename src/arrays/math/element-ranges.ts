/** Copies ranges of strided elements, counted in C order. */

import { copyElements } from '../layout/copy-elements.ts'
import type { TypedArrayOf } from '../layout/dtype.ts'
import type { Elements } from '../layout/elements.ts'
import { countElements, cStrides, type Layout } from '../layout/layout.ts'

/** A box of elements, whose first one is number `at` of the range. */
interface Box extends Layout {
  readonly at: number
}

/**
 * Copies elements `from` up to `from + count` of C order to a flat place.
 *
 * @param elements - of the type of `target`
 * @param at - first element of `target` that is written
 */
export function gatherRange(
  elements: Elements,
  [from, count]: readonly [from: number, count: number],
  target: TypedArrayOf,
  at = 0,
): void {
  const { dtype, data } = elements
  for (const box of boxesOf(elements, from, count))
    copyElements({ dtype, data, ...box }, flatBox(elements, box, target, at))
}

/** Copies `count` flat elements to elements `from` up to `from + count` of C order. */
export function scatterRange(
  source: TypedArrayOf,
  elements: Elements,
  [from, count]: readonly [from: number, count: number],
): void {
  const { dtype, data } = elements
  for (const box of boxesOf(elements, from, count))
    copyElements(flatBox(elements, box, source, 0), { dtype, data, ...box })
}

function flatBox(
  { dtype }: Elements,
  { shape, at }: Box,
  data: TypedArrayOf,
  by: number,
): Elements {
  return { dtype, data, shape, strides: cStrides(shape), offset: by + at }
}

/** The boxes that a range of C order consists of: part of a row, whole rows, part of a row, on each axis. */
function boxesOf(layout: Layout, from: number, count: number, at = 0): Box[] {
  const { shape, strides, offset } = layout
  if (count === 0) return []
  if (shape.length === 0) return [{ shape, strides, offset, at }]
  const inner = { shape: shape.slice(1), strides: strides.slice(1) }
  const size = countElements(inner.shape)
  const row = Math.floor(from / size)
  const place = (i: number): Layout => ({ ...inner, offset: offset + i * strides[0]! })
  const boxes: Box[] = []
  const skipped = from - row * size
  const head = skipped === 0 ? 0 : Math.min(count, size - skipped)
  if (head > 0) boxes.push(...boxesOf(place(row), skipped, head, at))
  const first = head > 0 ? row + 1 : row
  const whole = Math.floor((count - head) / size)
  if (whole > 0)
    boxes.push({
      shape: [whole, ...inner.shape],
      strides,
      offset: offset + first * strides[0]!,
      at: at + head,
    })
  const tail = count - head - whole * size
  if (tail > 0) boxes.push(...boxesOf(place(first + whole), 0, tail, at + count - tail))
  return boxes
}

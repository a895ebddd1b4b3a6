/** Splits strided elements into contiguous blocks. */

import { copyElements } from './copy-elements.ts'
import { itemSize, type TypedArrayOf } from './dtype.ts'
import { type Elements, flatElements, zeroElements } from './elements.ts'
import { countElements, cStrides } from './layout.ts'

/** Bytes of a piece, at most. */
const blockBytes = 8 << 20

/**
 * All elements in C order as flat pieces of at most 8 MiB: parts of the memory itself, or gathered
 * where the elements have gaps. A piece is valid until the next one is asked for.
 */
export function* elementBlocks(elements: Elements): Generator<TypedArrayOf, void, undefined> {
  const flat = flatElements(elements)
  if (flat === undefined) {
    const room = Math.min(countElements(elements.shape), blockBytes / itemSize(elements.dtype))
    yield* gatheredBlocks(elements, zeroElements(elements.dtype, [room]).data)
    return
  }
  const step = blockBytes / flat.BYTES_PER_ELEMENT
  for (let at = 0; at < flat.length; at += step) yield flat.subarray(at, at + step)
}

/** Gathers as many whole rows at a time as `block` has room for; a longer row goes in parts. */
function* gatheredBlocks(
  elements: Elements,
  block: TypedArrayOf,
): Generator<TypedArrayOf, void, undefined> {
  const { dtype, data, strides } = elements
  const [length = 1, ...inner] = elements.shape
  const rowSize = countElements(inner)
  const step = Math.max(1, Math.floor(block.length / rowSize))
  for (let i = 0; i < length; i += step) {
    const offset = elements.offset + i * strides[0]!
    if (rowSize > block.length) {
      yield* gatheredBlocks({ dtype, data, shape: inner, strides: strides.slice(1), offset }, block)
      continue
    }
    const shape = [Math.min(step, length - i), ...inner]
    const piece = block.subarray(0, countElements(shape))
    copyElements(
      { dtype, data, shape, strides, offset },
      { dtype, data: piece, shape, strides: cStrides(shape), offset: 0 },
    )
    yield piece
  }
}

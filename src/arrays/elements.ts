/** Reading, copying and listing strided elements. */

import { OneCopyError } from '../errors.ts'
import { type DType, itemSize, type TypedArrayOf, typedArrayMaker } from './dtype.ts'
import { cStrides, countElements, extentOf, isCContiguous, type Layout } from './layout.ts'

/** Strided elements in a typed array; the bare form of an array. */
export interface Elements<D extends DType = DType> extends Layout {
  readonly dtype: D
  /** Typed array that holds the elements, usually over a whole buffer. */
  readonly data: TypedArrayOf<D>
}

/** Fresh zeros of a shape in C order; `ERR_MEMORY` when there is no room. */
export function zeroElements<D extends DType>(dtype: D, shape: readonly number[]): Elements<D> {
  return { dtype, data: allocate(dtype, shape), shape, strides: cStrides(shape), offset: 0 }
}

function allocate<D extends DType>(dtype: D, shape: readonly number[]): TypedArrayOf<D> {
  try {
    return new (typedArrayMaker(dtype))(countElements(shape))
  } catch (cause) {
    throw new OneCopyError(
      'ERR_MEMORY',
      `No room for ${dtype} of shape [${shape.join(', ')}] in private memory. ` +
        'For large arrays use shared() with a scratch folder, or createArray().',
      { cause },
    )
  }
}

/** The elements as one flat typed array in C order, without a copy; undefined when they have gaps. */
export function flatElements<D extends DType>(elements: Elements<D>): TypedArrayOf<D> | undefined {
  if (!isCContiguous(elements)) return undefined
  const { data } = elements
  const [start, stop] = extentOf(elements)
  if (start === 0 && stop === data.length) return data
  return data.subarray(start, stop) as TypedArrayOf<D>
}

/**
 * Copies all elements, bit for bit, to a place with the same shape and dtype. The two must not
 * overlap, unless both are contiguous.
 */
export function copyElements<D extends DType>(from: Elements<D>, to: Elements<D>): void {
  const source = flatElements(from)
  const target = flatElements(to)
  if (source !== undefined && target !== undefined) {
    const bytes = target as Uint8Array
    bytes.set(source as Uint8Array)
    return
  }
  const [words, step] = wordsOf(from.data)
  const [targetWords] = wordsOf(to.data)
  copyAxes(
    { ...pairOf(words, from, step), axes: from.strides.map((stride) => stride * step) },
    { ...pairOf(targetWords, to, step), axes: to.strides.map((stride) => stride * step) },
    from.shape,
    step,
  )
}

/** Bytes that {@link elementBlocks} gathers at a time. */
const blockBytes = 8 << 20

/**
 * All elements in C order as flat pieces of at most 8 MiB: parts of the memory itself, or gathered
 * where the elements have gaps. A piece is valid until the next one is asked for.
 */
export function* elementBlocks(elements: Elements): Generator<TypedArrayOf, void, undefined> {
  const flat = flatElements(elements)
  if (flat === undefined) {
    const size = itemSize(elements.dtype)
    const room = Math.min(countElements(elements.shape), blockBytes / size)
    yield* gatheredBlocks(elements, zeroElements(elements.dtype, [room]).data)
    return
  }
  const step = blockBytes / flat.BYTES_PER_ELEMENT
  for (let at = 0; at < flat.length; at += step) yield flat.subarray(at, at + step)
}

/** Gathers as many whole rows at a time as `block` has room for; a longer row goes in parts. */
function* gatheredBlocks(
  { dtype, data, shape, strides, offset }: Elements,
  block: TypedArrayOf,
): Generator<TypedArrayOf, void, undefined> {
  const [length = 1, ...inner] = shape
  const row = countElements(inner)
  const step = Math.max(1, Math.floor(block.length / row))
  for (let i = 0; i < length; i += step) {
    const part = {
      dtype,
      data,
      shape: inner,
      strides: strides.slice(1),
      offset: offset + i * strides[0]!,
    }
    if (row > block.length) {
      yield* gatheredBlocks(part, block)
      continue
    }
    const rows = { ...part, shape: [Math.min(step, length - i), ...inner], strides }
    const piece = block.subarray(0, rows.shape[0]! * row)
    copyElements(rows, {
      dtype,
      data: piece,
      shape: rows.shape,
      strides: cStrides(rows.shape),
      offset: 0,
    })
    yield piece
  }
}

/** Elements as nested JavaScript arrays; the bare scalar for no axes. */
export function nestElements<D extends DType>(elements: Elements<D>): unknown {
  const { data, shape, strides } = elements
  const nest = (axis: number, position: number): unknown => {
    if (axis === shape.length) return data[position]
    return Array.from({ length: shape[axis]! }, (_, i) =>
      nest(axis + 1, position + i * strides[axis]!),
    )
  }
  return nest(0, elements.offset)
}

/** Unsigned words that carry every dtype's bits; three classes keep the copy loop fast in V8. */
type Words = Uint8Array | Uint16Array | Uint32Array

interface WordAxes {
  readonly words: Words
  readonly start: number
  readonly axes: readonly number[]
}

function wordsOf({
  buffer,
  byteOffset,
  byteLength,
  BYTES_PER_ELEMENT,
}: TypedArrayOf): [words: Words, wordsPerElement: number] {
  if (BYTES_PER_ELEMENT === 1) return [new Uint8Array(buffer, byteOffset, byteLength), 1]
  if (BYTES_PER_ELEMENT === 2) return [new Uint16Array(buffer, byteOffset, byteLength / 2), 1]
  return [new Uint32Array(buffer, byteOffset, byteLength / 4), BYTES_PER_ELEMENT / 4]
}

function pairOf(words: Words, { offset }: Layout, step: number): { words: Words; start: number } {
  return { words, start: offset * step }
}

/** Walks the outer axes; the two innermost are copied in tiles that stay in the cache. */
function copyAxes(from: WordAxes, to: WordAxes, shape: readonly number[], step: number): void {
  if (shape.length < 2) {
    const whole = { words: from.words, start: from.start, axes: [0, from.axes[0] ?? 0] }
    copyTiles(whole, { ...to, axes: [0, to.axes[0] ?? 0] }, [1, shape[0] ?? 1], step)
    return
  }
  if (shape.length === 2) {
    copyTiles(from, to, shape, step)
    return
  }
  const inner = shape.slice(1)
  for (let i = 0; i < shape[0]!; i++) {
    const source = { ...from, start: from.start + i * from.axes[0]!, axes: from.axes.slice(1) }
    const target = { ...to, start: to.start + i * to.axes[0]!, axes: to.axes.slice(1) }
    copyAxes(source, target, inner, step)
  }
}

const tile = 64

function copyTiles(from: WordAxes, to: WordAxes, shape: readonly number[], step: number): void {
  const [rows, columns] = [shape[0]!, shape[1]!]
  for (let top = 0; top < rows; top += tile) {
    const bottom = Math.min(rows, top + tile)
    for (let left = 0; left < columns; left += tile)
      copyTile(from, to, [top, bottom, left, Math.min(columns, left + tile)], step)
  }
}

function copyTile(
  from: WordAxes,
  to: WordAxes,
  [top, bottom, left, right]: readonly [number, number, number, number],
  step: number,
): void {
  const { words: source } = from
  const { words: target } = to
  const [fromColumn, toColumn] = [from.axes[1]!, to.axes[1]!]
  for (let row = top; row < bottom; row++) {
    let read = from.start + row * from.axes[0]! + left * fromColumn
    let write = to.start + row * to.axes[0]! + left * toColumn
    for (let column = left; column < right; column++) {
      target[write] = source[read]!
      // The second half of an 8-byte element.
      if (step === 2) target[write + 1] = source[read + 1]!
      read += fromColumn
      write += toColumn
    }
  }
}

/** Copies strided elements bit for bit. */

import type { DType, TypedArrayOf } from './dtype.ts'
import { type Elements, flatElements } from './elements.ts'

/**
 * Copies all elements, bit for bit, to a place with the same shape and dtype. The two must not
 * overlap, unless both are contiguous.
 */
export function copyElements<D extends DType>(from: Elements<D>, to: Elements<D>): void {
  const source = flatElements(from)
  const target = flatElements(to)
  if (source === undefined || target === undefined) {
    copyAxes(asWords(from), asWords(to), from.shape)
    return
  }
  const bytes = target as Uint8Array
  bytes.set(source as Uint8Array)
}

/** Strided elements as unsigned words; with three classes of them the copy loop stays fast in V8. */
interface WordLayout {
  readonly words: Uint8Array | Uint16Array | Uint32Array
  /** Words of one element: 2 for 8 bytes, else 1. */
  readonly width: number
  /** Word number of the first element. */
  readonly start: number
  /** Steps of the axes in words. */
  readonly steps: readonly number[]
}

function asWords({ data, strides, offset }: Elements): WordLayout {
  const words = wordsOf(data)
  const width = data.BYTES_PER_ELEMENT / words.BYTES_PER_ELEMENT
  return { words, width, start: offset * width, steps: strides.map((stride) => stride * width) }
}

function wordsOf(data: TypedArrayOf): WordLayout['words'] {
  const { buffer, byteOffset, byteLength, BYTES_PER_ELEMENT } = data
  if (BYTES_PER_ELEMENT === 1) return new Uint8Array(buffer, byteOffset, byteLength)
  if (BYTES_PER_ELEMENT === 2) return new Uint16Array(buffer, byteOffset, byteLength / 2)
  return new Uint32Array(buffer, byteOffset, byteLength / 4)
}

/** Walks the outer axes, down to the two innermost. */
function copyAxes(from: WordLayout, to: WordLayout, shape: readonly number[]): void {
  if (shape.length <= 2) {
    const [columns = 1, rows = 1] = shape.toReversed()
    copyTiles(from, to, rows, columns)
    return
  }
  const inner = shape.slice(1)
  for (let i = 0; i < shape[0]!; i++) copyAxes(innerOf(from, i), innerOf(to, i), inner)
}

function innerOf({ words, width, start, steps }: WordLayout, i: number): WordLayout {
  return { words, width, start: start + i * steps[0]!, steps: steps.slice(1) }
}

/** Rows and columns of a tile, so that one side of a transposed copy stays in the cache. */
const tileRows = 64
const tileColumns = 64

function copyTiles(from: WordLayout, to: WordLayout, rows: number, columns: number): void {
  if (copyRows(from, to, rows, columns)) return
  // A single row has nothing to gain from tiles.
  const width = rows === 1 ? columns : tileColumns
  for (let top = 0; top < rows; top += tileRows) {
    const bottom = Math.min(rows, top + tileRows)
    for (let left = 0; left < columns; left += width)
      copyTile(from, to, [top, bottom, left, Math.min(columns, left + width)])
  }
}

/** From this length on, the system's copy of a row pays for its call. */
const longRow = 32

/** Copies rows without gaps; tells whether they are such and long. */
function copyRows(from: WordLayout, to: WordLayout, rows: number, columns: number): boolean {
  const { width } = from
  if (columns < longRow || from.steps.at(-1) !== width || to.steps.at(-1) !== width) return false
  const length = columns * width
  for (let row = 0; row < rows; row++) {
    const read = from.start + row * (from.steps.at(-2) ?? 0)
    const write = to.start + row * (to.steps.at(-2) ?? 0)
    to.words.set(from.words.subarray(read, read + length), write)
  }
  return true
}

function copyTile(
  from: WordLayout,
  to: WordLayout,
  [top, bottom, left, right]: readonly [number, number, number, number],
): void {
  // Hoisted, since V8 reads object fields anew after each write to a typed array.
  const { words: source, width } = from
  const { words: target } = to
  const [fromColumn = 0, fromRow = 0] = from.steps.toReversed()
  const [toColumn = 0, toRow = 0] = to.steps.toReversed()
  for (let row = top; row < bottom; row++) {
    let read = from.start + row * fromRow + left * fromColumn
    let write = to.start + row * toRow + left * toColumn
    for (let column = left; column < right; column++) {
      target[write] = source[read]!
      if (width === 2) target[write + 1] = source[read + 1]!
      read += fromColumn
      write += toColumn
    }
  }
}

/** Texts of an Arrow column: offsets and bytes, in place or copied. */

import { type NDArray, shared } from '../../arrays/index.ts'
import { writeBytes } from '../columns/scratch-bytes.ts'
import type { ArrowMemory, BufferKind } from './arrow-memory.ts'
import type { ColumnPart } from './column-parts.ts'
import type { ArrowType } from './arrow-type.ts'
import { damagedArrow } from './flat-buffer.ts'

/** Texts, the i-th of which has the bytes from `offsets[i]` up to `offsets[i + 1]`. */
export interface TextBuffers {
  /** One more than there are texts; ascending where the file is sound. */
  readonly offsets: NDArray<'int32' | 'int64'>
  /** UTF-8. */
  readonly bytes: NDArray<'uint8'>
}

/** How texts lie: bytes of an offset, or `'view'`; undefined when they are no texts. */
export function textWidth(type: ArrowType): 4 | 8 | 'view' | undefined {
  return type.kind === 'text' ? type.width : type.kind === 'textView' ? 'view' : undefined
}

/** Why texts can't stay in the file; undefined when they can. */
export function textCopyReason(
  memory: ArrowMemory,
  parts: readonly ColumnPart[],
  width: 4 | 8 | 'view',
): string | undefined {
  if (width === 'view') return 'its texts are views, in pieces'
  return memory.copyReason(parts, offsetKind(width))
}

const offsetKind = (width: 4 | 8): BufferKind<'int32' | 'int64'> => ({
  dtype: width === 4 ? 'int32' : 'int64',
  buffer: 1,
})

/**
 * The texts of a column.
 *
 * @param width - bytes of an offset, or `'view'`
 * @throws OneCopyError `ERR_FORMAT` for offsets outside the bytes, `ERR_MEMORY`
 */
export function readTexts(
  memory: ArrowMemory,
  parts: readonly ColumnPart[],
  width: 4 | 8 | 'view',
): TextBuffers {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const isInPlace = rows > 0 && textCopyReason(memory, parts, width) === undefined
  if (width !== 'view' && isInPlace) return textsInPlace(memory, parts[0]!, width)
  const pieces = parts.map((part) =>
    width === 'view' ? viewPieces(memory, part) : offsetPieces(memory, part, width),
  )
  return joinTexts(rows, pieces)
}

function textsInPlace(memory: ArrowMemory, part: ColumnPart, width: 4 | 8): TextBuffers {
  const { rows, buffers } = part
  const [, at, data] = buffers
  const { dtype } = offsetKind(width)
  if (at!.bytes < (rows + 1) * width)
    throw damagedArrow(
      memory.path,
      `${rows + 1} offsets at byte ${at!.start}`,
      `${at!.bytes} bytes`,
    )
  const offsets = memory.view(dtype, at!.start, rows + 1)
  const [first, last] = [Number(offsets.get(0)), Number(offsets.get(rows))]
  if (first < 0 || last < first || last > data!.bytes)
    throw damagedArrow(
      memory.path,
      `offsets of texts up to ${data!.bytes} at byte ${at!.start}`,
      `${first} to ${last}`,
    )
  return { offsets, bytes: memory.view('uint8', data!.start, data!.bytes) }
}

/** Texts of a part: their lengths, and their bytes from each text on. */
interface TextPieces {
  readonly lengths: Float64Array
  /** Calls back with each run of bytes that lie together, in order. */
  readonly each: (write: (bytes: Uint8Array) => void) => void
}

function offsetPieces(memory: ArrowMemory, part: ColumnPart, width: 4 | 8): TextPieces {
  const { rows, buffers, codec } = part
  const [, at, data] = buffers
  const lengths = new Float64Array(rows)
  if (rows === 0) return { lengths, each: () => {} }
  const offsets = numbersOf(memory.read(at!, codec, (rows + 1) * width), width)
  const first = offsets[0]!
  for (let i = 0; i < rows; i++) {
    lengths[i] = offsets[i + 1]! - offsets[i]!
    if (!(lengths[i]! >= 0))
      throw damagedArrow(
        memory.path,
        `ascending offsets of texts at byte ${at!.start}`,
        `${offsets[i]} before ${offsets[i + 1]}`,
      )
  }
  const last = offsets[rows]!
  if (first < 0)
    throw damagedArrow(memory.path, `offsets of texts from 0 at byte ${at!.start}`, `${first}`)
  const bytes = () => memory.read(data!, codec, last).subarray(first)
  return { lengths, each: (write) => write(bytes()) }
}

/** Whole numbers of 4 or 8 bytes, whatever their place. */
function numbersOf(bytes: Uint8Array, width: 4 | 8): Float64Array {
  const copy = bytes.slice().buffer
  return width === 4
    ? Float64Array.from(new Int32Array(copy))
    : Float64Array.from(new BigInt64Array(copy), Number)
}

/** Views: 4 bytes of length, then up to 12 bytes of text, or 4 bytes of it, the buffer's number and the offset. */
function viewPieces(memory: ArrowMemory, part: ColumnPart): TextPieces {
  const { rows, buffers, codec } = part
  const lengths = new Float64Array(rows)
  const validity =
    memory.sizeOf(buffers[0]!, codec) > 0
      ? memory.read(buffers[0]!, codec, Math.ceil(rows / 8))
      : undefined
  const views = memory.read(buffers[1]!, codec, rows * 16)
  const data = buffers
    .slice(2)
    .map((region) => memory.read(region, codec, memory.sizeOf(region, codec)))
  const view = new DataView(views.buffer, views.byteOffset, views.byteLength)
  for (let i = 0; i < rows; i++) {
    // What stands under a null may be anything.
    if (validity !== undefined && ((validity[i >> 3]! >> (i & 7)) & 1) === 0) continue
    const length = view.getInt32(16 * i, true)
    lengths[i] = length
    const [number, offset] = [view.getInt32(16 * i + 8, true), view.getInt32(16 * i + 12, true)]
    const isInside =
      length <= 12 || (offset >= 0 && offset + length <= (data[number]?.length ?? -1))
    if (length < 0 || !isInside)
      throw damagedArrow(
        memory.path,
        `texts inside their buffers at byte ${buffers[1]!.start}`,
        `${length} bytes from ${offset} in row ${i}`,
      )
  }
  return {
    lengths,
    each: (write) => {
      for (let i = 0; i < rows; i++) {
        const length = lengths[i]!
        if (length === 0) continue
        if (length <= 12) write(views.subarray(16 * i + 4, 16 * i + 4 + length))
        else {
          const offset = view.getInt32(16 * i + 12, true)
          write(data[view.getInt32(16 * i + 8, true)]!.subarray(offset, offset + length))
        }
      }
    },
  }
}

/** Bytes that are gathered before they are written. */
const blockBytes = 1 << 20

function joinTexts(rows: number, pieces: readonly TextPieces[]): TextBuffers {
  let total = 0
  for (const { lengths } of pieces) for (const length of lengths) total += length
  const isLong = total > 2 ** 31 - 1
  const offsets = shared([rows + 1], isLong ? 'int64' : 'int32')
  const list = offsets.toTypedArray()
  let row = 0
  let end = 0
  for (const { lengths } of pieces) {
    for (const length of lengths) {
      end += length
      list[++row] = isLong ? BigInt(end) : end
    }
  }
  const bytes = shared([total], 'uint8')
  const block = new Uint8Array(blockBytes)
  let [filled, done] = [0, bytes.offset]
  const flush = () => {
    writeBytes(bytes, done, block.subarray(0, filled))
    done += filled
    filled = 0
  }
  for (const { each } of pieces) {
    each((piece) => {
      if (filled + piece.length > blockBytes) flush()
      if (piece.length > blockBytes) {
        writeBytes(bytes, done, piece)
        done += piece.length
      } else {
        block.set(piece, filled)
        filled += piece.length
      }
    })
  }
  flush()
  return { offsets, bytes }
}

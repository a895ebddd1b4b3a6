/** Arrays that lie as .npy files inside larger files. */

import { OneCopyError } from '../../errors.ts'
import { type DType, type TypedArrayOf, typedArrayMaker } from '../layout/dtype.ts'
import { elementBlocks } from '../layout/element-blocks.ts'
import { isAttached } from '../layout/elements.ts'
import {
  countElements,
  cStrides,
  fStrides,
  isCContiguous,
  isFContiguous,
} from '../layout/layout.ts'
import type { Mapping } from '../memory/mapping.ts'
import { NDArray } from '../ndarray/ndarray.ts'
import { PackedScratch } from '../ndarray/packed-scratch.ts'
import { formatNpyHeader, headerReach, parseNpyHeader } from './npy.ts'
import { formatDescr, parseDescr } from './npy-dtype.ts'
import { ForeignArray } from './open-converted.ts'

/** Part of a mapping. */
export interface MappedPart {
  readonly mapping: Mapping
  /** First byte of it. */
  readonly start: number
  readonly bytes: number
  /** As of {@link MappedElements}. */
  readonly views?: MappingViews | undefined
  /** Where a copy of its elements goes. Default: a segment of its own. */
  readonly scratch?: PackedScratch | undefined
}

/** Typed arrays over a whole mapping, by their dtypes: many arrays of one mapping share them. */
export type MappingViews = Map<DType, TypedArrayOf>

/**
 * Opens a .npy file that is part of a mapping, without a copy where its elements lie as they do in memory.
 *
 * @param name - what error texts call it
 * @returns an array on the mapping, or a copy in scratch memory of elements that are not aligned, or that are
 *   converted as by {@link ForeignArray.toNative}
 * @throws OneCopyError `ERR_FORMAT` when it is damaged, or has more or fewer bytes than its header says; `ERR_DTYPE`
 * when its elements aren't numbers
 */
export function openNpyPart(part: MappedPart, name: string): NDArray {
  const { mapping, start, bytes, views, scratch = new PackedScratch() } = part
  // A copy, since text is not decoded from shared memory.
  const head = new Uint8Array(mapping.buffer, start, Math.min(bytes, headerReach))
  const reach = head[6] === 1 ? 10 + head[8]! + 256 * head[9]! : headerReach
  const header = parseNpyHeader(head.slice(0, reach), name)
  const type = parseDescr(header.descr, name)
  const { shape } = header
  const expected = header.dataOffset + countElements(shape) * type.bytes
  if (bytes !== expected) {
    throw new OneCopyError(
      'ERR_FORMAT',
      `Expected ${expected} bytes as the header of ${name} says, got ${bytes}.`,
      { details: { name, expected, size: bytes } },
    )
  }
  const dataOffset = start + header.dataOffset
  const strides = (header.fortranOrder ? fStrides : cStrides)(shape)
  const isNative = type.form === 'plain' && !type.isSwapped
  if (isNative && dataOffset % type.bytes === 0)
    return mapPart({ mapping, start: dataOffset, shape, strides, dtype: type.dtype, views })
  const foreign = new ForeignArray(mapping, { header: { ...header, dataOffset }, type })
  return foreign.convertTo((copied) => scratch.take(copied))
}

/** Elements that lie aligned in a mapping. */
export interface MappedElements {
  readonly mapping: Mapping
  /** First byte of them. */
  readonly start: number
  readonly shape: readonly number[]
  /** Default: C order. */
  readonly strides?: readonly number[]
  readonly dtype: DType
  /** Of this mapping; what is made is kept there. Default: none. */
  readonly views?: MappingViews | undefined
}

/** An array on elements of a mapping, which stay where they are. */
export function mapPart(elements: MappedElements): NDArray {
  const { mapping, start, shape, dtype, views } = elements
  const maker = typedArrayMaker(dtype)
  const size = maker.BYTES_PER_ELEMENT
  const data =
    views?.get(dtype) ?? new maker(mapping.buffer, 0, Math.floor(mapping.byteLength / size))
  views?.set(dtype, data)
  const { strides = cStrides(shape) } = elements
  return new NDArray(shape, dtype, data, { strides, offset: start / size, mapping })
}

/** A .npy file that is written as part of a larger one. */
export interface NpyPieces {
  /** All bytes of it. */
  readonly bytes: number
  /** They, one after the other; each piece is valid until the next one is asked for. */
  readonly pieces: Iterable<Uint8Array>
}

/**
 * The bytes of an array as a .npy file, as `saveArray` writes it.
 *
 * @param name - what the error calls it whose memory is gone before all pieces were asked for, `ERR_DETACHED`
 */
export function npyPieces(array: NDArray, name: string): NpyPieces {
  const { dtype, shape } = array
  const fortranOrder = isFContiguous(array) && !isCContiguous(array)
  const header = formatNpyHeader({ descr: formatDescr(dtype), fortranOrder, shape })
  const elements = fortranOrder ? array.transpose() : array
  return {
    bytes: header.length + array.nbytes,
    pieces: concat(header, elementBytes(elements, name)),
  }
}

function* concat(first: Uint8Array, rest: Iterable<Uint8Array>): Generator<Uint8Array> {
  yield first
  yield* rest
}

/** The bytes of all elements in C order, as {@link npyPieces} gives them. */
export function* elementBytes(array: NDArray, name: string): Generator<Uint8Array> {
  let bytes = 0
  if (isAttached(array))
    for (const { buffer, byteOffset, byteLength } of elementBlocks(array)) {
      yield new Uint8Array(buffer, byteOffset, byteLength)
      bytes += byteLength
      if (!isAttached(array)) break
    }
  if (bytes === array.nbytes) return
  throw new OneCopyError(
    'ERR_DETACHED',
    `The memory of ${name} was transferred or shrunk before it was saved, so no file was changed. ` +
      'Await the saving before you transfer or resize the buffer.',
    { details: { name } },
  )
}

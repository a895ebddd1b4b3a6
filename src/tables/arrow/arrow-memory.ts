/** Buffers of an Arrow file, in place or copied. */

import { zstdDecompressSync } from 'node:zlib'
import { type DType, itemSize, type NDArray, shared } from '../../arrays/index.ts'
import { type Mapping, mapPart, type MappingViews } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import { writeBytes } from '../columns/scratch-bytes.ts'
import type { Codec, Region } from './arrow-messages.ts'
import type { ColumnPart } from './column-parts.ts'
import { damagedArrow } from './flat-buffer.ts'
import { decodeLz4Frame } from './lz4-frame.ts'

/** Which buffer of a column, and what its elements are. */
export interface BufferKind<D extends DType = DType> {
  readonly dtype: D
  /** Its place among the column's buffers. */
  readonly buffer: number
  /** Elements in each row, or bits when below 1; default 1. */
  readonly perRow?: number
}

/** The memory of an opened file. */
export class ArrowMemory {
  readonly path: string
  readonly #mapping: Mapping | undefined
  /** The whole file. */
  readonly bytes: Uint8Array
  readonly #views: MappingViews = new Map()

  /** @param mapping - undefined when all buffers have a source of their own */
  constructor(path: string, mapping: Mapping | undefined) {
    this.path = path
    this.#mapping = mapping
    this.bytes = mapping === undefined ? new Uint8Array() : new Uint8Array(mapping.buffer)
  }

  /** Elements that lie aligned in the file. */
  view<D extends DType>(dtype: D, start: number, length: number): NDArray<D> {
    const place = { mapping: this.#mapping!, start, shape: [length], dtype, views: this.#views }
    return mapPart(place) as NDArray<D>
  }

  /**
   * The bytes of a buffer: a view of the file, or decompressed.
   *
   * @param needed - fewer are refused; more are cut off
   * @throws OneCopyError `ERR_FORMAT`
   */
  read(region: Region, codec: Codec | undefined, needed: number): Uint8Array {
    const { start, source } = region
    const bytes = source ?? this.bytes.subarray(start, start + region.bytes)
    if (codec !== undefined && needed > 0) this.#requireModest(region, codec, needed)
    const plain =
      codec === undefined || needed === 0 ? bytes : this.#decompress(bytes, codec, region)
    if (plain.length >= needed) return plain.subarray(0, needed)
    throw damagedArrow(this.path, `${needed} bytes at byte ${region.start}`, `${plain.length}`)
  }

  /** How many bytes a buffer has once it is decompressed. */
  sizeOf(region: Region, codec: Codec | undefined): number {
    if (codec === undefined || region.bytes === 0) return region.bytes
    const size = this.#plainSize(region, codec)
    return size === -1 ? region.bytes - prefixBytes : size
  }

  #plainSize({ start, bytes }: Region, codec: Codec): number {
    if (bytes < prefixBytes)
      throw damagedArrow(
        this.path,
        `the length of a compressed buffer at byte ${start}`,
        `${bytes} bytes`,
      )
    const { buffer, byteOffset } = this.bytes
    const size = Number(new DataView(buffer, byteOffset + start, prefixBytes).getBigInt64(0, true))
    if (size >= -1 && size <= bytes * mostRatio[codec]) return size
    throw damagedArrow(this.path, `the length of a compressed buffer at byte ${start}`, `${size}`)
  }

  /** Refuses a buffer that would take much more memory than its rows. Writers may leave other rows in it. */
  #requireModest(region: Region, codec: Codec, needed: number): void {
    const size = this.#plainSize(region, codec)
    if (size <= 16 * needed + spareBytes) return
    throw damagedArrow(
      this.path,
      `about ${needed} bytes in the compressed buffer at byte ${region.start}`,
      `${size}`,
    )
  }

  #decompress(bytes: Uint8Array, codec: Codec, region: Region): Uint8Array {
    const size = this.#plainSize(region, codec)
    // A copy, since the file may change while it is read.
    const source = bytes.slice(prefixBytes)
    if (size === -1) return source
    try {
      if (codec === 'zstd') {
        const found = zstdDecompressSync(source, { maxOutputLength: Math.max(1, size) })
        // No Buffer, whose `slice` doesn't copy.
        return new Uint8Array(found.buffer, found.byteOffset, found.length)
      }
      const target = new Uint8Array(size)
      decodeLz4Frame(source, target)
      return target
    } catch (cause) {
      throw new OneCopyError(
        'ERR_FORMAT',
        `Could not decompress (${codec.toUpperCase()}) the buffer at byte ${region.start} of the Arrow file ${this.path}: ${(cause as Error).message}. The file is damaged.`,
        { cause, details: { path: this.path, byte: region.start } },
      )
    }
  }

  /** Why elements can't stay in the file; undefined when they can. */
  copyReason(
    parts: readonly ColumnPart[],
    { dtype, buffer, perRow = 1 }: BufferKind,
  ): string | undefined {
    const [part] = parts
    if (part === undefined) return undefined
    if (part.buffers[buffer]?.source !== undefined) return 'it lies in private memory'
    if (parts.length > 1) return `the file has ${parts.length} batches`
    if (part.codec !== undefined && part.buffers[buffer]!.bytes > 0)
      return `it is compressed (${part.codec.toUpperCase()})`
    const needsBytes = part.rows * perRow > 0
    return needsBytes && part.buffers[buffer]!.start % itemSize(dtype) !== 0
      ? 'it is not aligned'
      : undefined
  }

  /**
   * One element for each row, and `more` at the end: in place, or copied to shared memory.
   *
   * @throws OneCopyError `ERR_FORMAT`, `ERR_MEMORY`
   */
  elements<D extends DType>(parts: readonly ColumnPart[], kind: BufferKind<D>): NDArray<D> {
    const { dtype, buffer, perRow = 1 } = kind
    const size = itemSize(dtype)
    const total = parts.reduce((sum, { rows }) => sum + rows, 0) * perRow
    if (parts.length === 1 && total > 0 && this.copyReason(parts, kind) === undefined) {
      const region = parts[0]!.buffers[buffer]!
      if (region.bytes < total * size)
        throw damagedArrow(
          this.path,
          `${total * size} bytes at byte ${region.start}`,
          `${region.bytes}`,
        )
      return this.view(dtype, region.start, total)
    }
    const copy = shared([total], dtype)
    let at = copy.offset * size
    for (const { rows, buffers, codec } of parts) {
      const bytes = this.read(buffers[buffer]!, codec, rows * perRow * size)
      writeBytes(copy, at, bytes)
      at += bytes.length
    }
    return copy
  }

  /**
   * The bits that say which values there are; undefined when all are.
   *
   * @throws OneCopyError `ERR_FORMAT`
   */
  validity(parts: readonly ColumnPart[]): NDArray<'uint8'> | undefined {
    if (parts.every(({ nulls }) => nulls === 0)) return undefined
    return this.bits(parts, 0)
  }

  /**
   * Bits, one for each row: in place, or copied to shared memory. Only the first buffer of a column, its validity, may be absent: then its bits are 1.
   */
  bits(parts: readonly ColumnPart[], buffer: number): NDArray<'uint8'> {
    const rows = parts.reduce((sum, part) => sum + part.rows, 0)
    const [first] = parts
    const kind = { dtype: 'uint8', buffer } as const
    if (
      parts.length === 1 &&
      first!.buffers[buffer]!.bytes > 0 &&
      this.copyReason(parts, kind) === undefined
    ) {
      const region = first!.buffers[buffer]!
      const bytes = Math.ceil(rows / 8)
      if (region.bytes >= bytes) return this.view('uint8', region.start, bytes)
      throw damagedArrow(this.path, `${bytes} bytes at byte ${region.start}`, `${region.bytes}`)
    }
    const copy = shared([Math.ceil(rows / 8)], 'uint8')
    const target = copy.toTypedArray()
    let row = 0
    for (const part of parts) {
      this.#copyBits(part, buffer, target, row)
      row += part.rows
    }
    return copy
  }

  #copyBits(part: ColumnPart, buffer: number, target: Uint8Array, start: number): void {
    const { rows, nulls, codec } = part
    const region = part.buffers[buffer]!
    const isAbsent = buffer === 0 && this.sizeOf(region, codec) === 0
    if (isAbsent && nulls > 0)
      throw damagedArrow(this.path, `bits for ${nulls} nulls at byte ${region.start}`, 'none')
    const bits = isAbsent ? undefined : this.read(region, codec, Math.ceil(rows / 8))
    // Each value has a bit at least. Without this a few bytes could claim any number of rows.
    const values = part.buffers[1]!
    if (isAbsent && this.sizeOf(values, codec) < rows / 8)
      throw damagedArrow(
        this.path,
        `values of ${rows} rows at byte ${values.start}`,
        `${values.bytes} bytes`,
      )
    for (let i = 0; i < rows; i++) {
      if (bits === undefined || ((bits[i >> 3]! >> (i & 7)) & 1) === 1)
        target[(start + i) >> 3]! |= 1 << ((start + i) & 7)
    }
  }
}

/** Bytes of other rows that a compressed buffer may have in any case. */
const spareBytes = 64 * 2 ** 20

/** LZ4 makes at most 255 times less of bytes; ZSTD makes 2^15 times less of equal ones. */
const mostRatio: Readonly<Record<Codec, number>> = { lz4: 256, zstd: 2 ** 16 }

/** A compressed buffer begins with its length before that; -1 says that it isn't compressed. */
const prefixBytes = 8

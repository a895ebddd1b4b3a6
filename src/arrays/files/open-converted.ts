/** Opens .npy files whose elements must be converted. */

import { endianness } from 'node:os'
import { resolve } from 'node:path'
import { requireKnown } from '../../options.ts'
import { itemSize, type TypedArrayOf, typedArrayMaker } from '../layout/dtype.ts'
import { type FileForm, readForm } from './files.ts'
import { float16ToFloat32 } from '../layout/float16.ts'
import { countElements, cStrides, fStrides } from '../layout/layout.ts'
import { arrayHint } from '../layout/numpy-names.ts'
import { mapFile, type Mapping, withFile } from '../memory/mapping.ts'
import { NDArray } from '../ndarray/ndarray.ts'
import type { ScratchPlace } from '../ndarray/packed-scratch.ts'
import { createScratch, scratchNames, type ScratchOptions } from '../ndarray/scratch.ts'
import { requirePath } from '../memory/path.ts'

/**
 * A mapped file of float16, complex or big-endian elements, which can't be used in place.
 *
 * @example
 * ```ts
 * const X = openForeignArray('measured-on-sparc.npy').toNative()
 * ```
 */
export class ForeignArray {
  /** Type of the stored elements as NumPy writes it, such as `>f8`, `<f2` or `<c16`. */
  readonly descr: string
  readonly shape: readonly number[]
  readonly mapping: Mapping
  readonly #form: FileForm

  constructor(mapping: Mapping, form: FileForm) {
    this.descr = form.header.descr
    this.shape = form.header.shape
    this.mapping = mapping
    this.#form = form
  }

  /**
   * Converts all elements into scratch memory: float16 becomes float32, a complex number a last axis
   * of real and imaginary part, big-endian elements get this machine's byte order.
   *
   * @param options - `scratch`: a folder for the copy, when it is larger than memory
   * @returns a copy with the order of axes that the file has
   * @throws OneCopyError `ERR_MEMORY` when there is not enough memory
   */
  toNative(options: ScratchOptions = {}): NDArray {
    requireKnown('ForeignArray.toNative', options, scratchNames, arrayHint(scratchNames))
    return this.convertTo((bytes) => ({ mapping: createScratch(bytes, options), start: 0 }))
  }

  /** @internal as {@link toNative}, in memory that `take` gives */
  convertTo(take: (bytes: number) => ScratchPlace): NDArray {
    const { header, type } = this.#form
    const parts = type.form === 'complex' ? 2 : 1
    const count = countElements(this.shape) * parts
    const maker = typedArrayMaker(type.dtype)
    const { mapping, start } = take(count * itemSize(type.dtype))
    const target = new maker(mapping.buffer, start, count)
    const source = { buffer: this.mapping.buffer, start: header.dataOffset, count }
    if (type.form === 'half') widen(source, target, type.isSwapped)
    else copyBytes(source, target, type.isSwapped)
    const data = new maker(mapping.buffer)
    const offset = start / itemSize(type.dtype)
    const strides = (header.fortranOrder ? fStrides : cStrides)(this.shape).map(
      (step) => step * parts,
    )
    const layout = { strides, offset, mapping }
    if (parts === 1) return new NDArray(this.shape, type.dtype, data, layout)
    const whole = { ...layout, strides: [...strides, 1] }
    return new NDArray([...this.shape, 2], type.dtype, data, whole)
  }
}

/**
 * Opens a .npy file of any numeric type without reading it, for {@link ForeignArray.toNative}.
 *
 * @param path - a .npy file; native dtypes are taken too
 * @throws OneCopyError `ERR_FILE`, `ERR_FORMAT`, `ERR_DTYPE` as {@link openArray}
 */
export function openForeignArray(path: string): ForeignArray {
  requirePath(path)
  const file = resolve(path)
  return withFile(file, 'c', (fd) => {
    const form = readForm(fd, file)
    return new ForeignArray(mapFile(fd, { kind: 'file', mode: 'c', path: file }), form)
  })
}

/** Stored values from byte `start` of a buffer. */
interface Stored {
  readonly buffer: ArrayBufferLike
  readonly start: number
  readonly count: number
}

function widen({ buffer, start, count }: Stored, target: TypedArrayOf, isSwapped: boolean): void {
  const bytes = new Uint8Array(buffer, start, 2 * count) // a header may end at an odd byte
  const [low, high] = isSwapped === (endianness() === 'LE') ? [1, 0] : [0, 1]
  for (let i = 0; i < count; i++)
    target[i] = float16ToFloat32(bytes[2 * i + low]! | (bytes[2 * i + high]! << 8))
}

function copyBytes(
  { buffer, start, count }: Stored,
  target: TypedArrayOf,
  isSwapped: boolean,
): void {
  const size = target.BYTES_PER_ELEMENT
  const bytes = new Uint8Array(buffer, start, count * size)
  const swapped = new Uint8Array(target.buffer, target.byteOffset, count * size)
  swapped.set(bytes)
  if (!isSwapped) return
  for (let low = 0; low < swapped.length; low += size) {
    for (let i = low, j = low + size - 1; i < j; i++, j--) {
      const byte = swapped[i]!
      swapped[i] = swapped[j]!
      swapped[j] = byte
    }
  }
}

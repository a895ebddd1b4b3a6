/** Opens .safetensors files, mapped where their tensors lie aligned. */

import { fstatSync } from 'node:fs'
import { resolve } from 'node:path'
import { itemSize, type NDArray } from '../../arrays/index.ts'
import {
  float16ToFloat32,
  type Mapping,
  type MappingViews,
  mapPart,
  mapWhole,
  PackedScratch,
  requirePath,
  withFile,
} from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { isStringList, type OptionTypes, requireOptions } from '../../options.ts'
import { fileSource } from '../../zip/internal.ts'
import { type ArrayChoice, ArrayCollector, chooseNames, type NamedArrays } from '../named-arrays.ts'
import { readTensorHeader, type TensorHeader, type TensorPlace } from './tensor-header.ts'
import { tensorTypes } from './tensor-types.ts'

/** The tensors of a file, and what it says of them. */
export interface OpenedTensors extends NamedArrays {
  /** What stands under `__metadata__`; a record without a prototype, empty when there is none. */
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * Opens a .safetensors file. A tensor whose elements lie aligned is mapped, copy-on-write as by `openArray`; in files of
 * the reference writer and of {@link saveSafetensors} all are. Others are copied to scratch memory, as are elements that
 * Node.js can't compute with: F16 and BF16 become float32, exactly. C64 gets a last axis of real and imaginary part.
 * F8, F6 and F4 are refused.
 *
 * @param path - a .safetensors file
 * @param options - `names` chooses tensors, so that others may be of any type
 * @returns the tensors, for each whether it was `mapped` or `copied`, and the metadata
 * @throws OneCopyError `ERR_FILE` when it can't be opened, `ERR_FORMAT` when it breaks a rule of the format, `ERR_DTYPE` for a
 * type without a counterpart, `ERR_INDEX` for a name that it doesn't have
 * @see github.com/huggingface/safetensors
 *
 * @example
 * ```ts
 * const { arrays, storage, metadata } = await openSafetensors('model.safetensors')
 * for (const [name, array] of Object.entries(arrays)) console.log(name, array.shape, storage[name])
 * ```
 */
export async function openSafetensors(
  path: string,
  options: ArrayChoice = {},
): Promise<OpenedTensors> {
  requirePath(path)
  requireOptions('openSafetensors', options, openTypes)
  const file = resolve(path)
  const opened = withFile(file, 'c', (fd) => {
    const { size } = fstatSync(fd)
    const header = readTensorHeader(fileSource(fd, size, file))
    return { header, mapping: mapWhole(fd, { kind: 'file', mode: 'c', path: file }, size) }
  })
  return openTensors({ ...opened, path: file }, options)
}

/** A file, and what its header says. */
interface TensorFile {
  readonly path: string
  readonly header: TensorHeader
  /** Of the whole file. */
  readonly mapping: Mapping
}

/** Opens the tensors of a file. @throws as {@link openSafetensors} does */
export function openTensors(
  { path, header, mapping }: TensorFile,
  { names }: ArrayChoice,
): OpenedTensors {
  const places = new Map(header.tensors.map((place) => [place.name, place]))
  const opened = new ArrayCollector()
  const [views, scratch] = [new Map() as MappingViews, new PackedScratch()]
  for (const [name, place] of chooseNames(places, names, path))
    opened.add(name, openTensor(place, { mapping, views, scratch, path }))
  return { arrays: opened.arrays, storage: opened.storage, metadata: header.metadata }
}

const openTypes: OptionTypes<ArrayChoice> = { names: [isStringList, 'a list of names of tensors'] }

/** Where tensors are, and where copies of them go. */
interface TensorSource {
  readonly mapping: Mapping
  readonly views: MappingViews
  readonly scratch: PackedScratch
  readonly path: string
}

function openTensor(
  { name, type, shape, start, bytes }: TensorPlace,
  { mapping, views, scratch, path }: TensorSource,
): NDArray {
  const { dtype, form } = tensorTypes.get(type)!
  if (dtype === undefined) {
    throw new OneCopyError(
      'ERR_DTYPE',
      `Expected tensors of numbers that Node.js can hold, got ${type} at ${show(name)} of ${path}. ` +
        'Convert it to F32 or BF16, or choose other tensors with `names`.',
      { details: { path, name, type } },
    )
  }
  const stored = new Uint8Array(mapping.buffer, start, bytes)
  if (form === 'half' || form === 'brain')
    return widen(stored, scratch.array(shape, 'float32'), form)
  const axes = form === 'complex' ? [...shape, 2] : shape
  if (start % itemSize(dtype) === 0) return mapPart({ mapping, start, shape: axes, dtype, views })
  const array = scratch.array(axes, dtype)
  const { buffer, byteOffset } = array.toTypedArray()
  new Uint8Array(buffer, byteOffset, bytes).set(stored)
  return array
}

/** Floats of 16 bits as float32, which has all their values. */
function widen(stored: Uint8Array, array: NDArray<'float32'>, form: 'half' | 'brain'): NDArray {
  const values = array.toTypedArray()
  if (form === 'half') {
    for (let i = 0; i < values.length; i++)
      values[i] = float16ToFloat32(stored[2 * i]! | (stored[2 * i + 1]! << 8))
    return array
  }
  // A brain float is the upper half of a float32; written as bits, so that every NaN stays what it is.
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  for (let i = 0; i < bits.length; i++)
    bits[i] = (stored[2 * i]! << 16) | (stored[2 * i + 1]! << 24)
  return array
}

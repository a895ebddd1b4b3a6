/** Reads and checks headers of .safetensors files. */

import { OneCopyError, show } from '../../errors.ts'
import { type ByteSource, ByteWindow, readLong } from '../../zip/internal.ts'
import { type Json, JsonFault, parseStrictJson } from '../json/strict-json.ts'
import { tensorTypes } from './tensor-types.ts'

/** A tensor of a file. */
export interface TensorPlace {
  readonly name: string
  /** Name of its type, such as `F32`. */
  readonly type: string
  readonly shape: readonly number[]
  /** First byte of it in the file. */
  readonly start: number
  readonly bytes: number
}

/** What a header says. */
export interface TensorHeader {
  /** In the order of the file. */
  readonly tensors: readonly TensorPlace[]
  readonly metadata: Readonly<Record<string, string>>
}

/** Most bytes of a header, as in the reference reader. */
export const mostHeaderBytes = 100_000_000
/** Headers of many files are no longer. */
const windowBytes = 64 * 1024
/** Most axes of an array. */
const mostAxes = 32
/** Elements that an array has fewer of. */
const mostElements = 2 ** 50

/**
 * Reads the header of a file by the rules of the format: tensors follow each other without holes or overlaps up to
 * the end of the file, and each has as many bytes as its shape and type say.
 *
 * @throws OneCopyError `ERR_FORMAT`
 * @see github.com/huggingface/safetensors, `README.md` and `safetensors/src/tensor.rs`
 */
export function readTensorHeader(source: ByteSource): TensorHeader {
  const { path, size } = source
  if (size < 8) throw refuse(path, `has ${size} bytes, too few for a header`)
  const window = new ByteWindow(source, windowBytes)
  let at = window.need(0, 8)
  const headerBytes = readLong(window.view, at)
  if (!(headerBytes <= mostHeaderBytes)) {
    const found = window.view.getBigUint64(at, true)
    throw refuse(path, `says a header of ${found} bytes, at most ${mostHeaderBytes} are read`)
  }
  const dataStart = 8 + headerBytes
  if (dataStart > size)
    throw refuse(path, `says a header of ${headerBytes} bytes, but has ${size} bytes in all`)
  at = window.need(8, headerBytes)
  const header = parseHeader(window.bytes.subarray(at, at + headerBytes), path)
  const metadata = readMetadata(header['__metadata__'], path)
  const tensors = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => readTensor(name, entry, dataStart, path))
    .sort((a, b) => a.start - b.start || a.bytes - b.bytes)
  requireTiles(tensors, dataStart, size, path)
  return { tensors, metadata }
}

function parseHeader(bytes: Uint8Array, path: string): Readonly<Record<string, Json>> {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw refuse(path, 'has a header that is not UTF-8', cause)
  }
  try {
    const header = parseStrictJson(text)
    if (isRecord(header)) return header
  } catch (cause) {
    if (!(cause instanceof JsonFault)) throw cause
    throw refuse(path, `has ${cause.message} at character ${cause.at} of its header`, cause)
  }
  throw refuse(path, 'has a header that is no JSON object')
}

function isRecord(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readMetadata(value: Json | undefined, path: string): Readonly<Record<string, string>> {
  const metadata = Object.create(null) as Record<string, string>
  if (value === undefined || value === null) return metadata
  if (!isRecord(value)) throw refuse(path, 'has a `__metadata__` that is no JSON object')
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string')
      throw refuse(path, `has no text as the value of ${show(name)} in \`__metadata__\``)
    metadata[name] = text
  }
  return metadata
}

function readTensor(name: string, entry: Json, dataStart: number, path: string): TensorPlace {
  const wrong = (what: string): OneCopyError => refuse(path, `has ${what} at tensor ${show(name)}`)
  if (!isRecord(entry)) throw wrong('no JSON object')
  const { dtype, shape, data_offsets: offsets } = entry
  if (typeof dtype !== 'string') throw wrong('no dtype')
  const type = tensorTypes.get(dtype)
  if (type === undefined) throw wrong(`the unknown dtype ${show(dtype)}`)
  if (!isSizes(shape)) throw wrong('a shape that is no list of whole numbers from 0 on')
  if (shape.length > mostAxes)
    throw wrong(`${shape.length} axes, at most ${mostAxes} are supported,`)
  if (!isSizes(offsets) || offsets.length !== 2)
    throw wrong('`data_offsets` that are no two whole numbers from 0 on')
  if (type.form === 'complex' && shape.length === mostAxes)
    throw wrong(`${mostAxes} axes of complex numbers, at most ${mostAxes - 1} are supported,`)
  const [begin, end] = offsets as [number, number]
  // An axis of length 0 doesn't make the others right.
  const nonZero = shape.reduce((all, length) => all * Math.max(1, length), 1)
  if (nonZero >= mostElements)
    throw wrong(`the shape [${shape.join(', ')}], 2^50 elements or more,`)
  const count = shape.includes(0) ? 0 : nonZero
  if ((count * type.bits) % 8 !== 0)
    throw wrong(`${count} elements of ${type.bits} bits, no whole number of bytes,`)
  const bytes = (count * type.bits) / 8
  if (end - begin !== bytes)
    throw wrong(
      `\`data_offsets\` [${begin}, ${end}], expected ${bytes} bytes for ${dtype} of shape [${shape.join(', ')}],`,
    )
  return { name, type: dtype, shape, start: dataStart + begin, bytes }
}

function isSizes(value: Json | undefined): value is readonly number[] {
  return (
    Array.isArray(value) &&
    value.every((one) => Number.isSafeInteger(one) && one >= 0 && !Object.is(one, -0))
  )
}

function requireTiles(
  tensors: readonly TensorPlace[],
  dataStart: number,
  size: number,
  path: string,
): void {
  let stop = dataStart
  for (const { name, start, bytes } of tensors) {
    if (start !== stop) {
      throw refuse(
        path,
        `has the tensor ${show(name)} at byte ${start - dataStart} of its data, expected at byte ${stop - dataStart}, where the one before ends`,
      )
    }
    stop = start + bytes
  }
  if (stop !== size) {
    throw refuse(
      path,
      `has ${size - dataStart} bytes of data, expected ${stop - dataStart} as its header says. It ${size < stop ? 'was truncated or is still being written' : 'has bytes behind its tensors'}`,
    )
  }
}

function refuse(path: string, what: string, cause?: unknown): OneCopyError {
  return new OneCopyError('ERR_FORMAT', `Expected a .safetensors file, ${path} ${what}.`, {
    ...(cause !== undefined && { cause }),
    details: { path },
  })
}

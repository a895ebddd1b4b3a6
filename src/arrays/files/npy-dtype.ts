/** Names of element types in .npy files. */

import { endianness } from 'node:os'
import { OneCopyError } from '../../errors.ts'
import { type DType, itemSize } from '../layout/dtype.ts'

/** How the elements of a file are stored, and the dtype that computes with them. */
export interface StoredType {
  /** The dtype of the elements, or of their parts, in memory. */
  readonly dtype: DType
  /** Bytes of one stored element. */
  readonly bytes: number
  /** Whether the bytes of an element lie the other way round than on this machine. */
  readonly isSwapped: boolean
  /** `half`: float16, stored in 2 bytes; `complex`: real and imaginary part. */
  readonly form: 'plain' | 'half' | 'complex'
}

const codes: Record<string, Pick<StoredType, 'dtype' | 'form'>> = {
  b1: { dtype: 'bool', form: 'plain' },
  i1: { dtype: 'int8', form: 'plain' },
  i2: { dtype: 'int16', form: 'plain' },
  i4: { dtype: 'int32', form: 'plain' },
  i8: { dtype: 'int64', form: 'plain' },
  u1: { dtype: 'uint8', form: 'plain' },
  u2: { dtype: 'uint16', form: 'plain' },
  u4: { dtype: 'uint32', form: 'plain' },
  u8: { dtype: 'uint64', form: 'plain' },
  f2: { dtype: 'float32', form: 'half' },
  f4: { dtype: 'float32', form: 'plain' },
  f8: { dtype: 'float64', form: 'plain' },
  c8: { dtype: 'float32', form: 'complex' },
  c16: { dtype: 'float64', form: 'complex' },
}

/** NumPy's other names, which it reads but never writes. */
const otherNames: Record<string, string> = {
  '?': 'b1',
  bool: 'b1',
  b: 'i1',
  B: 'u1',
  h: 'i2',
  H: 'u2',
  i: 'i4',
  I: 'u4',
  q: 'i8',
  Q: 'u8',
  e: 'f2',
  f: 'f4',
  d: 'f8',
  F: 'c8',
  D: 'c16',
  int8: 'i1',
  int16: 'i2',
  int32: 'i4',
  int64: 'i8',
  uint8: 'u1',
  uint16: 'u2',
  uint32: 'u4',
  uint64: 'u8',
  float16: 'f2',
  float32: 'f4',
  float64: 'f8',
  complex64: 'c8',
  complex128: 'c16',
}

const nativeOrder = endianness() === 'LE' ? '<' : '>'

/**
 * Reads the element type of a .npy file.
 *
 * @param descr - as in the header, such as `<f8`; also without an order or as a name, as NumPy takes it
 * @param called - what error texts call the file
 * @throws OneCopyError `ERR_DTYPE` for text, dates, long doubles and other types without a dtype
 */
export function parseDescr(descr: string, called = 'the file'): StoredType {
  const [, order, name] = /^([<>|=]?)(.*)$/s.exec(descr)!
  const code = Object.hasOwn(otherNames, name!) ? otherNames[name!]! : name!
  const type = Object.hasOwn(codes, code) ? codes[code] : undefined
  const bytes = Number(code.slice(1))
  if (type === undefined) {
    throw new OneCopyError(
      'ERR_DTYPE',
      `Expected elements of a numeric type, ${called} holds '${descr}'. Convert it with NumPy's astype().`,
      { details: { descr } },
    )
  }
  return { ...type, bytes, isSwapped: bytes > 1 && order === (nativeOrder === '<' ? '>' : '<') }
}

/** The name of a dtype in .npy files, in this machine's byte order. */
export function formatDescr(dtype: DType): string {
  const bytes = itemSize(dtype)
  const code = Object.keys(codes).find(
    (name) => codes[name]!.dtype === dtype && codes[name]!.form === 'plain',
  )!
  return `${bytes === 1 ? '|' : nativeOrder}${code}`
}

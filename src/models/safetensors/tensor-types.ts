/** Element types of .safetensors files. */

import type { DType } from '../../arrays/index.ts'

/** How elements of a type are stored and opened. */
export interface TensorType {
  /** Bits of one element. */
  readonly bits: number
  /** The dtype that they are opened as; undefined for types without one. */
  readonly dtype?: DType
  /** How they get there, where they are not used as they are: `complex` gets a last axis of 2. */
  readonly form?: 'half' | 'brain' | 'complex'
}

/** All types, in the order by which the reference writer sorts tensors: the last one first. */
export const tensorTypes: ReadonlyMap<string, TensorType> = new Map<string, TensorType>([
  ['BOOL', { bits: 8, dtype: 'bool' }],
  ['F4', { bits: 4 }],
  ['F6_E2M3', { bits: 6 }],
  ['F6_E3M2', { bits: 6 }],
  ['U8', { bits: 8, dtype: 'uint8' }],
  ['I8', { bits: 8, dtype: 'int8' }],
  ['F8_E5M2', { bits: 8 }],
  ['F8_E4M3', { bits: 8 }],
  ['F8_E8M0', { bits: 8 }],
  ['F8_E4M3FNUZ', { bits: 8 }],
  ['F8_E5M2FNUZ', { bits: 8 }],
  ['I16', { bits: 16, dtype: 'int16' }],
  ['U16', { bits: 16, dtype: 'uint16' }],
  ['F16', { bits: 16, dtype: 'float32', form: 'half' }],
  ['BF16', { bits: 16, dtype: 'float32', form: 'brain' }],
  ['I32', { bits: 32, dtype: 'int32' }],
  ['U32', { bits: 32, dtype: 'uint32' }],
  ['F32', { bits: 32, dtype: 'float32' }],
  ['C64', { bits: 64, dtype: 'float32', form: 'complex' }],
  ['F64', { bits: 64, dtype: 'float64' }],
  ['I64', { bits: 64, dtype: 'int64' }],
  ['U64', { bits: 64, dtype: 'uint64' }],
])

/** The type that elements of a dtype are written as. */
export function tensorTypeOf(dtype: DType): string {
  for (const [name, type] of tensorTypes)
    if (type.dtype === dtype && type.form === undefined) return name
  throw new TypeError(`No tensor type for ${dtype}.`)
}

/** Place of a type in the order of the reference writer. */
export function rankOf(name: string): number {
  return [...tensorTypes.keys()].indexOf(name)
}

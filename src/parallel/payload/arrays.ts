/** How arrays travel: by reference, moved, or as a copy. */

import { isSharedArrayBuffer } from 'node:util/types'
// As a namespace: a Node too old to have this name must get as far as saying so.
import * as workerThreads from 'node:worker_threads'
import {
  type ArrayReference,
  decodeReference,
  encodeReference,
  mappingOf,
  NDArray,
  share,
  type TypedArrayOf,
} from '../../arrays/index.ts'
import { type ArrayMark, markKey, type TypedArrayMark } from './marks.ts'
import { Unsendable } from './unsendable.ts'

/** What becomes of arrays in private memory. */
export interface ArrayRules {
  /** Arrays of at least this size are not cloned; null: all are. */
  readonly maxBytes: number | null
  /** Whether the receiver is in this process, so that memory can be moved there. */
  readonly sameProcess: boolean
  /** Puts a large private array into scratch memory that its owner keeps. Without it, memory is given away. */
  readonly lend?: ((array: NDArray) => NDArray) | undefined
}

/** What must go along with a value. */
export interface Cargo {
  /** Arrays that the value refers to. */
  readonly kept: NDArray[]
  /** Buffers to move. */
  readonly transfer: ArrayBuffer[]
}

/** Any typed array, or a Node buffer. */
export type TypedArray = NodeJS.TypedArray

interface TypedArrayMaker {
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArrayOf
}

/** An NDArray as a mark: a reference where that is possible, else its elements. */
export function encodeNDArray(array: NDArray, rules: ArrayRules, cargo: Cargo): ArrayMark {
  requireSendable(array, array.buffer, rules)
  const reference = refer(array, rules, cargo)
  if (reference !== undefined) return { [markKey]: 'array', reference }
  const { dtype, shape } = array
  if (stays(array.buffer) || moves(array, rules, cargo)) {
    const { data, strides, offset } = array
    return { [markKey]: 'private', dtype, data, shape, strides, offset }
  }
  // A broadcast view keeps its few elements; of a small part of a large buffer only that part goes.
  const isWhole = array.data.byteLength <= array.nbytes
  const { data, strides, offset } = isWhole ? array : array.copy()
  return {
    [markKey]: 'private',
    dtype,
    data: isWhole ? data.slice() : data,
    shape,
    strides,
    offset,
  }
}

/** A typed array or Node buffer: a mark, or what structured clone carries well. */
export function encodeTypedArray(array: TypedArray, rules: ArrayRules, cargo: Cargo): unknown {
  const { buffer, byteOffset, byteLength } = array
  requireSendable(array, buffer, rules)
  const mapping = mappingOf(buffer)
  const place = { offset: byteOffset, mapping }
  const bytes = new NDArray('uint8', new Uint8Array(buffer), [byteLength], place)
  const reference = refer(bytes, rules, cargo)
  const type = Buffer.isBuffer(array) ? 'Buffer' : array[Symbol.toStringTag]
  if (reference !== undefined) return { [markKey]: 'typed', type, reference }
  const isWhole = stays(buffer) || moves(bytes, rules, cargo)
  if (type !== 'Buffer') return isWhole ? array : array.slice()
  const view = new Uint8Array(buffer, byteOffset, byteLength)
  return { [markKey]: 'buffer', bytes: isWhole ? view : view.slice() }
}

/** Makes the array of a mark; those by reference see the sender's memory. */
export function decodeArray(mark: ArrayMark): NDArray {
  if (mark[markKey] === 'array') return decodeReference(mark.reference)
  const { dtype, data, shape, strides, offset } = mark
  return new NDArray(dtype, data, shape, { strides, offset })
}

/** Makes the typed array or Node buffer of a mark. */
export function decodeTypedArray(mark: TypedArrayMark): TypedArray {
  if (mark[markKey] === 'buffer') {
    const { buffer, byteOffset, byteLength } = mark.bytes
    return Buffer.from(buffer, byteOffset, byteLength)
  }
  const { buffer, offset, size } = decodeReference(mark.reference)
  if (mark.type === 'Buffer') return Buffer.from(buffer as ArrayBuffer, offset, size)
  const { [mark.type]: maker } = globalThis as unknown as Record<string, TypedArrayMaker>
  return new maker!(buffer, offset, size / maker!.BYTES_PER_ELEMENT)
}

/** A reference to the array's mapping, or to a scratch copy when the array is large. */
function refer(array: NDArray, rules: ArrayRules, cargo: Cargo): ArrayReference | undefined {
  const { mapping } = array
  // What is copy-on-write here is so there: nobody's writes are seen by anybody else.
  const reference = mapping && encodeReference(array, { copyOnWrite: mapping.mode === 'c' })
  if (reference !== undefined) {
    cargo.kept.push(array)
    return reference
  }
  const scratch = isLarge(array, rules) ? copyToScratch(array, rules) : undefined
  if (scratch === undefined) return undefined
  cargo.kept.push(scratch)
  return encodeReference(scratch, { copyOnWrite: rules.lend !== undefined })
}

/** Undefined when the memory itself can go. */
function copyToScratch(array: NDArray, { lend, sameProcess }: ArrayRules): NDArray | undefined {
  if (array.mapping !== undefined) return share(array) // it has private writes
  if (stays(array.buffer)) return undefined
  return lend === undefined ? (sameProcess ? undefined : share(array)) : lend(array)
}

function isLarge({ nbytes }: NDArray, { maxBytes }: ArrayRules): boolean {
  return maxBytes !== null && nbytes >= maxBytes
}

/** Whether the memory is shared with the receiver's thread as it is. */
function stays(buffer: ArrayBufferLike): boolean {
  return isSharedArrayBuffer(buffer) && mappingOf(buffer) === undefined
}

/** Moves a large result's memory to the receiver, unless it is a small part of its buffer. */
function moves(array: NDArray, rules: ArrayRules, { transfer }: Cargo): boolean {
  const { buffer, nbytes } = array
  if (rules.lend !== undefined || !rules.sameProcess || !isLarge(array, rules)) return false
  if (!(buffer instanceof ArrayBuffer) || array.mapping !== undefined) return false
  if (nbytes < buffer.byteLength / 2 || workerThreads.isMarkedAsUntransferable(buffer)) return false
  if (!transfer.includes(buffer)) transfer.push(buffer)
  return true
}

function requireSendable(
  array: object,
  buffer: ArrayBufferLike,
  { sameProcess }: ArrayRules,
): void {
  if (buffer instanceof ArrayBuffer && buffer.detached) {
    throw new Unsendable(
      array,
      'its memory was moved away, for example as the result of an earlier task. Return a copy of an array that you keep.',
    )
  }
  if (!sameProcess && stays(buffer)) throw new Unsendable(array, sharedBufferReason)
}

/** Why a SharedArrayBuffer of the language's own does not go to another process. */
export const sharedBufferReason =
  'a SharedArrayBuffer can not be shared with another process. Make the array by shared(dtype, shape).'

/** Encodes arrays: as references, or as copies. */

import { isSharedArrayBuffer } from 'node:util/types'
import {
  type ArrayReference,
  decodeReference,
  encodeReference,
  NDArray,
  type TypedArrayOf,
} from '../../arrays/index.ts'
import {
  bytesOf,
  decodePlain,
  holdMapping,
  holdPages,
  isExclusive,
  type Mapping,
  mappingOf,
  Snapshot,
} from '../../arrays/internal.ts'
import { isOneCopyError } from '../../errors.ts'
import type { Held, Hold } from './holds.ts'
import type { SharedCopy } from './shared-copies.ts'
import {
  type ArrayPlaceholder,
  placeholderKey,
  type TypedArrayPlaceholder,
} from './placeholders.ts'
import { Unsendable } from './unsendable.ts'

/** What becomes of arrays. */
export interface ArrayRules {
  /**
   * Private arrays of at least this many bytes go as a reference to a shared copy; null: none, so that the receiver
   * sees all of them as private memory.
   */
  readonly shareFromBytes: number | null
  /** Whether the receiver is in this process, so that a SharedArrayBuffer can be shared with it. */
  readonly sameProcess: boolean
  /** Shares a copy of a large private array. Without it a copy is given away for good: a result. */
  readonly share?: ((array: NDArray) => SharedCopy) | undefined
  /**
   * Whether what the value refers to includes the pages of shared arrays: they are freed after the message has served its
   * purpose, even if their owner disposes of the array before.
   */
  readonly holdsPages?: boolean
  /** Notes an exclusive view as an output of the task. */
  readonly enterOutput?: ((view: NDArray) => Hold) | undefined
}

/** What must go along with a value. */
export interface Cargo {
  /** What the value refers to. */
  readonly kept: Held[]
  /** Copies made for this message, by what they are of: views of one buffer share one. */
  copies?: Map<ArrayBufferLike, Snapshot>
  /** What views of a buffer that follow lie on: a clone of it, or null for the same shared copy. */
  wholes?: Map<ArrayBufferLike, ArrayBuffer | null>
}

/** Any typed array, or a Node buffer. */
export type TypedArray = NodeJS.TypedArray

interface TypedArrayMaker {
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArrayOf
}

/** An NDArray as a placeholder: a reference where that is possible, else its elements. */
export function encodeNDArray(array: NDArray, rules: ArrayRules, cargo: Cargo): ArrayPlaceholder {
  requireSendable(array, array.buffer, rules)
  if (rules.enterOutput !== undefined && isExclusive(array))
    cargo.kept.push(rules.enterOutput(array))
  const sent = refer(array, rules, cargo)
  if (sent !== undefined) return { [placeholderKey]: 'array', ...sent }
  const { dtype, shape } = array
  if (stays(array.buffer)) {
    const { data, strides, offset } = array
    return { [placeholderKey]: 'private', dtype, data, shape, strides, offset }
  }
  // A broadcast view keeps its few elements; of a small part of a large buffer only that part goes.
  const isWhole = array.data.byteLength <= array.nbytes || hasClone(array.buffer, cargo)
  const { data, strides, offset } = isWhole ? array : array.copy()
  return {
    [placeholderKey]: 'private',
    dtype,
    data: isWhole ? cloneView(data, cargo) : data,
    shape,
    strides,
    offset,
  }
}

/** A typed array or Node buffer: a placeholder, or what structured clone carries well. */
export function encodeTypedArray(array: TypedArray, rules: ArrayRules, cargo: Cargo): unknown {
  const { buffer, byteOffset, byteLength } = array
  requireSendable(array, buffer, rules)
  const mapping = mappingOf(buffer)
  const place = { offset: byteOffset, mapping }
  const bytes = new NDArray([byteLength], 'uint8', new Uint8Array(buffer), place)
  const sent = refer(bytes, rules, cargo)
  const type = Buffer.isBuffer(array) ? 'Buffer' : array[Symbol.toStringTag]
  if (sent !== undefined) return { [placeholderKey]: 'typed', type, ...sent }
  const isKept = stays(buffer)
  if (type !== 'Buffer') return isKept ? array : cloneView(array, cargo)
  const view = new Uint8Array(buffer, byteOffset, byteLength)
  return { [placeholderKey]: 'buffer', bytes: isKept ? view : cloneView(view, cargo) }
}

/** Copies an ArrayBuffer. Views of it that follow in the message lie on the copy, whatever their size. */
export function encodeBuffer(buffer: ArrayBuffer, rules: ArrayRules, cargo: Cargo): ArrayBuffer {
  requireSendable(buffer, buffer, rules)
  return cloneBuffer(buffer, cargo)
}

/** A copy of a view: of all its buffer when the view covers it or it goes anyway, else of its own bytes. */
export function cloneView<T extends TypedArray | DataView>(view: T, cargo: Cargo): T {
  const { buffer, byteOffset, byteLength } = view
  const isWhole = byteLength === buffer.byteLength || hasClone(buffer, cargo)
  const clone = isWhole ? cloneBuffer(buffer, cargo) : cloneBytes(buffer, byteOffset, byteLength)
  const start = isWhole ? byteOffset : 0
  if (view instanceof DataView) return new DataView(clone, start, byteLength) as T
  const maker = view.constructor as TypedArrayMaker
  return new maker(clone, start, view.length) as T
}

function cloneBuffer(buffer: ArrayBufferLike, cargo: Cargo): ArrayBuffer {
  const clone = cargo.wholes?.get(buffer) ?? cloneBytes(buffer, 0, buffer.byteLength)
  setWhole(buffer, clone, cargo)
  return clone
}

/** Never a SharedArrayBuffer, whatever the memory is. */
function cloneBytes(buffer: ArrayBufferLike, start: number, length: number): ArrayBuffer {
  return new Uint8Array(new Uint8Array(buffer, start, length)).buffer
}

function setWhole(buffer: ArrayBufferLike, clone: ArrayBuffer | null, cargo: Cargo): void {
  cargo.wholes ??= new Map<ArrayBufferLike, ArrayBuffer | null>()
  cargo.wholes.set(buffer, clone)
}

/** Whether all of a buffer is part of the message. */
function hasClone(buffer: ArrayBufferLike, { wholes }: Cargo): boolean {
  return wholes?.get(buffer) instanceof ArrayBuffer
}

/** Makes the array of a placeholder; those by reference see the sender's memory. */
export function decodeArray(placeholder: ArrayPlaceholder): NDArray {
  if (placeholder[placeholderKey] === 'array') return open(placeholder)
  const { dtype, data, shape, strides, offset } = placeholder
  return new NDArray(shape, dtype, data, { strides, offset })
}

/** Makes the typed array or Node buffer of a placeholder. */
export function decodeTypedArray(placeholder: TypedArrayPlaceholder): TypedArray {
  if (placeholder[placeholderKey] === 'buffer') {
    const { buffer, byteOffset, byteLength } = placeholder.bytes
    return Buffer.from(buffer, byteOffset, byteLength)
  }
  const { buffer, offset, size } = open(placeholder)
  if (placeholder.type === 'Buffer') return Buffer.from(buffer as ArrayBuffer, offset, size)
  const { [placeholder.type]: maker } = globalThis as unknown as Record<string, TypedArrayMaker>
  return new maker!(buffer, offset, size / maker!.BYTES_PER_ELEMENT)
}

function open({ reference, isPlain }: Sent): NDArray {
  return isPlain ? decodePlain(reference) : decodeReference(reference)
}

/** An array by reference, and whether it is private memory to its receiver. */
interface Sent {
  readonly reference: ArrayReference
  readonly isPlain: boolean
}

/** A reference to the array's own mapping, or to a copy of it when it is large. */
function refer(array: NDArray, rules: ArrayRules, cargo: Cargo): Sent | undefined {
  const { mapping } = array
  // In arguments, what is copy-on-write here is so there: nobody's writes are seen by anybody else.
  const isResult = rules.share === undefined
  const use = isResult ? { given: true } : { copyOnWrite: mapping?.mode === 'c' }
  const isKept = mapping !== undefined && !(isResult && isCopyOfPrivate(mapping))
  const reference = isKept ? encodeReference(array, use) : undefined
  if (reference !== undefined) {
    // The task's arguments are kept by their task; a result should be free to be collected young.
    cargo.kept.push(isResult ? holdMapping(mapping!) : array)
    if (rules.holdsPages === true && mapping!.kind === 'scratch')
      cargo.kept.push(holdPages(mapping!))
    return { reference, isPlain: false }
  }
  if (stays(array.buffer) || hasClone(array.buffer, cargo)) return undefined
  const isShared = cargo.wholes?.get(array.buffer) === null
  if (!isShared && !isLarge(array, rules)) return undefined
  const isPlain = rules.shareFromBytes === null
  if (rules.share === undefined) {
    const given = giveCopy(array, cargo)
    if (given !== undefined) setWhole(array.buffer, null, cargo)
    return given && { reference: given, isPlain }
  }
  const copy = rules.share(array)
  cargo.kept.push(copy.hold)
  setWhole(array.buffer, null, cargo)
  return { reference: copy.reference, isPlain }
}

/** Whether memory is the pool's copy of a private argument. A result on it is copied, whatever its size. */
function isCopyOfPrivate({ kind, mode }: Mapping): boolean {
  return kind === 'scratch' && mode === 'c'
}

/** Undefined when there is no room for a copy, or no descriptor left: then it must be cloned. */
function giveCopy(array: NDArray, cargo: Cargo): ArrayReference | undefined {
  const range = bytesOf(array)
  // Of a view with wide gaps only the elements go.
  if (range[1] - range[0] > 2 * array.nbytes) return giveCopy(array.copy(), cargo)
  try {
    const copies = (cargo.copies ??= new Map<ArrayBufferLike, Snapshot>())
    let copy = copies.get(array.buffer)
    if (copy === undefined) {
      copy = new Snapshot(array.buffer)
      copies.set(array.buffer, copy)
      cargo.kept.push(copy)
    }
    copy.copy(array.buffer, range)
    return copy.refer(array, 'given')
  } catch (error) {
    if (isOneCopyError(error) && error.code === 'ERR_MEMORY') return undefined
    throw error
  }
}

/** Larger private arrays are never part of a message, which would take several copies of them. */
const mostBytesInMessage = 2 ** 20

function isLarge({ nbytes }: NDArray, { shareFromBytes }: ArrayRules): boolean {
  return nbytes >= (shareFromBytes ?? mostBytesInMessage)
}

/** Whether the memory is shared with the receiver's thread as it is. */
function stays(buffer: ArrayBufferLike): boolean {
  return isSharedArrayBuffer(buffer) && mappingOf(buffer) === undefined
}

function requireSendable(
  array: object,
  buffer: ArrayBufferLike,
  { sameProcess }: ArrayRules,
): void {
  if (buffer instanceof ArrayBuffer && buffer.detached) {
    throw new Unsendable(
      array,
      'its memory was transferred, by transfer() or in a message. Send a copy, or transfer a copy.',
    )
  }
  if (mappingOf(buffer)?.isGone === true) {
    throw new Unsendable(
      array,
      'its memory was freed by [Symbol.dispose](). Dispose of a shared array after its last use.',
    )
  }
  if (!sameProcess && stays(buffer)) throw new Unsendable(array, sharedBufferReason)
}

/** Why a SharedArrayBuffer of the language's own does not go to another process. */
export const sharedBufferReason =
  'a SharedArrayBuffer can not be shared with another process. Create the array with shared(shape, dtype).'
